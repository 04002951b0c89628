"""The true lives of the demo district: households, members and their spells, gaps included. Pure, seeded.

What the phones later report is what these lives were up to the day of the interview.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from stdnum.cn import ric

from api.cli.demo import names
from api.cli.demo.circumstances import Circumstances, circumstances
from api.cli.demo.livelihood import livelihoods
from core.ids import HouseholdId, household_id, person_id
from core.spans import add_months, age_on

DAY = timedelta(days=1)
_NAMESPACE = uuid.UUID("7f0c2a1e-1f5b-5d5e-9a51-0e6b1c2d3e4f")
Spell = dict[str, Any]


@dataclass
class Member:
    """One person's true life. Spells carry the field names of the fact dictionary."""

    id: str
    facts: dict[str, Any]
    spells: dict[str, list[Spell]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    @property
    def birth(self) -> date:
        """Date of birth."""
        return date.fromisoformat(self.facts["birth_date"])

    def add(self, kind: str, start: date, end: date | None, **fields: Any) -> None:
        """Add a spell, unless it would end before it starts."""
        if end is not None and end < start:
            return
        name = (
            f"{self.id}/{kind}/{start.isoformat()}/{fields.get('scheme') or fields.get('school_name') or ''}"
        )
        spell = {
            "key": str(uuid.uuid5(_NAMESPACE, name)),
            "start": start.isoformat(),
            **{k: v for k, v in fields.items() if v is not None},
        }
        if end is not None:
            spell["end"] = end.isoformat()
        self.spells.setdefault(kind, []).append(spell)


@dataclass
class Home:
    """One household's true life."""

    id: HouseholdId
    registry_no: str
    region: str
    facts: dict[str, Any]
    members: list[Member]
    schools: tuple[str, str]
    around: Circumstances = field(default_factory=Circumstances)

    @property
    def move_in(self) -> date:
        """Day of moving in."""
        return date.fromisoformat(self.facts["move_in"])


def resident_id(rng: random.Random, birth: date, sex: str) -> str:
    """Make a valid resident ID; those registered before 2001 carry the league's old code."""
    place = names.BANNER if birth.year >= 2001 else names.BANNER_BEFORE_2001
    order = rng.randrange(1, 400) * 2 + (1 if sex == "1" else 0)
    body = f"{place}{birth:%Y%m%d}{order:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


class District:
    """Makes households one after another.

    Args:
        seed: the same seed makes the same district.
        today: the day before which everything happens.
    """

    def __init__(self, seed: int, today: date) -> None:
        self.rng = random.Random(seed)
        self.today = today
        self.seed = seed

    def homes(self, count: int) -> Iterator[Home]:
        """Yield `count` households."""
        for index in range(count):
            yield self._home(index)

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _home(self, index: int) -> Home:
        rng = self.rng
        region, site, way, schools = names.SITES[index % len(names.SITES)]
        number = f"{names.BANNER}{self.seed:02d}{index + 1:05d}"
        identity = household_id(names.BANNER, number)
        mongol = self._chance(0.4)
        move_in = self.today - timedelta(days=rng.randrange(190, 900))
        poor = self._chance(0.8)
        facts: dict[str, Any] = {
            "registry_no": number, "region": region, "site": site, "resettlement": way,
            "origin": rng.choice(names.ORIGINS), "move_in": move_in.isoformat(),
            "relocation_kind": "registered_poor" if poor else "accompanying",
            "address": f"{site}{rng.randrange(1, 19)}号楼{rng.randrange(1, 4)}单元{rng.randrange(101, 603)}室",
            "phone": f"1{rng.choice('3578')}{rng.randrange(10**8, 10**9)}",
            "occupied": rng.choice(("always", "always", "always", "partly")),
            "consent": True,
            "cause": rng.choice(("illness", "disability", "study", "skill", "labour", "capital", "land")),
        }  # fmt: skip
        home = Home(identity, number, region, facts, [], schools)
        self._fill(home, mongol=mongol)
        for member in home.members:
            self._cover(home, member, poor=poor)
            self._school(home, member, mongol=mongol)
        known = {member.id: member.facts for member in home.members}
        home.around = circumstances(self.seed, number, home.facts, known, self.today)
        livelihoods(self.seed, number, move_in, known, home.around, self.today)
        return home

    def _fill(self, home: Home, *, mongol: bool) -> None:
        rng = self.rng
        head_age = rng.randrange(28, 72)
        male = self._chance(0.8)
        self._member(home, head_age, "1" if male else "2", "02", mongol=mongol)
        if self._chance(0.8):
            self._member(
                home, max(22, head_age - rng.randrange(0, 5)), "2" if male else "1", "10", mongol=mongol
            )
        for _ in range(rng.choice((0, 1, 1, 2, 2, 3))):
            age = head_age - rng.randrange(22, 34)
            if age >= 0:
                sex = rng.choice("12")
                self._member(home, age, sex, "20" if sex == "1" else "30", mongol=mongol)
        if head_age < 50 and self._chance(0.25):
            sex = rng.choice("12")
            self._member(
                home, head_age + rng.randrange(22, 32), sex, "51" if sex == "1" else "52", mongol=mongol
            )

    def _member(self, home: Home, age: int, sex: str, relation: str, *, mongol: bool) -> None:
        rng = self.rng
        birth = self.today - timedelta(days=age * 365 + rng.randrange(10, 360))
        number = resident_id(rng, birth, sex)
        given = (names.MONGOL_MALE, names.MONGOL_FEMALE) if mongol else (names.HAN_MALE, names.HAN_FEMALE)
        name = rng.choice(given[0 if sex == "1" else 1])
        if not mongol:
            surname = names.HAN_SURNAMES[int(home.registry_no[-2:]) % len(names.HAN_SURNAMES)]
            own = relation in {"02", "20", "30", "51"}
            name = (surname if own else rng.choice(names.HAN_SURNAMES)) + name
        facts: dict[str, Any] = {
            "name": name, "resident_id": number, "sex": sex, "birth_date": birth.isoformat(),
            "relation": relation, "nation": "02" if mongol else "01",
        }  # fmt: skip
        if age >= 16:
            facts["education"] = rng.choice(("99", "81", "81", "71", "71", "71", "61", "31"))
            facts["skill_class"] = (
                rng.choice(("ordinary", "ordinary", "skilled", "weak")) if age < 65 else "none"
            )
        if age < 19:
            facts |= {"school.seat_wanted": "yes", "school.seat_confirmed_on": home.facts["move_in"]}
            facts |= {"school.language_wanted": "han", "school.absence_reason": "other"}
        facts["work.now"] = "yes" if 18 <= age < 60 and self._chance(0.55) else "no"
        facts["away"] = "working" if facts["work.now"] == "yes" and self._chance(0.3) else "home"
        facts["insurance.medical.reason"] = rng.choice("1236")
        facts["insurance.pension.reason"] = rng.choice("1236")
        facts["insurance.enrol_choice"] = rng.choice("1" * 60 + "23")
        facts["health"] = (
            ["healthy"] if self._chance(0.75) else [rng.choice(("chronic", "major", "disabled"))]
        )
        member = Member(person_id(home.id, number), facts)
        member.add("hukou", birth, None, place=home.facts["origin"][:6])
        home.members.append(member)

    # Insurance ------------------------------------------------------------------------------------------------

    def _cover(self, home: Home, member: Member, *, poor: bool) -> None:
        rng, today = self.rng, self.today
        since = date(home.move_in.year - 1, 1, 1)
        employee_from = None
        age = age_on(member.birth, today)
        if 22 <= age < 58 and self._chance(0.12):
            employee_from = home.move_in + timedelta(days=rng.randrange(20, 200))
        if poor:
            member.add("category", since, None, category="registered_poor", evidence="card")
        elif self._chance(0.15):
            member.add("category", since, None, category="dibao", evidence="card")
        self._resident_years(home, member, "insurance.medical", since, employee_from, poor=poor)
        if age >= 17:
            if age >= 60:
                member.facts["pension.benefit"] = "no" if self._chance(0.05) else "yes"
                if member.facts["pension.benefit"] == "yes":
                    start = max(since, add_months(member.birth, 60 * 12 + 1))
                    member.add(
                        "insurance.pension", start, None, scheme="res", state="in_payment", place=names.BANNER,
                        payer="gov_full", evidence="card",
                    )  # fmt: skip
            else:
                self._resident_years(home, member, "insurance.pension", since, employee_from, poor=poor)
        if employee_from and employee_from < today:
            for kind in ("insurance.medical", "insurance.pension"):
                transfer = {"transfer.state": "none"} if self._chance(0.4) else {
                    "transfer.state": "applied" if self._chance(0.5) else "done",
                    "transfer.applied_on": (employee_from + 10 * DAY).isoformat(),
                }  # fmt: skip
                outside = rng.choice((names.BANNER, "150602", "150200"))
                member.add(
                    kind, employee_from, None, scheme="emp", member_type="employee", place=outside, payer="employer",
                    evidence="app_screen", **transfer,
                )  # fmt: skip
        if self._chance(0.04):
            member.unsure.add("insurance.medical")

    def _resident_years(
        self, home: Home, member: Member, kind: str, since: date, employee_from: date | None, *, poor: bool
    ) -> None:
        rng = self.rng
        if self._chance(0.015):
            return
        for year in range(since.year, self.today.year + 1):
            start, end = date(year, 1, 1), date(year, 12, 31)
            moved_about = abs((start - home.move_in).days) < 200
            if self._chance(0.07 if moved_about else 0.01):
                continue
            start = max(start, member.birth)
            if employee_from and start > employee_from:
                continue
            if employee_from and start <= employee_from <= end and self._chance(0.5):
                end = employee_from - DAY
            payer = "self" if self._chance(0.01 if poor else 0.85) else "gov_part"
            if self._chance(0.03) and moved_about:
                start = min(end, date(year, rng.randrange(2, 7), 1))
            paid = (
                date(year - 1, rng.randrange(10, 13), rng.randrange(1, 28))
                if kind.endswith("medical")
                else start
            )
            member.add(
                kind, start, end, scheme="res", member_type="resident", place=names.BANNER, payer=payer,
                paid_on=max(paid, member.birth).isoformat(), paid_for=str(year), evidence="receipt",
            )  # fmt: skip

    # School ---------------------------------------------------------------------------------------------------

    def _school(self, home: Home, member: Member, *, mongol: bool) -> None:
        today, rng = self.today, self.rng
        first = _entry_day(member.birth)
        finished = date(first.year + 9, 7, 10)
        if first > today or member.birth.year < today.year - 21:
            return
        if finished < today:
            member.facts["school.finished_grade9_on"] = finished.isoformat()
            return
        old = rng.choice(names.ORIGIN_SCHOOLS)
        primary, junior = home.schools
        language = "mongolian" if mongol and self._chance(0.4) else "han"
        since = max(first, date(home.move_in.year - 1, 9, 1))
        last_day = home.move_in - DAY
        if since <= last_day:
            stage = _stage(_grade(first, last_day))
            member.add(
                "schooling", since, last_day, school_name=old, place=home.facts["origin"][:6], stage=stage,
                grade=_grade(first, last_day), placement="ordinary", boarding=True, evidence="self_report",
                language=language, leave_reason="moved", **_registry(member, "moved"),
            )  # fmt: skip
            aid_end = None if self._chance(0.93) else last_day
            member.add("school.aid", since, aid_end, aid="two_free")
        if self._chance(0.04):
            member.facts["school.absence_reason"] = rng.choice(("no_seat", "weary", "far"))
            return
        arrival = max(home.move_in, first)
        delay = rng.randrange(12, 60) if self._chance(0.1) else rng.randrange(1, 5)
        start = arrival + timedelta(days=delay)
        state = "moved" if self._chance(0.85) else rng.choice(("moving", "not_moved", "none"))
        registry = _registry(member, state)
        if state in {"moving", "not_moved"}:
            registry["registry.school"] = old
        stage = _stage(_grade(first, today))
        end = today - timedelta(days=rng.randrange(20, 70)) if self._chance(0.03) else None
        member.add(
            "schooling", start, end, school_name=junior if stage == "junior" else primary, place=names.BANNER,
            stage=stage, language=language, grade=_grade(first, today), placement="ordinary", evidence="self_report",
            boarding=self._chance(0.3), **{"transfer.state": "done"}, **registry,
            leave_reason="dropped" if end else None,
            last_attended=end.isoformat() if end else None,
        )  # fmt: skip
        if 12 <= age_on(member.birth, today) < 16 and self._chance(0.03):
            member.facts["work.now"] = "yes"


def _entry_day(birth: date) -> date:
    """Return the first school day of a child: 1 September after turning six by 31 August."""
    year = birth.year + 6 if (birth.month, birth.day) <= (8, 31) else birth.year + 7
    return date(year, 9, 1)


def _grade(first: date, day: date) -> int:
    """Return the grade on a day; the school year turns in September."""
    return min(9, max(1, day.year - first.year + (day.month >= 9)))


def _stage(grade: int) -> str:
    """Return the stage of a grade of compulsory school."""
    return "junior" if grade > 6 else "primary"


def _registry(member: Member, state: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"registry.state": state}
    if state != "none":
        fields["registry.no"] = "G" + member.facts["resident_id"]
    return fields
