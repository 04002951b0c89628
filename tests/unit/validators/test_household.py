"""Income a head, a move of registration, a break of the allowance: what rules on welfare and rights share."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.spans import Spans
from ledger.model import Fact, Grade, Household, Person, Said, Spell, Track
from validators.household import MOVE_DAYS, allowance_breaks, income, registration_moved
from validators.policy import DeclaredParameters, load_policy
from validators.rule import Case, Today

TOLD = date(2020, 8, 1)
SAID = Said("op-1", TOLD, Grade.SELF_REPORT)
MOVE_IN = date(2019, 10, 12)
POLICY = load_policy()


def case(of: Household) -> Case:
    declared = {MOVE_DAYS: POLICY.parameters[MOVE_DAYS]}
    return Case(of, Today(TOLD), DeclaredParameters("test/rule", declared), POLICY.calendar)


def household(
    persons: tuple[Person, ...] = (), tracks: dict[str, Track] | None = None, **facts: Any
) -> Household:
    stated = {name.replace("__", "."): Fact(value, SAID) for name, value in facts.items()}
    stated.setdefault("move_in", Fact(MOVE_IN, SAID))
    return Household("h1", "150625101201", stated, persons, tracks=tracks or {})


def spell(kind: str, start: date, end: date | None = None, **fields: Any) -> Spell:
    days = Spans.between(start, end or TOLD)
    return Spell(kind, str(start), start, end, next(iter(days)), fields, (SAID,))


def test_income_is_shared_among_those_who_were_there_when_it_was_told() -> None:
    gone = Person("p3", left=TOLD - timedelta(days=1))
    here = (Person("p1"), Person("p2", left=TOLD), gone)
    of = household(here, income__wage=6000, income__business=0, income__property=0, income__transfer=2000)
    earned = income(of, case(of))
    assert earned is not None
    assert (earned.a_head, earned.told, earned.ops) == (4000, TOLD, ("op-1",))


def test_income_with_a_source_that_nobody_knows_is_not_known() -> None:
    of = household((Person("p1"),), income__wage=6000, income__business=0, income__property=0)
    assert income(of, case(of)) is None
    nobody = household((), income__wage=6000, income__business=0, income__property=0, income__transfer=0)
    assert income(nobody, case(nobody)) is None


@pytest.mark.parametrize(
    ("start", "place", "moved"),
    [
        (MOVE_IN - timedelta(days=90), "150625", True),
        (MOVE_IN - timedelta(days=91), "150625", False),
        (MOVE_IN, "150626", False),
    ],
)
def test_a_registration_has_moved_when_one_at_the_new_place_began_around_the_move(
    start: date, place: str, moved: bool
) -> None:
    of = household()
    person = Person("p1", tracks={"hukou": Track("hukou", (spell("hukou", start, place=place),))})
    assert (registration_moved(person, of) is not None) is moved
    assert registration_moved(Person("p2"), of) is None


def test_a_break_of_the_allowance_is_known_only_as_far_as_somebody_told_of_it() -> None:
    ended = date(2019, 10, 31)
    spells = (spell("dibao", date(2018, 1, 1), ended),)
    silent = household(tracks={"dibao": Track("dibao", spells)})
    assert allowance_breaks(silent, case(silent)) == ()
    absent = Spans.between(ended + timedelta(days=1), TOLD)
    told = household(tracks={"dibao": Track("dibao", spells, absent=absent)})
    (found,) = allowance_breaks(told, case(told))
    assert (found.before, found.after, found.known_until) == (spells[0], None, TOLD)
