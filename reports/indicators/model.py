"""What an indicator is, what it is given, and what it says of one ledger entry.

An indicator is a generator over one household (or one site, or one banner): it yields a `Line` for each object that it
counts, so the households behind every figure are known. Totals are sums of lines, so a region's figure is the sum of
its parts', and an entry can be counted alone, in one pass, in constant memory.

Unknown is never a violation (DESIGN §3): who is not known is in the denominator and in `unknown`, and the value is the
numerator over those that are known.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.spans import Span
from ledger.model import Household, InterviewState, Site
from validators.life import LIVE, Finding
from validators.rule import Case

FRESH_DAYS = 90
"""Interviewed within so many days (DOMAIN §6): an interview 90 days before the day of the report still counts."""


class Kind(StrEnum):
    """How a part's value is made of its sums."""

    COUNT = "count"
    SHARE = "share"
    AVERAGE = "average"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Part:
    """One figure of an indicator.

    Attributes:
        id: unique within the indicator.
        zh, en: its name.
        counts: what is counted: households, persons, dwellings, mu, yuan, …
        kind: `count` and `sum` show the numerator; `share` and `average` the numerator over the known denominator.
        formula: in words: numerator / denominator.
        scale: lines give amounts as integers of 1/scale, so that sums do not depend on their order.
    """

    id: str
    zh: str
    en: str
    counts: str
    kind: Kind
    formula: str
    scale: int = 1


class Line(NamedTuple):
    """What an indicator says of one object.

    Attributes:
        part: id of the part.
        subject: id of the object: person, household, record, site, finding, or with what it is about after a `/`.
        num, den, unknown: what it adds to the three sums; whole numbers (see `Part.scale`).
        unit: the responsible unit it is counted under besides, for findings.
    """

    part: str
    subject: str
    num: int = 0
    den: int = 0
    unknown: int = 0
    unit: str | None = None


class Arrival(NamedTuple):
    """An op of a household, without its content: kind, day on which it was said, days after which it was received."""

    kind: str
    said_on: date
    days_late: int


@dataclass(frozen=True, slots=True)
class Home:
    """A household as an indicator sees it.

    Attributes:
        household: the ledger entry.
        case: what rules are given, so that indicators share their definitions.
        day: the day as of which is reported.
        month: the days of the reported month.
        findings: all findings of the household.
        arrivals: ops that were said in the reported month.
    """

    household: Household
    case: Case
    day: date
    month: Span
    findings: Sequence[Finding]
    arrivals: Sequence[Arrival] = ()

    @property
    def fresh(self) -> bool:
        """Whether an interview that counts lies no more than `FRESH_DAYS` days back."""
        return is_fresh(self.household, self.day)

    def live(self, *rules: str, subject: str | None = None) -> Iterator[Finding]:
        """Yield the live findings of some rules, of one subject if one is given."""
        for finding in self.findings:
            if finding.rule in rules and finding.state in LIVE and subject in {None, finding.subject}:
                yield finding


@dataclass(frozen=True, slots=True)
class Spot:
    """A site or a banner as an indicator sees it; see `Home`."""

    entry: Site
    day: date
    month: Span
    findings: Sequence[Finding]

    @property
    def fresh(self) -> bool:
        """Whether an interview that counts lies no more than `FRESH_DAYS` days back."""
        return is_fresh(self.entry, self.day)


def is_fresh(entry: Household | Site, day: date) -> bool:
    """Tell whether an entry was interviewed within `FRESH_DAYS` days before `day`."""
    since = day - timedelta(days=FRESH_DAYS)
    return any(
        each.state is InterviewState.HEAD and since <= each.said_on <= day for each in entry.interviews
    )


def closed_on(finding: Finding) -> date:
    """Return the day since when a finding that is not live has not been live; date.min when no event tells of it."""
    day = date.min
    for event in reversed(finding.history):
        if event.state in LIVE:
            break
        day = event.day
    return day


Judge = Callable[..., Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One of the 38 indicators of the monthly report.

    Attributes:
        number: its number in the report.
        zh, en: its name.
        clause: the clause of the notice that it serves; its responsible units are the indicator's.
        level: `household`, `site` or `banner`: which ledger entries it looks at.
        parts: its figures, in the order of the report.
        judge: yields the lines of one entry.
        about: its docstring: how it is counted.
        units: responsible units where the clause names none.
    """

    number: int
    zh: str
    en: str
    clause: str
    level: str
    parts: tuple[Part, ...]
    judge: Judge
    about: str
    units: tuple[str, ...] = ()


REGISTRY: dict[int, list[Indicator]] = {}


def indicator(  # noqa: PLR0913 - a declaration, all by keyword
    number: int,
    *,
    clause: str,
    zh: str,
    en: str,
    parts: Sequence[Part],
    level: str = "household",
    units: tuple[str, ...] = (),
) -> Callable[[Judge], Judge]:
    """Declare an indicator, or the half of one that looks at another level; its docstring says how it is counted."""

    def register(judge: Judge) -> Judge:
        about = " ".join((judge.__doc__ or "").split())
        made = Indicator(number, zh, en, clause, level, tuple(parts), judge, about, units)
        REGISTRY.setdefault(number, []).append(made)
        return judge

    return register


def share(part: str, zh: str, en: str, counts: str, formula: str) -> Part:
    """Return a part that is a share: numerator over the known denominator."""
    return Part(part, zh, en, counts, Kind.SHARE, formula)


def count(part: str, zh: str, en: str, counts: str, formula: str) -> Part:
    """Return a part that is a number."""
    return Part(part, zh, en, counts, Kind.COUNT, formula)


def amount(part: str, zh: str, en: str, counts: str, formula: str) -> Part:
    """Return a part that is a sum of amounts, counted in hundredths."""
    return Part(part, zh, en, counts, Kind.SUM, formula, scale=100)


def hundredths(value: float | None) -> int:
    """Return an amount as whole hundredths, halves to even; nothing counts as none."""
    return round((value or 0) * 100)


def in_days(day: date | None, span: Span) -> bool:
    """Tell whether a day is known and lies in a span."""
    return day is not None and day in span
