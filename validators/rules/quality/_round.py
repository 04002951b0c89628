"""When a household was asked for its members: a round is an interview that tells where somebody is (`away`)."""

from datetime import date
from itertools import chain
from typing import NamedTuple

from ledger.model import Grade, Household, Person


class Round(NamedTuple):
    """The latest interview that went through the members: its day and its op."""

    on: date
    op: str


def latest_round(household: Household) -> Round | None:
    """Return the latest round, or None when nobody has gone through the members yet."""
    said = (person.facts["away"].said for person in household.persons if "away" in person.facts)
    return max((Round(each.on, each.op) for each in said if each.grade < Grade.AGENCY), default=None)


def first_round(household: Household) -> date | None:
    """Return the day of the first round, as far as members tell of it."""
    return min((day for person in household.persons if (day := first_met(person))), default=None)


def first_met(person: Person) -> date | None:
    """Return the day of the first round in which the person was told of, or None."""
    told = person.history("away")
    return told[0].said.on if told else None


def is_registered(person: Person) -> bool:
    """Tell whether a register or the office names the person."""
    return any(fact.said.grade >= Grade.AGENCY for fact in person.facts.values())


def told_since(person: Person, day: date) -> bool:
    """Tell whether an interview or the office told of the person on a day or later; a register does not count."""
    away = person.facts.get("away")
    if away is not None and away.said.on >= day and away.said.grade is not Grade.AGENCY:
        return True
    facts = (fact.said for fact in person.facts.values())
    tracks = (track.asked for track in person.tracks.values() if track.asked is not None)
    return any(said.on >= day and said.grade is not Grade.AGENCY for said in chain(facts, tracks))
