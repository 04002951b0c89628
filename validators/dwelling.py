"""What the rules on dwellings and old houses share: where the notice's years begin and end. Pure.

The notice names no first day for 20年 (二(二), 七(二)) and 1年 (六(一)); which day is taken is a parameter: a list of
anchors, of which the first that is known counts.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from core.spans import FOREVER, add_months, birthday
from ledger.claims import recency
from ledger.model import Fact, Grade, Household, Record
from validators.rule import Case

RESTRICTION = (
    "dwelling.restriction_years",
    "dwelling.restriction_years_banner",
    "dwelling.restriction_anchor",
)
"""Parameters of the days on which a dwelling may not change hands."""
SOLD = ("1", "2", "3")
"""Kinds of transfer that 二(二) and 七(二) restrict: sold, exchanged, given over."""
TRANSITION = ("old_house.transition_months", "old_house.transition_anchor")
"""Parameters of the days on which an old house may still stand."""


class Told(NamedTuple):
    """A statement of a transfer, and the day on which it is said to have been; None while nobody told it."""

    fact: Fact
    day: date | None


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


def sale_told(dwelling: Record, case: Case, after: date = date.min) -> Told | None:
    """Return what was told after a day of a sale, unless a document or an office denied it since.

    That the household denies it at a later visit does not end a suspicion. Of one sale that was told of several times
    the first statement is taken, and the day that was told last. A history keeps changes only: when nothing changed
    since that day, the fact itself tells whether it was said again.
    """
    told = [each for each in _transfers(dwelling) if each.fact.said.on > after]
    latest = dwelling.facts.get("transfer_kind")
    if not told and latest is not None and latest.said.on > after:
        told = [Told(latest, dwelling.day("transfer_on"))]
    last = _standing([each.fact for each in told], SOLD)
    if last is None:
        return None
    first = last
    while first and told[first - 1].fact.value == told[last].fact.value:
        first -= 1
    return Told(told[first].fact, told[last].day) if case.today.reached(told[first].fact.said.on) else None


def buyer_told(dwelling: Record, case: Case, after: date = date.min) -> Fact | None:
    """Return the statement after a day that a buyer lives in it, unless a document or an office denied it since."""
    told = [fact for fact in dwelling.history("occupant") if fact.said.on > after]
    latest = dwelling.facts.get("occupant")
    if not told and latest is not None and latest.said.on > after:
        told = [latest]
    last = _standing(told, ("buyer",))
    return None if last is None or not case.today.reached(told[last].said.on) else told[last]


def _standing(told: Sequence[Fact], values: tuple[str, ...]) -> int | None:
    """Return the place of the last statement of one of `values`; None if a document or an office denied it since."""
    for place in reversed(range(len(told))):
        if told[place].value in values:
            return place
        if told[place].said.grade >= Grade.DOCUMENT:
            return None
    return None


def _transfers(dwelling: Record) -> list[Told]:
    """Return what was told of transfers, oldest first: each change of their kind, and the kind anew with each new day.

    A second sale of the same kind is known by its day.
    """
    kinds = {recency(fact.said): fact for fact in dwelling.history("transfer_kind")}
    days = {recency(fact.said): fact for fact in dwelling.history("transfer_on")}
    told: list[Told] = []
    day: date | None = None
    for when in sorted({*kinds, *days}):
        stated = days.get(when)
        if stated is not None and isinstance(stated.value, date):
            day = stated.value
        if when in kinds:
            told.append(Told(kinds[when], day))
        elif told and stated is not None:
            told.append(Told(Fact(told[-1].fact.value, stated.said), day))
    return told
