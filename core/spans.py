"""Closed day intervals: the one interval algebra of Ruhu.

A `Span` is the days from `start` to `end`, both included. A `Spans` is a set of days kept as sorted, disjoint,
non-adjacent spans, so two sets of the same days are equal values. `FOREVER` stands for an open end.
Months are calendar months (GB/T 7408): one month after 31 January is the last day of February.
"""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

FOREVER = date.max
_DAY = timedelta(days=1)


def next_day(day: date) -> date:
    """Return the day after, or FOREVER if there is none."""
    return day if day == FOREVER else day + _DAY


def previous_day(day: date) -> date:
    """Return the day before; FOREVER stays FOREVER."""
    return day if day in (FOREVER, date.min) else day - _DAY


def add_months(day: date, months: int) -> date:
    """Return the same day `months` calendar months later (or earlier), cut to the end of a shorter month."""
    if day == FOREVER:
        return day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def age_on(birth: date, day: date) -> int:
    """Return the completed years of age on a day; a birthday on 29 February is kept on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def birthday(birth: date, years: int) -> date:
    """Return the first day on which `age_on` reaches `years`."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The days from `start` to `end`, both included; `end` may be FOREVER.

    Raises:
        ValueError: `end` lies before `start`.
    """

    start: date
    end: date = FOREVER

    def __post_init__(self) -> None:
        if self.end < self.start:
            msg = f"a span cannot end ({self.end}) before it starts ({self.start})"
            raise ValueError(msg)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """The number of days in it."""
        return (self.end - self.start).days + 1

    @property
    def whole_months(self) -> int:
        """The number of calendar months that fit into it."""
        after = next_day(self.end)
        months = (after.year - self.start.year) * 12 + after.month - self.start.month
        return months if add_months(self.start, months) <= after else months - 1

    def outlasts(self, *, months: int) -> bool:
        """Tell whether it is longer than `months` calendar months, by at least one day."""
        return self.end >= add_months(self.start, months)

    def meets(self, other: "Span") -> bool:
        """Tell whether the two share a day."""
        return self.start <= other.end and other.start <= self.end


class Spans:
    """A set of days. Supports `|`, `&`, `-`, `in`, iteration over its `Span`s, equality and hashing."""

    __slots__ = ("_spans",)

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        merged: list[Span] = []
        for span in sorted(spans):
            if merged and span.start <= next_day(merged[-1].end):
                if span.end > merged[-1].end:
                    merged[-1] = Span(merged[-1].start, span.end)
            else:
                merged.append(span)
        self._spans = tuple(merged)

    @classmethod
    def between(cls, start: date, end: date) -> "Spans":
        """Return the days from `start` to `end`, or no days if `end` lies before `start`."""
        return cls((Span(start, end),)) if start <= end else NO_DAYS

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def __bool__(self) -> bool:
        return bool(self._spans)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and self._spans == tuple(other)

    def __hash__(self) -> int:
        return hash(self._spans)

    def __repr__(self) -> str:
        inner = ", ".join(f"{s.start}…{'' if s.end == FOREVER else s.end}" for s in self._spans)
        return f"Spans({inner})"

    def __contains__(self, day: date) -> bool:
        return any(span.start <= day <= span.end for span in self._spans)

    def __or__(self, other: "Spans") -> "Spans":
        if not other:
            return self
        return Spans((*self._spans, *other)) if self else other

    def __and__(self, other: "Spans") -> "Spans":
        return Spans(
            Span(max(a.start, b.start), min(a.end, b.end))
            for a in self._spans
            for b in other
            if a.start <= b.end and b.start <= a.end
        )

    def __sub__(self, other: "Spans") -> "Spans":
        left: list[Span] = []
        for span in self._spans:
            start: date | None = span.start
            for cut in other:
                if start is None or cut.start > span.end:
                    break
                if cut.end < start:
                    continue
                if cut.start > start:
                    left.append(Span(start, previous_day(cut.start)))
                start = next_day(cut.end) if cut.end < span.end else None
            if start is not None:
                left.append(Span(start, span.end))
        return Spans(left)

    @property
    def start(self) -> date | None:
        """The first day, or None if there is none."""
        return self._spans[0].start if self._spans else None

    @property
    def end(self) -> date | None:
        """The last day, or None if there is none."""
        return self._spans[-1].end if self._spans else None

    @property
    def days(self) -> int:
        """The number of days in the set."""
        return sum(span.days for span in self._spans)

    def gaps(self) -> "Spans":
        """Return the days missing between its first and its last."""
        return Spans(Span(next_day(a.end), previous_day(b.start)) for a, b in pairwise(self._spans))


NO_DAYS = Spans()
