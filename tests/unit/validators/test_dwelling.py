"""Where the years of dwellings and old houses begin and end (DOMAIN §0, readings 5 and 6)."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.model import Fact, Grade, Household, Record, Said
from validators.dwelling import RESTRICTION, TRANSITION, anchor, restricted_until, transition_ends
from validators.policy import DeclaredParameters, load_policy
from validators.policy.dated import Parameter, read_parameter
from validators.rule import Case, Today

SAID = Said("op-1", date(2020, 8, 1), Grade.SELF_REPORT)
REGISTERED, HANDOVER, MOVE_IN = date(2020, 3, 1), date(2019, 9, 1), date(2019, 10, 12)
POLICY = load_policy()


def household(**days: date) -> Household:
    dwelling = {name: Fact(day, SAID) for name, day in days.items() if name != "move_in"}
    facts = {"move_in": Fact(days["move_in"], SAID)} if "move_in" in days else {}
    return Household(
        "h1", "150625101201", facts, records_by_kind={"dwelling": (Record("dwelling", "dwelling", dwelling),)}
    )


def case(of: Household, **changed: Parameter) -> Case:
    declared = {name: POLICY.parameters[name] for name in (*RESTRICTION, *TRANSITION)}
    declared |= {parameter.id: parameter for parameter in changed.values()}
    return Case(of, Today(date(2021, 1, 1)), DeclaredParameters("test/rule", declared), POLICY.calendar)


def banner_years(years: int) -> Parameter:
    lines = [
        {"from": date(1949, 10, 1), "value": 20, "source": "s", "grade": "P", "verified_on": None},
        {
            "from": date(1949, 10, 1),
            "region": "150625",
            "value": years,
            "source": "s",
            "grade": "P",
            "verified_on": None,
        },
    ]
    entry = {"zh": "年限", "en": "years", "unit": "years", "kind": "parameter", "values": lines}
    return read_parameter("dwelling.restriction_years_banner", entry)


@pytest.mark.parametrize(
    ("days", "first"),
    [
        ({"registered_on": REGISTERED, "handover_on": HANDOVER, "move_in": MOVE_IN}, date(2040, 3, 1)),
        ({"handover_on": HANDOVER, "move_in": MOVE_IN}, date(2039, 9, 1)),
        ({"move_in": MOVE_IN}, date(2039, 10, 12)),
        ({}, None),
    ],
)
def test_reading_6_twenty_years_run_from_registration_else_handover_else_moving_in(
    days: dict[str, date], first: date | None
) -> None:
    of = household(**days)
    assert restricted_until(of, case(of)) == first


def test_reading_6_a_banner_may_set_more_than_twenty_years_and_never_fewer() -> None:
    of = household(registered_on=REGISTERED)
    assert restricted_until(of, case(of, years=banner_years(25))) == date(2045, 3, 1)
    assert restricted_until(of, case(of, years=banner_years(10))) == date(2040, 3, 1)
    elsewhere = replace(of, region="150626101201")
    assert restricted_until(elsewhere, case(elsewhere, years=banner_years(25))) == date(2040, 3, 1)


@pytest.mark.parametrize(
    ("days", "last"),
    [
        ({"handover_on": HANDOVER, "move_in": MOVE_IN}, date(2020, 10, 12)),
        ({"handover_on": HANDOVER}, date(2020, 9, 1)),
        ({"registered_on": REGISTERED}, None),
    ],
)
def test_reading_5_the_year_of_an_old_house_runs_from_moving_in_else_handover(
    days: dict[str, date], last: date | None
) -> None:
    of = household(**days)
    assert transition_ends(of, case(of)) == last


def test_an_anchor_is_the_first_known_day_of_the_list() -> None:
    of = household(handover_on=HANDOVER, move_in=MOVE_IN)
    assert anchor(of, ("registered", "move_in", "handover")) == MOVE_IN
    assert anchor(of, ("registered",)) is None
