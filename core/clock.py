"""Time, injected. Days are days in Asia/Shanghai; instants are aware UTC datetimes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(instant: datetime) -> date:
    """Return the calendar day of an aware instant in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def to_millis(instant: datetime) -> datetime:
    """Cut an instant to milliseconds, the precision that MongoDB keeps."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def from_epoch_ms(milliseconds: float) -> datetime:
    """Return the aware UTC instant of a Unix time in milliseconds.

    Raises:
        OverflowError, ValueError: the number names no instant that a datetime can hold.
    """
    return to_millis(datetime.fromtimestamp(milliseconds / 1000, tz=UTC))


class Clock(Protocol):
    """What tells the time; passed in, never read from the air."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC, whole milliseconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC, whole milliseconds."""
        return to_millis(datetime.now(tz=UTC))


@dataclass
class FixedClock:
    """A clock that stands still until it is set; for tests and replays."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant this clock was set to."""
        return to_millis(self.instant)
