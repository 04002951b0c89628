"""What the grown members of a demo household work at, want and learn. Pure, seeded.

Most are in order; some lost work, some wait for a training or its subsidy, so that the rules find something.
"""

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from api.cli.demo import names
from api.cli.demo.circumstances import Circumstances, Thing
from core.spans import age_on

_NAMESPACE = uuid.UUID("7b0f1f5e-2a1d-5c0b-9a55-0d9a0f2c6f11")
_ASKED = range(16, 72)  # who is a little over seventy now was asked before
_STATES = {"unit": "1", "flexible": "2", "own_business": "3", "public_post": "4", "farming": "5"}
_PROFILES = (
    ("unit",) * 7
    + ("flexible",) * 3
    + ("own_business", "public_post", "public_post", "farming", "farming", None)
)
_FIRMS = (
    "杭锦旗绿洲养殖合作社",
    "鄂尔多斯某煤矿",
    "独贵塔拉工业园区物业公司",
    "锡尼镇某饭馆",
    "东胜区某家具厂",
)
_COURSES = ("电焊", "挖掘机驾驶", "中式烹饪", "家政服务", "刺绣")
_HIRED = frozenset({"unit", "flexible", "public_post"})
_WAGES = 18_000
_DISAGREE = 0.1
_FUNCTIONING = ("seeing", "hearing", "walking", "remembering", "self_care", "communicating")


class _Life:
    """Makes the working life of one member."""

    def __init__(
        self, rng: random.Random, person: str, move_in: date, today: date, of: Circumstances
    ) -> None:
        self.rng, self.person, self.move_in, self.today, self.of = rng, person, move_in, today, of
        of.spells["job"] = []

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.rng.randrange(max(1, (last - first).days)))

    def key(self, *which: object) -> str:
        return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, (self.person, *which)))))

    def thing(self, kind: str, *which: object) -> Thing:
        made = Thing(kind, self.key(kind, *which))
        self.of.things.append(made)
        return made

    def job(self, kind: str, start: date, end: date | None, **fields: Any) -> None:
        spell = {
            "key": self.key("job", start),
            "start": start.isoformat(),
            "kind": kind,
            "evidence": "self_report",
        }
        spell |= {"employer": "自己", "where": "county", "place": names.BANNER, **fields}
        if end is not None:
            spell["end"] = end.isoformat()
        self.of.spells["job"].append(spell)


def livelihoods(
    seed: int,
    registry_no: str,
    move_in: date,
    members: Mapping[str, Mapping[str, Any]],
    around: Circumstances,
    today: date,
) -> None:
    """Add to a household's circumstances what its members from sixteen to sixty-nine live by.

    Args:
        seed: of the district.
        registry_no: of the household: the same household gets the same lives.
        move_in: day of moving in.
        members: facts of the members by id.
        around: the circumstances; those of persons are changed.
        today: the day before which everything happens.
    """
    rng = random.Random(f"{seed}/{registry_no}/work")
    for person, known in members.items():
        age = age_on(date.fromisoformat(known["birth_date"]), today)
        if age in _ASKED:
            of = around.persons.setdefault(person, Circumstances())
            _grown(_Life(rng, person, move_in, today, of), known, age)
    hired = any(job["kind"] in _HIRED for of in around.persons.values() for job in of.spells.get("job", ()))
    wages = around.facts.get("income.wage", 0)
    if bool(wages) != hired and not rng.random() < _DISAGREE:
        around.facts["income.wage"] = _WAGES if hired else 0


def _grown(life: _Life, known: Mapping[str, Any], age: int) -> None:
    facts = life.of.facts
    healthy = known["health"] == ["healthy"]
    facts |= {f"wg.{name}": "1" for name in _FUNCTIONING}
    if "disabled" in known["health"]:
        facts["wg.walking"] = "3"
    if healthy and known["skill_class"] == "weak":
        facts["skill_class"] = "ordinary"
    skill = facts.get("skill_class", known["skill_class"])
    facts["skill_certificate"] = "5" if skill == "skilled" and life.chance(0.6) else "none"
    facts["hard_to_employ"] = "none"
    facts["in_school"] = "senior_2" if age < 18 else "none"
    if age < 18 or skill == "none":
        facts["admin_status"] = "9" if age < 18 else "10"
        return
    facts["work_willing"] = "2" if life.chance(0.08) else "1"
    facts["train_willing"] = life.rng.choice("1122229")
    facts["startup.wants"] = "yes" if life.chance(0.1) else "no"
    facts |= {
        "startup.conditions": "yes",
        "startup.trained": life.rng.choice(("yes", "no")),
        "startup.policies": ["none"],
    }
    facts |= {
        "work.wanted_place": "county",
        "work.wanted_pay": 3000,
        "work.wanted_kind": "附近的活",
        "work.arrears": "no",
    }
    facts |= {
        "train.wanted_course": life.rng.choice(_COURSES),
        "train.wanted_time": "冬天",
        "work.reason_not": "5",
    }
    _jobs(life)
    if facts["train_willing"] == "1":
        _training(life)


def _jobs(life: _Life) -> None:
    rng, move_in, today = life.rng, life.move_in, life.today
    if life.chance(0.6):
        life.job(
            "farming", date(move_in.year - 9, 4, 1), move_in, status="22", hours_week=50,
            for_sale=rng.choice(("yes", "no")),
        )  # fmt: skip
    kind = rng.choice(_PROFILES)
    start = life.day(move_in + timedelta(days=10), move_in + timedelta(days=150))
    if kind is None or start >= today:
        return
    lost = (
        life.day(max(start, today - timedelta(days=200)), today - timedelta(days=20))
        if life.chance(0.12)
        else None
    )
    fields: dict[str, Any] = {
        "hours_week": rng.choice((40, 48, 56)),
        "pay_month": rng.randrange(20, 60) * 100,
    }
    if kind == "farming":
        life.job(kind, start, None, status="22", hours_week=50, for_sale=rng.choice(("yes", "no")))
        return
    if kind == "own_business":
        fields |= {
            "occupation": "4",
            "industry": "F",
            "status": "22",
            "channel": "own_business",
            "licensed": "yes",
        }
    else:
        fields |= _hired(life, kind, start)
    life.job(kind, start, lost, **fields)
    if lost is not None:
        _loss(life, lost)


def _hired(life: _Life, kind: str, start: date) -> dict[str, Any]:
    rng = life.rng
    written = kind == "public_post" or (kind == "unit" and life.chance(0.7))
    fields: dict[str, Any] = {
        "employer": rng.choice(_FIRMS), "occupation": rng.choice("46"), "industry": rng.choice("BCEHN"),
        "status": "42" if written else "43", "channel": rng.choice(("local", "away", "workshop")),
        "contract": "written" if written else rng.choice(("none", "oral")),
    }  # fmt: skip
    if written:
        fields["contract_end"] = (start + timedelta(days=rng.randrange(800, 1500))).isoformat()
    if kind == "public_post":
        fields |= {"employer": "社区", "channel": "public_post", "post": rng.choice(("cleaning", "forest"))}
        fields |= {"hours_week": 24, "pay_month": 1000}
    elif life.chance(0.3):
        fields |= {"where": "city", "place": "150602"}
    if kind != "flexible":
        fields["employer_insures"] = "yes" if life.chance(0.85) else "no"
    return fields


def _loss(life: _Life, lost: date) -> None:
    registered, helped = life.chance(0.7), life.chance(0.6)
    life.thing("job_loss", lost).then(
        lost + timedelta(days=1), lost_on=lost, registered="yes" if registered else "no",
        registered_on=lost + timedelta(days=1) if registered else None, helped="yes" if helped else "no",
        help=["1"] if helped else None, helped_on=lost + timedelta(days=1) if helped else None,
    )  # fmt: skip
    if life.chance(0.3):
        recognised = (lost + timedelta(days=1)).isoformat()
        offered = "no" if life.chance(0.5) else "yes"
        life.of.facts |= {
            "hard_to_employ": "older",
            "hard_to_employ.recognised_on": recognised,
            "public_post.offered": offered,
        }


def _training(life: _Life) -> None:
    if life.chance(0.75):
        end = life.day(life.move_in + timedelta(days=20), life.move_in + timedelta(days=330))
        due = life.rng.choice((0, 600, 800))
        life.thing("training").then(
            end, course=life.rng.choice(_COURSES), skills="yes", mode="classes", start=end - timedelta(days=5), end=end,
            completed="yes", hours=life.rng.choice((40, 56, 80)), certificate="yes", subsidy_due=due,
            subsidy_paid=due if life.chance(0.85) else 0,
        )  # fmt: skip
    if life.chance(0.7):
        for year in range(life.move_in.year, life.today.year + 1):
            life.thing("training_plan", year).then(
                date(year, 2, 20), year=year, course=life.rng.choice(_COURSES)
            )


def standing(
    facts: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]], on: date, *, registered: bool
) -> dict[str, Any]:
    """Return what a person says of their work on a day, as their jobs up to it make it.

    Args:
        facts: the person's facts; whoever is in school or unable to work says nothing of jobs.
        jobs: the person's jobs.
        on: the day.
        registered: a loss of work was registered.
    """
    if "work_willing" not in facts:
        return {"work.now": "no"}
    day = on.isoformat()
    now = [job for job in jobs if job["start"] <= day <= job.get("end", "9999")]
    paid = [job for job in now if job["kind"] != "farming" or job["for_sale"] == "yes"]
    out = "8" if facts["work_willing"] == "2" else "6" if registered else "7"
    told = {
        "admin_status": _STATES[now[-1]["kind"]] if now else out,
        "work.now": "yes" if any(job["kind"] != "farming" for job in now) else "no",
        "icls.worked": "yes" if paid else "no", "icls.absent": "no",
        "icls.own_use": "yes" if now and not paid else "no",
        "icls.sought": "yes" if not now and out != "8" else "no",
        "icls.available": "yes" if not now and out != "8" else "no",
        "work.months12": _months(jobs, on), "work.hours_week": 40,
    }  # fmt: skip
    if now and "pay_month" in now[-1]:
        told["work.pay_month"] = now[-1]["pay_month"]
    return told


def _months(jobs: Sequence[Mapping[str, Any]], on: date) -> int:
    first = on - timedelta(days=364)
    days = 0
    for job in jobs:
        if job["kind"] != "farming" or job["for_sale"] == "yes":
            start = max(first, date.fromisoformat(job["start"]))
            end = min(on, date.fromisoformat(job.get("end", "9999-12-31")))
            days += max(0, (end - start).days + 1)
    return min(12, -(-days * 12 // 365))
