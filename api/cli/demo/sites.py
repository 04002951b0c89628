"""The sites and the banner of the demo: what a register says of them, and what whoever runs them tells on a day."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api.cli.demo import names
from core.ids import banner_id, site_id
from core.spans import add_months
from forms.facts import Row

_NAMESPACE = uuid.UUID("7d6c2f0e-2f57-5a0d-9c58-4f3b6f7b0c11")
_SERVICES = ("employment", "insurance", "hukou", "schooling", "law", "policy", "dispute")
_ITEMS = ("water", "electricity", "gas", "heating", "road", "pipes", "telecom")
_FACILITIES = ("hospital", "health_station", "clinic", "primary", "junior", "kindergarten")
_KINDS = ("town", "central_village", "central_village", "village")
_PERSONS = (1860, 640, 930, 210)
_FIRST_DAYS = 1500
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Place:
    """A site or the banner: id, region, form that asks about it, and its number among the sites."""

    id: str
    region: str
    form: str
    name: str
    number: int

    def registered(self, today: date) -> Row:
        """Return what the register says of it."""
        facts: dict[str, Any] = {"name": self.name}
        if self.form == "site":
            facts |= {"kind": _KINDS[self.number], "population": _PERSONS[self.number]}
            facts["occupied_from"] = (today - timedelta(days=_FIRST_DAYS)).isoformat()
        return Row(self.form, None, facts)

    def told(self, on: date) -> Row:
        """Return what is told of it on a day: most is as it should be, and some is not."""
        told = self.registered(on)
        facts, rows = (_site if self.form == "site" else _banner)(self, on)
        return told._replace(facts={**told.facts, **facts}, rows=tuple(rows))

    def record(self, kind: str, name: str, /, **facts: Any) -> Row:
        """Return a row about one of its records; `name` tells it from others of its kind, in each round."""
        key = str(uuid.uuid5(_NAMESPACE, f"{self.id}/{kind}/{name}"))
        return Row(f"record:{kind}", key, facts)


def places() -> tuple[Place, ...]:
    """Return the demo's sites and its banner."""
    sites = (
        Place(site_id(region), region, "site", name, number)
        for number, (region, name, _, _) in enumerate(names.SITES)
    )
    return (*sites, Place(banner_id(names.BANNER), names.BANNER, "banner", "杭锦旗", 0))


def _site(place: Place, on: date) -> tuple[dict[str, Any], Iterator[Row]]:
    town, large = place.number == 0, _PERSONS[place.number] >= 800
    facts = {
        "location": place.name, "households": _PERSONS[place.number] // 3, "buildings": 3,
        "surveyed_on": on.isoformat(), "health_seat": "yes" if town else "no",
        "teachers": 24, "pupils": 480 if place.number == 1 else 400, "teacher_vacancy": "no",
        "teaching_languages": ["han"],
        "body": ("2", "3", "1", "5")[place.number], "body_on": (on - 60 * _WEEK).isoformat(),
        "party_branch": "no" if place.number == 2 else "yes",
        "committee.seats": 5, "committee.relocated": 0 if place.number == 1 else 2,
        "police_room": "yes", "site_head": "yes",
        "meetings.held": "yes", "meetings.last_on": (on - 3 * _WEEK).isoformat(),
        "events.held": "no" if place.number == 1 else "yes",
        "employment_centre": "no" if large and not town else "yes", "employment_centre.staff": 2,
        "employment_centre.vacancies": 41, "industry_plan": "no" if large and not town else "yes",
        "industry_plan.on": (on - 40 * _WEEK).isoformat(), "industry_plan.projects": 3,
        "sales.online": 0 if place.number == 3 else 2, "logistics": "no" if place.number == 3 else "yes",
    }  # fmt: skip
    return facts, _of_site(place, on)


def _of_site(place: Place, on: date) -> Iterator[Row]:
    bad = {("pipes", 1): "4", ("heating", 2): "2"}
    for item in _ITEMS:
        status = bad.get((item, place.number), "1")
        since = {} if status == "1" else {"since": (on - 9 * _WEEK).isoformat()}
        used = {} if status == "4" else {"use_observed": "1"}
        yield place.record("infrastructure", item, item=item, status=status, host_status="1", **used, **since)
    for kind in _FACILITIES:
        there = kind == "primary" or (kind == "clinic" and place.number != 1)
        far: dict[str, Any] = {"use_observed": "1"} if there else {"distance_m": 2400}
        if there and kind == "clinic":
            far |= {"staff": 2, "staff_standard": 2, "equipment": "yes"}
        minutes = 40 if kind == "junior" and place.number == 3 else 12
        yield place.record(
            "facility",
            kind,
            kind=kind,
            exists="yes" if there else "no",
            minutes=minutes,
            host_minutes=10,
            **far,
        )
    need = 9 if place.number == 0 else 4
    school = names.SITES[place.number][3][0]
    yield place.record("seats", "1", school=school, grade=1, seats=90, used=84, need=need)
    for building in ("1", "2", "3"):
        head = "no" if building == "3" and place.number == 0 else "yes"
        yield place.record("building", building, no=building, head=head)
    for service in _SERVICES:
        offered = "no" if service == "law" and place.number == 3 else "yes"
        yield place.record("service_point", service, service=service, offered=offered)
    if place.number == 0:
        opened = (on - 11 * _WEEK).isoformat()
        yield place.record("petition", "heating", topic="供暖不热", opened_on=opened)
    if place.number != 1:
        yield place.record(
            "event", on.isoformat(), kind="culture", on=(on - 2 * _WEEK).isoformat(), persons=120
        )


def _banner(place: Place, on: date) -> tuple[dict[str, Any], Iterator[Row]]:
    planned = on.replace(month=2, day=18)
    facts: dict[str, Any] = {"grid_rules": "no", "training_plan": "yes" if planned < on else "no"}
    if planned < on:
        facts["training_plan.on"] = planned.isoformat()
    facts |= {"self_check.held": "yes", "self_check.last_on": (on - 8 * _WEEK).isoformat()}
    return facts, _of_banner(place, on)


def _of_banner(place: Place, on: date) -> Iterator[Row]:
    check = (on - 8 * _WEEK).isoformat()
    yield place.record("self_check", "open", problem="两户旧房过渡期满未拆", on=check)
    yield place.record(
        "self_check",
        "closed",
        problem="台账缺十二人培训意愿",
        on=check,
        closed_on=(on - 5 * _WEEK).isoformat(),
    )
    yield place.record(
        "training_session", "1", course="电焊", on=(on - 20 * _WEEK).isoformat(), persons=32, subsidy=48000
    )
    for back in range(2, 7):  # last month's is not sent yet
        month = add_months(on.replace(day=1), -back)
        sent = add_months(month, 1).replace(day=5)
        yield place.record("report", f"{month:%Y-%m}", month=f"{month:%Y-%m}", sent_on=sent.isoformat())
    yield place.record(
        "fund", "surplus", source="relocation_surplus", allotted_on=(on - 70 * _WEEK).isoformat(), allotted=3200000,
        paid=1450000, use="安置点产业园", beneficiaries="both",
    )  # fmt: skip
    yield place.record(
        "indicator_trade", "1", project="拆旧复垦", eligible_mu=86.5, entered_mu=60, traded_mu=40
    )
