"""Working days (chinesecalendar) and teaching days (working days within dated terms), counted by bisection.

Working days follow the State Council's yearly notices for the years that chinesecalendar knows. Before and after them
a working day is Monday to Friday: deadlines of next year are approximate until the notice is out and the library is
upgraded. Terms are never guessed: beyond the table, asking is a LookupError that says which table to extend.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import chinese_calendar
from chinese_calendar.constants import holidays, workdays

from core.problems import ConfigurationError
from core.spans import FOREVER, Span
from validators.rule import Term

_FIRST = date(min(holidays).year, 1, 1).toordinal()
_LAST = date(max(*holidays, *workdays).year, 12, 31).toordinal()


def _weekdays(ordinal: int) -> int:
    """Count the days from Monday to Friday in ordinals 1 to `ordinal`; ordinal 1 is a Monday."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


def _nth_weekday(count: int) -> int:
    """Return the ordinal of the `count`-th day from Monday to Friday."""
    weeks, rest = divmod(count - 1, 5)
    return weeks * 7 + rest + 1


@cache
def _known_working_days() -> tuple[int, ...]:
    """Return the ordinals of all working days of the years that chinesecalendar knows."""
    every = (date.fromordinal(ordinal) for ordinal in range(_FIRST, _LAST + 1))
    return tuple(day.toordinal() for day in every if chinese_calendar.is_workday(day))


class _WorkingDays:
    """Ranks all working days: the rank of a day is how many there are up to and including it."""

    def __init__(self) -> None:
        self._known = _known_working_days()
        self._before = _weekdays(_FIRST - 1)
        self._through = self._before + len(self._known)
        self._shift = self._through - _weekdays(_LAST)

    def rank(self, ordinal: int) -> int:
        if ordinal < _FIRST:
            return _weekdays(ordinal)
        if ordinal > _LAST:
            return _weekdays(ordinal) + self._shift
        return self._before + bisect_right(self._known, ordinal)

    def nth(self, rank: int) -> date:
        if rank <= self._before:
            ordinal = _nth_weekday(rank)
        elif rank <= self._through:
            ordinal = self._known[rank - self._before - 1]
        else:
            ordinal = _nth_weekday(rank - self._shift)
        return date.fromordinal(ordinal) if ordinal < FOREVER.toordinal() else FOREVER


@dataclass(frozen=True, slots=True)
class TermTable:
    """The terms of a region prefix, in order, and the last day the table speaks of."""

    region: str
    terms: tuple[Term, ...]
    end: date

    @property
    def start(self) -> date:
        """The first day the table speaks of."""
        return self.terms[0].span.start


class _TeachingDays:
    """A term table with its teaching days and starts as sorted ordinals."""

    def __init__(self, table: TermTable, working: _WorkingDays) -> None:
        self.table = table
        self.starts = [term.span.start for term in table.terms]
        self.days = [
            ordinal
            for term in table.terms
            for ordinal in range(term.span.start.toordinal(), term.span.end.toordinal() + 1)
            if working.rank(ordinal) > working.rank(ordinal - 1)
        ]

    def check(self, day: date) -> None:
        if not self.table.start <= day <= self.table.end:
            msg = (
                f"no school terms are known for {day} in region {self.table.region}: the table covers "
                f"{self.table.start} to {self.table.end}; extend validators/policy/calendars/terms.yaml"
            )
            raise LookupError(msg)


class DayCalendar:
    """The calendar that rules count by (see `validators.rule.Calendar`).

    Args:
        tables: term tables; the one with the longest prefix of a region holds all its terms.
    """

    def __init__(self, tables: Iterable[TermTable]) -> None:
        self._working = _WorkingDays()
        longest_first = sorted(tables, key=lambda table: (-len(table.region), table.region))
        self._teaching = [_TeachingDays(table, self._working) for table in longest_first]

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`; FOREVER when the calendar ends before it."""
        return self._working.nth(self._working.rank(day.toordinal()) + count)

    def working_days(self, span: Span) -> int:
        """Count the working days in a span."""
        return self._working.rank(span.end.toordinal()) - self._working.rank(span.start.toordinal() - 1)

    def teaching_days(self, span: Span, region: str) -> int:
        """Count the days of a span on which schools of a region teach.

        Raises:
            LookupError: a day of the span lies beyond the table.
        """
        known = self._of(region)
        known.check(span.start)
        known.check(span.end)
        return bisect_right(known.days, span.end.toordinal()) - bisect_left(
            known.days, span.start.toordinal()
        )

    def add_teaching_days(self, day: date, count: int, region: str) -> date:
        """Return the `count`-th teaching day after `day`.

        Raises:
            LookupError: it lies beyond the table.
        """
        known = self._of(region)
        known.check(day)
        place = bisect_right(known.days, day.toordinal()) + count - 1
        if place >= len(known.days):
            known.check(FOREVER)
        return date.fromordinal(known.days[place])

    def term_on(self, day: date, region: str) -> Term | None:
        """Return the term that a day lies in, or None in holidays.

        Raises:
            LookupError: the day lies beyond the table.
        """
        known = self._of(region)
        known.check(day)
        term = known.table.terms[bisect_right(known.starts, day) - 1]
        return term if day in term.span else None

    def next_term(self, day: date, region: str) -> Term | None:
        """Return the first term that starts on or after a day.

        Raises:
            LookupError: the table ends before the next term.
        """
        known = self._of(region)
        known.check(day)
        place = bisect_left(known.starts, day)
        if place == len(known.starts):
            known.check(FOREVER)
        return known.table.terms[place]

    def _of(self, region: str) -> _TeachingDays:
        for known in self._teaching:
            if region.startswith(known.table.region):
                return known
        msg = (
            f"no school terms are known for region {region}: add it to validators/policy/calendars/terms.yaml"
        )
        raise LookupError(msg)


def read_terms(document: Sequence[Mapping[str, Any]]) -> tuple[TermTable, ...]:
    """Read the parsed `terms.yaml`. A school year ends on 31 August.

    Raises:
        ConfigurationError: a part is missing, or terms are out of order; the message says where.
    """
    tables = []
    for entry in document:
        terms: list[Term] = []
        for year in entry["years"]:
            if (
                not year.get("source")
                or year.get("grade") not in {"N", "S", "K", "P"}
                or "verified_on" not in year
            ):
                msg = f"terms of {entry['region']} {year['school_year']}: source, grade and verified_on are needed"
                raise ConfigurationError(msg)
            terms += [Term(year["school_year"], name, Span(*year[name])) for name in ("autumn", "spring")]
        if any(later.span.start <= term.span.end for term, later in pairwise(terms)):
            msg = f"terms of {entry['region']} must follow one another"
            raise ConfigurationError(msg)
        tables.append(TermTable(str(entry["region"]), tuple(terms), date(terms[-1].span.end.year, 8, 31)))
    return tuple(tables)
