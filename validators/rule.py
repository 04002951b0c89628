"""What a rule is, what it is given, and what it yields.

A rule is a generator over one person, household, site or banner. It never sees the date: it asks
`case.today.reached(day)`. The engine notes each day that was asked for and has not come, so the earliest of them is the
earliest future day on which the outcome could change (`next_due`), by construction. So an outcome's values must not
depend on the date in any other way.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from core.spans import Span
from ledger.model import Folded, Household, Person, Site, Value

Shared = TypeVar("Shared")


SUBJECTS = frozenset({"person", "household", "site", "banner"})
"""Whom or what a rule may be asked about."""


class Severity(StrEnum):
    """How grave a finding is (DOMAIN §1)."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFORMATION = "information"


class Today:
    """The day of judgement, which answers only whether a day has come.

    Args:
        as_of: the day of judgement.
    """

    __slots__ = ("_as_of", "next_due")

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self.next_due: date | None = None

    def reached(self, day: date) -> bool:
        """Tell whether `day` has come (is today or earlier); remember it if it has not."""
        if day <= self._as_of:
            return True
        if day != date.max and (self.next_due is None or day < self.next_due):
            self.next_due = day
        return False


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A parameter's value on a day: value, the day it took force, who says so."""

    parameter: str
    value: Any
    since: date
    source: str


class Parameters(Protocol):
    """Dated parameters; a rule is handed only those it declares."""

    def at(self, parameter: str, *, on: date, region: str = "") -> ParameterValue:
        """Return the value in force on a day, for a region if the parameter differs by region.

        Raises:
            LookupError: the rule did not declare it, or it has no value on that day.
        """
        ...

    def once(self, key: tuple[str, ...], compute: Callable[[], Shared]) -> Shared:
        """Return what `compute` returns, computed once a judgement for all rules that ask by the same key.

        For what the rules of an area share, such as the breaks of a person's cover. `compute` may read the household,
        these parameters, `Today` and the calendar, nothing else; a rule that gets its value must declare every
        parameter that went into it.

        Args:
            key: names the computation and its subject, such as `("breaks", person.id, branch)`.
            compute: gives the value.

        Raises:
            LookupError: the rule did not declare a parameter that went into the value.
        """
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """One school term: first and last teaching day, and the days in it without teaching."""

    school_year: str
    name: str
    span: Span


class Calendar(Protocol):
    """Working days (national, by chinesecalendar) and school terms (dated tables by banner)."""

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`."""
        ...

    def working_days(self, span: Span) -> int:
        """Count the working days in a span."""
        ...

    def teaching_days(self, span: Span, region: str) -> int:
        """Count the days of a span on which schools of a region teach."""
        ...

    def add_teaching_days(self, day: date, count: int, region: str) -> date:
        """Return the `count`-th teaching day after `day`."""
        ...

    def term_on(self, day: date, region: str) -> Term | None:
        """Return the term that a day lies in, or None in holidays."""
        ...

    def next_term(self, day: date, region: str) -> Term | None:
        """Return the first term that starts on or after a day."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule is given beside its subject.

    Attributes:
        entry: the ledger entry that is judged: the subject itself, or the household of a person.
        today, parameters, calendar: what it may ask.
    """

    entry: Folded
    today: Today
    parameters: Parameters
    calendar: Calendar

    @property
    def household(self) -> Household:
        """The household, for rules about persons and households.

        Raises:
            TypeError: a site or banner is judged.
        """
        if not isinstance(self.entry, Household):
            raise TypeError(f"{self.entry.id} is no household")
        return self.entry

    @property
    def region(self) -> str:
        """The entry's region code."""
        return self.entry.region


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule yields: one episode of one failing.

    Attributes:
        subject: id of the person, of a record, or of the entry.
        episode: stable name of the episode within (rule, subject): the same failing must get the same name when it is
            judged again with more evidence, such as `medical:2020-04-01`.
        values: what the message needs, JSON values and dates; never today's date.
        span: the days in question; an open end is FOREVER.
        variant: `move`, `window_open`, … chooses wording; sorted.
        severity: overrides the rule's.
        unit: overrides the clause's first responsible unit, a code of units.yaml.
        due: a deadline fixed by a rule of law; None: the parameter for the severity decides when the finding opens.
        evidence: op ids it rests on, sorted.
    """

    subject: str
    episode: str
    values: Mapping[str, Value]
    span: Span | None = None
    variant: tuple[str, ...] = ()
    severity: Severity | None = None
    unit: str | None = None
    due: date | None = None
    evidence: tuple[str, ...] = ()


PersonRule = Callable[[Person, Case], Iterator[Outcome]]
HouseholdRule = Callable[[Household, Case], Iterator[Outcome]]
SiteRule = Callable[[Site, Case], Iterator[Outcome]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and what it declares.

    `subject` is `person`, `household`, `site` or `banner`: of these the rule is asked. Its outcomes may be about their
    records, and those of a household's rule about its members. What is not to be spoken of at the door (`at_door` is
    false) does not travel to phones: membership of the party, a suspected sale (DOMAIN §7).
    """

    id: str
    subject: str
    clause: str
    severity: Severity
    parameters: tuple[str, ...]
    about: str
    version: int
    judge: PersonRule | HouseholdRule | SiteRule = field(repr=False)
    at_door: bool = True


REGISTRY: dict[str, Rule] = {}


def rule(  # noqa: PLR0913 - a declaration, all by keyword
    rule_id: str,
    *,
    clause: str,
    severity: Severity,
    subject: str = "person",
    parameters: tuple[str, ...] = (),
    version: int = 1,
    at_door: bool = True,
) -> Callable[[Callable[[Any, Case], Iterator[Outcome]]], Callable[[Any, Case], Iterator[Outcome]]]:
    """Declare a rule; its docstring says what it asks.

    Its module is `validators/rules/<rule_id with underscores>.py`.
    """

    def register(judge: Callable[[Any, Case], Iterator[Outcome]]) -> Callable[[Any, Case], Iterator[Outcome]]:
        if rule_id in REGISTRY:
            msg = f"two rules are named {rule_id}"
            raise ValueError(msg)
        if subject not in SUBJECTS:
            msg = f"{rule_id}: a rule is about one of {sorted(SUBJECTS)}, not {subject}"
            raise ValueError(msg)
        about = (judge.__doc__ or "").strip()
        REGISTRY[rule_id] = Rule(
            rule_id, subject, clause, severity, parameters, about, version, judge, at_door
        )
        return judge

    return register


def told_at_door(rule_id: str) -> bool:
    """Tell whether findings of a rule travel to phones; those of a rule that there is no more do."""
    declared = REGISTRY.get(rule_id)
    return declared is None or declared.at_door
