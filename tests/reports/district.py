"""A demo district: what each household said, when, and when it was received. Always the same, and plain data.

Each household has a habit (an index into short lists), so what it says is known without any rule of the ledger. Three
months, one visit each at most; some interviews arrive after the month's report was frozen.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zlib import crc32

MONTHS = ("2023-03", "2023-04", "2023-05")
PLACES = (
    ("150625100201", "锡尼镇安置点"),
    ("150625100202", "锡尼镇安置点"),
    ("150625101201", "巴拉贡安置点"),
    ("150625102201", "独贵塔拉安置点"),
)
MOVES = ("2018-03-01", "2020-08-10", "2022-04-10", "2022-06-20")
Answers = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What a household said on a day, and when that was received; without answers: nobody was at home."""

    household: str
    said_on: date
    received: datetime
    answers: Answers | None


@dataclass(frozen=True)
class Home:
    """A household: its habit decides what it says each month."""

    id: str
    number: int
    region: str
    site: str
    kind: str
    move_in: str

    def pick(self, what: str, *values: Any) -> Any:
        """Return one of some values, always the same for this household and matter."""
        return values[crc32(f"{self.number}/{what}".encode()) % len(values)]

    def person(self, who: str) -> str:
        """Return the id of a member."""
        return f"{self.id[:-4]}{['head', 'spou', 'chil', 'elde'].index(who[:4]):04x}"


def homes(count: int) -> list[Home]:
    """Return the households of the district."""
    made = []
    for number in range(count):
        region, site = PLACES[number % len(PLACES)]
        kind = "accompanying" if number % 5 == 0 else "registered_poor"
        move = MOVES[(number // 4) % len(MOVES)]
        made.append(Home(f"0190a000-{number:04x}-7000-8000-00000000ffff", number, region, site, kind, move))
    return made


# --- what is said


def _job(home: Home, who: str) -> Answers:
    habit = home.pick(f"job/{who}", "stable", "stable", "casual", "none", "none", "untold")
    kept = {"p": home.pick(f"willing/{who}", "1", "1", "1", "2", "9", None)}
    told: Answers = {"work_willing": kept["p"]}
    if habit == "untold":
        return told
    at_work = habit in {"stable", "casual"}
    seeks = "yes" if home.pick(f"seeks/{who}", True, False) and not at_work else "no"
    told |= {
        "admin_status": {"stable": "1", "casual": "2", "none": "7"}[habit],
        "work_months12": {"stable": 10, "casual": 2, "none": 0}[habit],
        "icls_worked": "yes" if at_work else "no", "icls_absent": "no",
        "icls_sought": seeks, "icls_available": seeks,
        "job_now": "yes" if at_work else "no",
    }  # fmt: skip
    if at_work:
        stable = habit == "stable"
        told["jobs"] = [
            {
                "key": f"job-{who}", "start": "2022-05-01" if stable else "2023-02-10", "hours_week": 40,
                "contract": "written" if stable else "oral", "kind": "unit" if stable else "flexible",
                "where": home.pick(f"where/{who}", "county", "city", None),
                "channel": home.pick(f"channel/{who}", "local", "away", None),
            }
        ]  # fmt: skip
    return told


def _medical(home: Home, who: str) -> Answers:
    habit = home.pick(f"medical/{who}", *["covered"] * 5, "twice", "lapsed", "never", "untold", "unknown")
    if habit == "untold":
        return {}
    if habit == "unknown":
        return {"medical_now": "unknown"}
    if habit == "never":
        return {"medical_now": "no", "medical_from": "2014-01-01"}
    payer = home.pick(f"payer/{who}", "gov_full", "gov_part", "self", None)
    if habit == "lapsed":
        spell = {"key": f"m-{who}", "scheme": "emp", "start": "2021-01-01", "end": "2022-09-30"}
        return {"medical_now": "no", "medical_from": "2021-01-01", "medical": [spell]}
    paid: Answers = {
        "key": f"m-{who}", "scheme": "res", "start": "2023-01-01", "end": "2023-12-31", "paid_on": "2022-10-10",
        "payer": payer,
    }  # fmt: skip
    spells = [paid]
    if habit == "twice":
        spells.append({"key": f"e-{who}", "scheme": "emp", "start": "2022-05-01"})
    return {"medical_now": "yes", "medical": spells}


def _pension(home: Home, who: str) -> Answers:
    habit = home.pick(f"pension/{who}", "covered", "covered", "lapsed", "never", "untold")
    spell: Answers = {"key": f"p-{who}", "scheme": "emp", "start": "2020-01-01"}
    transfer = home.pick(f"transfer/{who}", None, "done", "applied")
    moved = {
        "transfer_state": transfer,
        "transfer_applied_on": "2023-01-05" if transfer == "applied" else None,
    }
    told: dict[str, Answers] = {
        "untold": {},
        "covered": {"pension_now": "yes", "pension": [spell | moved]},
        "lapsed": {
            "pension_now": "no",
            "pension_from": "2020-01-01",
            "pension": [spell | {"end": "2022-06-30"}],
        },
        "never": {"pension_now": "no", "pension_from": "2014-01-01"},
    }
    return told[habit]


def _adult(home: Home, who: str, month: int) -> Answers:
    told: Answers = {
        "id": home.person(who), "name": who, "birth_date": BIRTHS[who],
        "skill_class": home.pick(f"skill/{who}", "ordinary", "skilled", "ordinary", "weak", None),
        "education": home.pick(f"education/{who}", "71", "81", None),
        "health": ["healthy"],
        "train_willing": home.pick(f"train/{who}", "1", "1", "2", None),
        "doctor_now": home.pick(f"doctor/{who}", "yes", "no", "unknown", None),
        "wants_move": home.pick(f"wants/{who}", "yes", "no"),
    }  # fmt: skip
    told |= _job(home, who) | _medical(home, who) | _pension(home, who)
    if home.kind == "registered_poor":
        told["categories"] = [{"key": f"c-{who}", "category": "registered_poor", "start": "2018-01-01"}]
    if home.pick(f"hukou/{who}", True, False):
        moved = {"key": f"h-{who}", "place": "150625", "start": home.move_in}
        told |= {"hukou": [moved], "own_will": home.pick(f"will/{who}", "yes", "no", None)}
    trained = home.pick(f"trained/{who}", None, "yes", None)
    if trained:
        told["trainings"] = [
            {"key": f"t-{who}", "skills": "yes", "completed": "yes", "hours": 40, "end": "2022-10-01"}
        ]
    if home.pick(f"stay/{who}", *[False] * 5, True):
        asked = home.pick(f"deposit/{who}", "yes", "no", None)
        told["stays"] = [{"key": f"i-{who}", "on": "2022-11-11", "designated": "yes", "deposit_asked": asked}]
    if home.pick(f"loss/{who}", *[False] * 6, True) and told.get("job_now") == "no":
        lost = f"2023-{3 + home.number % 3:02}-02"
        loss = {"key": f"l-{who}", "lost_on": lost}
        if home.number % 2:
            loss |= {"registered_on": lost, "helped_on": lost}
        if f"{MONTHS[month]}-31" >= lost:
            told["losses"] = [loss]
    return told


def _child(home: Home) -> Answers:
    habit = home.pick("school", "in", "in", "moved", "left", "untold")
    told: Answers = {"id": home.person("child"), "name": "child", "birth_date": BIRTHS["child"]}
    told |= _medical(home, "child")
    school = {"key": "s", "school_name": "一小", "stage": "primary", "start": "2018-09-01"}
    if habit == "untold":
        return told
    if habit == "left":
        spell = school | {"end": "2022-11-15", "leave_reason": "dropped"}
        return told | {"school_now": "no", "school_from": "2018-09-01", "schools": [spell]}
    if habit == "moved":
        school |= {"transfer_state": "done", "registry_state": home.pick("registry", "moved", "moving", None)}
    kept = home.pick("aid", True, False)
    aid: Answers = {"key": "a", "aid": "two_free", "start": "2018-09-01"}
    told |= {"aid_now": "yes" if kept else "no", "aid_from": "2018-09-01"}
    return told | {
        "school_now": "yes", "schools": [school], "aids": [aid if kept else aid | {"end": "2022-03-10"}]
    }  # fmt: skip


def _elder(home: Home, month: int) -> Answers:
    benefit = home.pick("benefit", "yes", "no", None, "later")
    told = {"id": home.person("elder"), "name": "elder", "birth_date": BIRTHS["elder"]}
    said = ("no" if month == 0 else "yes") if benefit == "later" else benefit
    return told | _medical(home, "elder") | {"benefit": said}


POSTS = ("cleaning", "greening", "security", "forest", "other")
BIRTHS = {"head": "1980-05-05", "spouse": "1984-06-06", "child": "2011-03-03", "elder": "1950-01-01"}


def answers(home: Home, month: int) -> Answers:
    """Return what a household says in a month (0 to 2)."""
    occupied = home.pick("occupied", "always", "partly", "empty", None, "later")
    trained = home.pick("adaptation", "yes", "no", None, "later")
    told: Answers = {
        "occupied": ("empty" if month == 0 else "always") if occupied == "later" else occupied,
        "adaptation": ("no" if month == 0 else "yes") if trained == "later" else trained,
        "cause": home.pick("cause", "illness", "labour"),
        "dibao_now": home.pick("dibao", "yes", "no", None),
        "dibao_applied": home.pick("applied", "yes", "no"),
        "dibao_result": home.pick("result", "granted", "refused", None),
        "measure_now": home.pick("measure", "yes", "no", None),
        "persons": [_adult(home, "head", month), _adult(home, "spouse", month), _child(home), _elder(home, month)],
    }  # fmt: skip
    told |= _things(home, month)
    return _said(told)


def _things(home: Home, month: int) -> Answers:
    pick = home.pick
    told: Answers = {}
    if pick("shock", *[False] * 4, True):
        told["shocks"] = [
            {"key": "k", "on": "2022-12-01", "applied": "yes", "aid_on": pick("aided", "2023-01-02", None)}
        ]
    state = pick("old", "1", "3", "later", None, "4")
    house = {
        "key": "o", "state": ("1" if month == 0 else "3") if state == "later" else state,
        "transition": pick("transition", "yes", "no", None), "plot_mu": pick("mu", 1.25, 0.4, None),
    }  # fmt: skip
    if house["state"] == "3":
        house |= {"demolished_on": "2023-02-02", "restored_on": pick("restored", "2023-02-20", None)}
        house |= {
            "accepted_on": pick("accepted", "2023-02-21", None),
            "title_on": pick("title", "2023-02-22", None),
        }
    if state == "4":
        house |= {"protection_body": "county", "protection_no": "杭政字1号"}
    told["houses"] = [house]
    told["dwelling"] = [
        {
            "key": "d", "cert": pick("cert", "yes", "no", None), "special_mode": pick("special", "no", "no", "yes"),
            "transfer_kind": pick("sold", "none", "none", "1", None), "leased": pick("leased", "no", "no", "yes", None),
        }
    ]  # fmt: skip
    if pick("land", True, False):
        told["plots"] = [
            {
                "key": "p", "kind": "arable", "area_mu": 12.5, "state": pick("plot", "own", "transferred"),
                "rent_due": 1000, "rent_due_on": "2023-02-01", "rent_paid": pick("rent", 1000, 400, None),
            }
        ]  # fmt: skip
        year = int(home.move_in[:4])
        later = pick("subsidy", 600, 100, None)
        told["subsidies"] = [{"key": "b", "programme": "grassland", "year": year - 1, "amount": 600}]
        if later is not None and year < 2022:
            told["subsidies"].append(
                {"key": "c", "programme": "grassland", "year": year + 1, "amount": later}
            )
    if pick("link", True, False):
        told["links"] = [
            {
                "key": "n", "contract": pick("contract", "yes", "no"), "promised": 500, "due_on": "2023-01-31",
                "received": pick("received", 500, 200, None),
            }
        ]  # fmt: skip
    return told


def _said(node: Any) -> Any:
    """Return answers without what was not said."""
    if isinstance(node, dict):
        return {name: _said(value) for name, value in node.items() if value is not None}
    return [_said(each) for each in node] if isinstance(node, list) else node


def told_in(home: Home, month: int) -> Told | None:
    """Return what comes of the visit of a month: an interview, in time or late; nobody at home; no visit at all."""
    habit = home.pick(f"visit/{month}", *["interview"] * 6, "late", "slow", "nobody", "none")
    said = date.fromisoformat(f"{MONTHS[month]}-{5 + home.number % 20:02}")
    at = datetime(said.year, said.month, said.day, 9, tzinfo=UTC)
    if habit == "none":
        return None
    if habit == "nobody":
        return Told(home.id, said, at, None)
    if habit == "late":  # received after the report of the month was frozen
        return Told(
            home.id, said, datetime(said.year, said.month + 1, 8, 9, tzinfo=UTC), answers(home, month)
        )
    late = timedelta(days=8 if habit == "slow" and said.day < 20 else 0)
    return Told(home.id, said, at + late, answers(home, month))


# --- how it comes into the log
