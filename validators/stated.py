"""What rules on things and answers share: which statement stands, and whether anybody looked since a day. Pure.

A point fact holds as it was stated last. When a deadline passes after that, the failing is told all the same, for a day
that passes is what the deadline is about; but it is told as not verified since, one grade milder (ADR 29).
"""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from core.spans import next_day
from ledger.model import Fact
from validators.rule import Case, Severity

UNVERIFIED = "unverified"
SUSPECTED = "suspected"
_MILDER: Mapping[Severity, Severity] = {
    Severity.CRITICAL: Severity.MAJOR,
    Severity.MAJOR: Severity.MINOR,
    Severity.MINOR: Severity.INFORMATION,
    Severity.INFORMATION: Severity.INFORMATION,
}


class Owner(Protocol):
    """Whoever has point facts: a household, a person, a record."""

    @property
    def facts(self) -> Mapping[str, Fact]:
        """The facts by name, as stated last."""


def stated(owner: Owner, name: str, case: Case) -> Fact | None:
    """Return a fact, or None when nobody has stated it by the day of judgement."""
    fact = owner.facts.get(name)
    return fact if fact is not None and case.today.reached(fact.said.on) else None


def answered(owner: Owner, name: str, values: tuple[object, ...], case: Case) -> Fact | None:
    """Return a fact if it was stated and is one of `values`."""
    fact = owner.facts.get(name)
    return fact if fact is not None and fact.value in values and case.today.reached(fact.said.on) else None


def ops(*facts: Fact | None) -> tuple[str, ...]:
    """Return the ops that stated these facts, sorted."""
    return tuple(sorted({fact.said.op for fact in facts if fact is not None}))


def overdue(seen: Fact, deadline: date, case: Case) -> tuple[str, ...] | None:
    """Return the variants of a failing whose deadline has passed, or None before that.

    Args:
        seen: the statement that shows the failing.
        deadline: the last day on which it is none.
        case: the case judged.
    """
    if not case.today.reached(max(next_day(deadline), seen.said.on)):
        return None
    return (UNVERIFIED,) if seen.said.on <= deadline else ()


def milder(severity: Severity, variant: tuple[str, ...]) -> Severity:
    """Return the severity, one grade milder when nobody has looked since the deadline."""
    return _MILDER[severity] if UNVERIFIED in variant else severity


def number(fact: Fact) -> float:
    """Return what a numeric fact states.

    Raises:
        TypeError: it is no number; the dictionary gives the fact another type.
    """
    if isinstance(fact.value, (int, float)):
        return fact.value
    msg = f"{fact.value!r} is no number"
    raise TypeError(msg)
