"""What a demo household lives on and in: dwelling, old house, land, subsidies, needs, hardship. Pure, seeded.

Most households are in order; some of each kind are not, so that the rules find something.
"""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from api.cli.demo import names
from core.spans import add_months, age_on
from forms.facts import Row

DAY = timedelta(days=1)
_NAMESPACE = uuid.UUID("3c9b9f0e-6c5d-5a57-8c39-52d1f4a90b66")
_PARTNERS = ("杭锦旗绿洲养殖合作社", "独贵塔拉光伏电站", "巴拉贡葵花专业合作社")
_HOSPITALS = ("杭锦旗人民医院", "杭锦旗蒙医医院")


@dataclass
class Thing:
    """One record of a household or person, as its facts came about.

    Attributes:
        kind: such as `old_house`.
        key: stable id across rounds.
        stages: what became true on which day, oldest first.
    """

    kind: str
    key: str
    stages: list[tuple[date, dict[str, Any]]] = field(default_factory=list)

    def then(self, day: date, **facts: Any) -> "Thing":
        """Add what became true on a day; `on_` stands for `on`."""
        named = {
            ("on" if name == "on_" else name): value for name, value in facts.items() if value is not None
        }
        self.stages.append((day, {name: _text(value) for name, value in named.items()}))
        return self

    def told(self, on: date) -> Row | None:
        """Return what can be told of it on a day; None before it came about."""
        facts: dict[str, Any] = {}
        for day, became in self.stages:
            if day <= on:
                facts |= became
        return Row(f"record:{self.kind}", self.key, facts, ()) if facts else None


@dataclass
class Circumstances:
    """All that is not in the lives of members.

    Attributes:
        facts: point facts of the household.
        spells: of the household, by kind, as in `Member`.
        things: records of the household.
        persons: by person id: facts, spells by kind, records.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    spells: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)
    persons: dict[str, "Circumstances"] = field(default_factory=dict)


@dataclass
class _Maker:
    """Makes the circumstances of one household from its register number, so that other lives stay as they are."""

    rng: random.Random
    home: str
    move_in: date
    today: date
    made: Circumstances = field(default_factory=Circumstances)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def day(self, first: date, last: date) -> date:
        """Return a day between two, the first if they are the wrong way round."""
        return first + timedelta(days=self.rng.randrange(max(1, (last - first).days)))

    def thing(self, kind: str, *which: object, owner: Circumstances | None = None) -> Thing:
        key = str(uuid.uuid5(_NAMESPACE, "/".join(map(str, (self.home, kind, *which)))))
        made = Thing(kind, key)
        (owner or self.made).things.append(made)
        return made

    def spell(self, track: str, start: date, end: date | None = None, /, **fields: Any) -> None:
        key = str(uuid.uuid5(_NAMESPACE, f"{self.home}/{track}/{start.isoformat()}"))
        spell = {"key": key, "start": start.isoformat(), **fields}
        if end is not None:
            spell["end"] = end.isoformat()
        self.made.spells.setdefault(track, []).append(spell)


def circumstances(
    seed: int,
    registry_no: str,
    facts: Mapping[str, Any],
    members: Mapping[str, Mapping[str, Any]],
    today: date,
) -> Circumstances:
    """Return the circumstances of a household.

    Args:
        seed: of the district.
        registry_no: of the household: the same household gets the same circumstances.
        facts: the household's facts: `move_in`, `origin`, `cause`, `occupied`.
        members: facts of its members by id.
        today: the day before which everything happens.
    """
    rng = random.Random(f"{seed}/{registry_no}")
    maker = _Maker(rng, registry_no, date.fromisoformat(facts["move_in"]), today)
    _dwelling(maker, facts)
    _old_house(maker, facts)
    _needs(maker)
    _allowance(maker)
    _hardship(maker)
    _community(maker)
    _land(maker)
    _industry(maker)
    for person_id, known in members.items():
        _person(maker, person_id, known, poor_through_illness=facts["cause"] == "illness")
    return maker.made


def _dwelling(make: _Maker, facts: Mapping[str, Any]) -> None:
    handover = make.move_in - timedelta(days=make.rng.randrange(5, 60))
    dwelling = make.thing("dwelling")
    titled = make.day(handover + 60 * DAY, handover + 700 * DAY)
    dwelling.then(
        handover, handover_on=handover, use_observed="1", occupant="allottee", transfer_kind="none", leased="no",
        cert="no", cert_obstacle=make.rng.choice(("land", "acceptance", "papers", "other")),
    )  # fmt: skip
    if make.chance(0.7):
        dwelling.then(titled, cert="yes", cert_issued_on=titled)
    changed = make.day(make.move_in + 30 * DAY, make.today)
    luck = make.rng.random()
    if luck < 0.04:
        dwelling.then(changed, use_observed="4", occupant="tenant", leased="yes", lease_from=changed)
    elif luck < 0.06:
        dwelling.then(changed, use_observed="5", occupant="other", transfer_kind="1", transfer_on=changed)
    elif luck < 0.08:
        dwelling.then(changed, use_observed="3", occupant="allottee")
    elif facts["occupied"] == "partly" and luck < 0.3:
        dwelling.then(changed, use_observed="2", occupant="nobody")


def _old_house(make: _Maker, facts: Mapping[str, Any]) -> None:
    house = make.thing("old_house")
    origin = facts["origin"][:6]
    granted = make.chance(0.7)
    house.then(
        make.move_in, place=origin, area=make.rng.randrange(40, 110), shares_wall="no", state="1",
        transition="yes" if granted else "no", transition_reason="schooling" if granted else None,
        lived_in_by=make.rng.choice(("nobody", "nobody", "nobody", "relative")),
    )  # fmt: skip
    if make.chance(0.06):
        body = make.rng.choice(("county", "county", "town"))
        number = "杭政发〔2025〕12号" if body == "county" else None
        house.then(
            make.move_in + DAY,
            state="4",
            shares_wall="yes",
            protection="joined",
            protection_body=body,
            protection_no=number,
        )
        return
    gone = make.day(make.move_in + 20 * DAY, make.move_in + 420 * DAY)
    if make.chance(0.12):
        return
    fit = make.rng.choice(("grass", "grass", "arable", "none"))
    house.then(gone, state="3", demolished_on=gone, plot_mu=round(make.rng.uniform(0.4, 1.5), 1), fit=fit)
    if make.chance(0.8):
        restored = make.day(gone + 30 * DAY, gone + 300 * DAY)
        house.then(restored, restored_on=restored, restored_as=fit if make.chance(0.94) else "forest")
        accepted = restored + timedelta(days=make.rng.randrange(10, 60))
        house.then(accepted, accepted_on=accepted)
        if make.chance(0.6):
            titled = accepted + timedelta(days=make.rng.randrange(30, 240))
            house.then(titled, title_on=titled)


def _needs(make: _Maker) -> None:
    good = {
        "food.months_short": 0, "clothing.seasonal": "yes", "water.quantity": "yes", "water.quality": "yes",
        "water.distance": "yes", "water.reliability": "yes", "medical.basic": "yes", "housing.safety": "A",
    }  # fmt: skip
    make.made.facts.update(good)
    if make.chance(0.05):
        name, value = make.rng.choice(
            (
                ("water.quality", "no"),
                ("water.reliability", "no"),
                ("medical.basic", "no"),
                ("housing.safety", "C"),
            )
        )
        make.made.facts[name] = value
    wages = make.rng.choice((0, 12000, 28000, 45000, 60000))
    make.made.facts |= {
        "income.wage": wages, "income.business": make.rng.randrange(0, 40) * 500,
        "income.property": make.rng.choice((0, 0, 1500, 4000)), "income.transfer": make.rng.randrange(2, 30) * 300,
    }  # fmt: skip


def _allowance(make: _Maker) -> None:
    facts = make.made.facts
    facts["dibao.applied"] = "yes" if make.chance(0.1) else "no"
    if facts["dibao.applied"] == "yes":
        facts["dibao.result"] = make.rng.choice(("pending", "refused"))
    if not make.chance(0.2):
        make.made.spells["dibao"] = []
        return
    since = date(make.move_in.year - 1, 1, 1)
    kept = {"kind": "rural", "standard_place": names.BANNER, "amount": 480, "evidence": "receipt"}
    if make.chance(0.7):
        make.spell("dibao", since, **kept)
        return
    stopped = make.move_in + timedelta(days=make.rng.randrange(0, 60))
    facts["dibao.recalculated"] = make.rng.choice(("yes", "no", "no"))
    make.spell("dibao", since, stopped, **kept, stop_reason="moved")
    if make.chance(0.4):
        make.spell("dibao", add_months(stopped, make.rng.randrange(1, 5)) + 2 * DAY, **kept)


def _hardship(make: _Maker) -> None:
    if make.chance(0.15):
        happened = make.day(make.move_in + 10 * DAY, make.today - 20 * DAY)
        applied = "yes" if make.chance(0.7) else "no"
        shock = make.thing("shock").then(
            happened, kind=make.rng.choice("12357"), on_=happened, applied=applied
        )
        if applied == "yes" and make.chance(0.7):
            helped = happened + timedelta(days=make.rng.randrange(5, 50))
            shock.then(helped, aid_on=helped, aid_amount=make.rng.randrange(4, 20) * 250)


def _community(make: _Maker) -> None:
    facts = make.made.facts
    facts["access.clinic"] = make.rng.choice((6, 8, 10, 12, 15, 35))
    facts["grid_worker.known"] = "yes" if make.chance(0.85) else "no"
    facts["adaptation.received"] = "yes" if make.chance(0.8) else "no"
    if facts["adaptation.received"] == "yes":
        facts["adaptation.on"] = (make.move_in + timedelta(days=make.rng.randrange(10, 90))).isoformat()
        facts["adaptation.topics"] = ["living", "community"]
    facts["publicity.visited_on"] = make.day(make.today - 300 * DAY, make.today - 160 * DAY).isoformat()
    if make.chance(0.7):
        facts["publicity.visited_on"] = make.day(make.today - 170 * DAY, make.today - 152 * DAY).isoformat()
    facts["publicity.known"] = make.rng.sample(
        ["insurance", "schooling", "work", "old_house", "rights", "dwelling"], 3
    )
    if make.chance(0.3):
        asked = make.day(make.move_in, make.today - 20 * DAY)
        solved = make.chance(0.8)
        make.thing("service").then(
            asked, service=make.rng.choice(("hukou", "insurance", "employment", "schooling")), on_=asked,
            solved="yes" if solved else "no", days=make.rng.randrange(1, 20) if solved else None,
        )  # fmt: skip


def _land(make: _Maker) -> None:
    for right, share in (
        ("land_contract", 0.95),
        ("forest_contract", 0.8),
        ("collective_share", 0.5),
        ("farm_policy", 0.9),
    ):
        before = make.chance(share)
        lost = before and make.chance(0.02)
        held = make.thing("right", right).then(
            make.move_in, right=right, held_before="yes" if before else "no", held="yes" if before else "no"
        )
        if lost:
            day = make.day(make.move_in, make.today)
            held.then(day, held="no", lost_on=day)
    grass = make.thing("plot", "grass").then(
        make.move_in, kind="grass", area_mu=make.rng.randrange(200, 1500), state="own"
    )
    due_on = date(make.today.year - 1, 12, 31)
    if make.chance(0.6):
        rent = make.rng.randrange(10, 60) * 100
        grass.then(
            make.move_in, state="transferred", mode=make.rng.choice(("sublet", "share")),
            own_will="no" if make.chance(0.04) else "yes", rent_due=rent, rent_due_on=due_on,
            rent_paid=rent if make.chance(0.88) else rent // 2,
            compensation_to="taker" if make.chance(0.06) else "household",
        )  # fmt: skip
    make.thing("plot", "arable").then(
        make.move_in, kind="arable", area_mu=make.rng.randrange(5, 40), state="own"
    )
    if make.chance(0.2):
        make.made.things[-1].then(
            make.move_in, state="idle", idle_seasons=make.rng.randrange(1, 6), wants_help="yes"
        )
    for programme, amount in (("grassland", 3000), ("fertility", 900)):
        for year in range(make.move_in.year - 1, make.today.year):
            stopped = year > make.move_in.year and make.chance(0.1)
            paid = date(year, 11, 20)
            make.thing("subsidy", programme, year).then(
                paid,
                programme=programme,
                year=year,
                amount=0 if stopped else amount,
                paid_on=None if stopped else paid,
            )


def _industry(make: _Maker) -> None:
    make.made.spells["measure"] = []
    if make.chance(0.8):
        start = make.day(make.move_in, make.move_in + 120 * DAY)
        kind = make.rng.choice(("farming", "solar", "courtyard", "handicraft"))
        make.spell(
            "measure", start, kind=kind, benefit=make.rng.randrange(4, 30) * 250, evidence="self_report"
        )
    if make.chance(0.35):
        year = make.today.year - 1
        promised = make.rng.randrange(4, 20) * 100
        make.thing("link", year).then(
            make.move_in, partner=make.rng.choice(_PARTNERS), mode=make.rng.choice(("dividend", "share")),
            contract="yes", year=year, promised=promised, due_on=date(year, 12, 31),
            received=promised if make.chance(0.8) else promised // 2,
        )  # fmt: skip
    make.made.facts["sales.channels"] = make.rng.choice(
        (["dealer"], ["dealer", "cooperative"], ["none"], ["partner"])
    )


def _person(make: _Maker, person_id: str, known: Mapping[str, Any], *, poor_through_illness: bool) -> None:
    usual = {"hukou.kind": "agricultural", "equal.refused": "no", "equal.extra_fee": 0}
    of = make.made.persons[person_id] = Circumstances(usual)
    age = age_on(date.fromisoformat(known["birth_date"]), make.today)
    if poor_through_illness:
        of.spells["family_doctor"] = []
        if make.chance(0.7):
            start = make.day(make.move_in, make.move_in + 200 * DAY)
            visited = make.day(start, make.today - 10 * DAY)
            key = str(uuid.uuid5(_NAMESPACE, f"{person_id}/family_doctor"))
            of.spells["family_doctor"].append(
                {
                    "key": key,
                    "start": start.isoformat(),
                    "last_visit": visited.isoformat(),
                    "team": "卫生院签约团队",
                    "evidence": "card",
                }
            )
    if "healthy" not in known["health"] and make.chance(0.3):
        admitted = make.day(make.move_in, make.today - 20 * DAY)
        asked = make.chance(0.15)
        make.thing("inpatient", person_id, owner=of).then(
            admitted, facility=make.rng.choice(_HOSPITALS), designated="yes", on_=admitted,
            deposit_asked="yes" if asked else "no", deposit_amount=2000 if asked else None,
        )  # fmt: skip
    if make.chance(0.04) and age >= 16:
        of.facts |= {
            "hukou.kind": "resident", "hukou.own_will": "no" if make.chance(0.1) else "yes",
            "hukou.asked_to_give_up": "no", "hukou.fee_charged": 10 if make.chance(0.2) else 0,
        }  # fmt: skip
    if make.chance(0.01):
        of.facts |= {
            "equal.refused": "yes",
            "equal.extra_fee": 0,
            "equal.where": "school" if age < 16 else "work",
        }


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
