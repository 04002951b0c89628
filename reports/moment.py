"""Months, their deadlines, and as of when a report speaks. Pure; days are days in Asia/Shanghai."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from core.problems import Unprocessable
from core.spans import Span, add_months, next_day, previous_day

REMIND_DAY, LAST_DAY = 3, 5
"""九(一): 每月5日前 is read as: the 5th itself is in time, until 24:00 (DOMAIN §0.11)."""
_MONTH = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Moment:
    """As of when a report speaks.

    Attributes:
        as_of: what was settled by this instant is taken into account.
        day: the day as of which it is judged: that of the instant.
        known_until: for a restatement: what was said no later than `day` and settled by this instant, too.
    """

    as_of: datetime
    day: date
    known_until: datetime | None = None


def month_days(month: str) -> Span:
    """Return the days of a month given as YYYY-MM.

    Raises:
        Unprocessable: it is none.
    """
    if not _MONTH.fullmatch(month):
        raise Unprocessable(errors=[{"at": "/month", "message": "a month as YYYY-MM"}])
    first = date.fromisoformat(f"{month}-01")
    return Span(first, previous_day(add_months(first, 1)))


def month_before(day: date) -> str:
    """Return the month before the one that a day lies in."""
    return f"{add_months(day, -1):%Y-%m}"


def before(month: str) -> str:
    """Return the month before a month."""
    return month_before(month_days(month).start)


def last_day_to_send(month: str) -> date:
    """Return the last day on which the report of a month is in time."""
    return next_day(month_days(month).end).replace(day=LAST_DAY)


def is_late(month: str, day: date) -> bool:
    """Tell whether the report of a month, not sent by the end of the day before `day`, is overdue."""
    return day > last_day_to_send(month)
