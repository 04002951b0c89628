"""What the rules on dwellings and old houses share: where the notice's years begin and end. Pure.

The notice names no first day for 20年 (二(二), 七(二)) and 1年 (六(一)); which day is taken is a parameter: a list of
anchors, of which the first that is known counts.
"""

from collections.abc import Callable, Mapping
from datetime import date

from core.spans import FOREVER, add_months, birthday
from ledger.model import Fact, Household, Record
from validators.rule import Case

RESTRICTION = (
    "dwelling.restriction_years",
    "dwelling.restriction_years_banner",
    "dwelling.restriction_anchor",
)
"""Parameters of the days on which a dwelling may not change hands."""
TRANSITION = ("old_house.transition_months", "old_house.transition_anchor")
"""Parameters of the days on which an old house may still stand."""

_ISSUED = date(2019, 12, 24)  # the notice's own day: the anchors in force on it are read
_ANCHORS: Mapping[str, Callable[[Household, Record | None], date | None]] = {
    "registered": lambda _, dwelling: dwelling.day("registered_on") if dwelling else None,
    "handover": lambda _, dwelling: dwelling.day("handover_on") if dwelling else None,
    "move_in": lambda household, _: household.move_in,
}


def dwelling_of(household: Household) -> Record | None:
    """Return the household's dwelling (there is one), or None when nothing is known of it."""
    return next(iter(household.records("dwelling")), None)


def anchor(household: Household, order: tuple[str, ...]) -> date | None:
    """Return the first known day among anchors: `registered`, `handover`, `move_in`."""
    dwelling = dwelling_of(household)
    days = (_ANCHORS[name](household, dwelling) for name in order)
    return next((day for day in days if day is not None), None)


def restricted_until(household: Household, case: Case) -> date | None:
    """Return the first day on which the dwelling may change hands; None when no anchor is known.

    Twenty years is the least (不低于20年): a banner may set more, never less.
    """
    order = case.parameters.at("dwelling.restriction_anchor", on=_ISSUED, region=household.region).value
    start = anchor(household, order)
    if start is None:
        return None
    least = int(case.parameters.at("dwelling.restriction_years", on=start).value)
    own = case.parameters.at("dwelling.restriction_years_banner", on=start, region=household.region).value
    return birthday(start, max(least, int(own)))


def transition_starts(household: Household, case: Case) -> date | None:
    """Return the day from which the year of an old house runs; None when no anchor is known."""
    order = case.parameters.at("old_house.transition_anchor", on=_ISSUED, region=household.region).value
    return anchor(household, order)


def transition_ends(household: Household, case: Case) -> date | None:
    """Return the last day of the year in which an old house may stand; None when no anchor is known."""
    start = transition_starts(household, case)
    if start is None:
        return None
    months = case.parameters.at("old_house.transition_months", on=start).value
    return add_months(start, int(months))


def changed_on(record: Record, name: str, fact: Fact) -> tuple[date, bool]:
    """Return the day of a change that a fact tells of, and whether that day was stated.

    When it was not, the change lies on or before the day on which it was told.
    """
    day = record.day(name)
    return (day, True) if day is not None and day != FOREVER else (fact.said.on, False)
