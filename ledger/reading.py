"""How the facts of households, persons, sites and records are read; `ledger.model` says what they are."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ledger.model import Fact, Interview


class _Stated(Protocol):
    """What has facts."""

    @property
    def facts(self) -> Mapping[str, "Fact"]:
        """Point facts by name: what holds."""

    @property
    def changes(self) -> Mapping[str, tuple["Fact", ...]]:
        """Of facts with a history, those that were stated more than once: each change, oldest first."""


class Facts:
    """How the facts of a household, person, site or record are read."""

    __slots__ = ()

    def text(self: _Stated, name: str) -> str | None:
        """Return a fact as text, or None when nobody stated it."""
        fact = self.facts.get(name)
        return None if fact is None else str(fact.value)

    def day(self: _Stated, name: str) -> date | None:
        """Return a date fact, or None when nobody stated it."""
        fact = self.facts.get(name)
        return fact.value if fact is not None and isinstance(fact.value, date) else None

    def number(self: _Stated, name: str) -> int | float | None:
        """Return a numeric fact, or None when nobody stated it."""
        value = fact.value if (fact := self.facts.get(name)) is not None else None
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def flag(self: _Stated, name: str) -> bool | None:
        """Return a yes-or-no fact, or None when nobody stated it."""
        fact = self.facts.get(name)
        return fact.value if fact is not None and isinstance(fact.value, bool) else None

    def history(self: _Stated, name: str) -> tuple["Fact", ...]:
        """Return the values that a fact had, oldest first, each with the statement that first gave it.

        A value stated again without another between is there once. Facts without `history` in the dictionary have no
        past here: only what holds.
        """
        fact = self.facts.get(name)
        return self.changes.get(name) or (() if fact is None else (fact,))


class _Waiting(Protocol):
    """What has interviews."""

    @property
    def interviews(self) -> tuple["Interview", ...]:
        """Its interviews."""


class InterviewedEntry:
    """What a household and a site have in common as entries of the ledger."""

    __slots__ = ()

    @property
    def waits_until(self: _Waiting) -> date | None:
        """The first day on which it changes by itself: a revision has waited for its parent long enough."""
        return min((each.waits_until for each in self.interviews if each.waits_until), default=None)
