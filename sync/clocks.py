"""When something was said, by a device whose clock may be years off (PROTOCOL §7). Pure; never raises.

Times of a device are milliseconds: `wall` since 1970 by its own clock, `mono` since boot `boot`. `off` is what must be
added to `wall` to get server time, measured by the exchange with the shortest round trip.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from core.clock import day_of, to_millis

_EARLIEST = timedelta(days=400)
_TOLERANCE = timedelta(minutes=5)
_EXACT_MS = 1000


class Quality(StrEnum):
    """How a time was found: A monotonic clock of the same boot, B measured offset, C difference of wall clocks."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Timing:
    """When something was said: day in Asia/Shanghai, instant (None when the device's word is absurd), quality."""

    said_on: date
    finished_at: datetime | None
    quality: Quality


def timing(clock: Mapping[str, Any], finished: object, received_at: datetime) -> Timing:
    """Return when something was finished, in server time.

    Args:
        clock: the device's clock when it sent the request: wall, mono, boot, rtt, off.
        finished: the device's clock when it was finished: wall, mono, boot.
        received_at: when the server got the request.

    Returns:
        The corrected time; the day it was received, with quality C, if the device tells nothing credible: a time
        after it was received (5 minutes are forgiven), or more than 400 days before.
    """
    if isinstance(finished, Mapping):
        for quality, behind in _candidates(clock, finished, received_at):
            if behind is not None and -_TOLERANCE <= behind <= _EARLIEST:
                at = to_millis(received_at - max(behind, timedelta()))
                return Timing(day_of(at), at, quality)
    return Timing(day_of(received_at), None, Quality.C)


@dataclass(frozen=True, slots=True)
class ClockEstimate:
    """How a device's clock stands, in milliseconds.

    Attributes:
        offset_ms: server time less the device's, by the sample with the shortest round trip.
        error_ms: how far that may be off: half of the round trip; None when it was not measured.
        spread_ms: between the largest and the smallest offset sampled; large when the clock was set meanwhile.
        quality: A: within a second; B: measured, less exactly; C: clocks compared without a round trip.
        at: when the sample was taken.
    """

    offset_ms: int
    error_ms: int | None
    spread_ms: int
    quality: Quality
    at: datetime


def estimate(samples: Iterable[Mapping[str, Any]]) -> ClockEstimate | None:
    """Return how a device's clock stands by its samples (`at`, `wall`, `rtt`), None when none is of use.

    A sample's request took half of the round trip, give or take the other half (RFC 5905 §8).
    """
    measured: list[tuple[float, float, datetime]] = []
    for sample in samples:
        wall, rtt = _number(sample.get("wall")), _number(sample.get("rtt"))
        if wall is not None:
            error = rtt / 2 if rtt is not None and rtt >= 0 else math.inf
            way = 0.0 if error == math.inf else error
            measured.append((error, sample["at"].timestamp() * 1000 - way - wall, sample["at"]))
    if not measured:
        return None
    error, offset, at = min(measured, key=lambda each: (each[0], -each[2].timestamp()))
    offsets = [each[1] for each in measured]
    quality = Quality.A if error <= _EXACT_MS else Quality.C if error == math.inf else Quality.B
    known = None if error == math.inf else round(error)
    return ClockEstimate(round(offset), known, round(max(offsets) - min(offsets)), quality, at)


def _candidates(
    clock: Mapping[str, Any], finished: Mapping[str, Any], received_at: datetime
) -> list[tuple[Quality, timedelta | None]]:
    """Return by quality how long before it was received it was finished; the best that applies is alone."""
    wall = _number(finished.get("wall"))
    mono, mono_now = _number(finished.get("mono")), _number(clock.get("mono"))
    boot, off, wall_now = clock.get("boot"), _number(clock.get("off")), _number(clock.get("wall"))
    found: list[tuple[Quality, timedelta | None]] = []
    if isinstance(boot, str) and boot and boot == finished.get("boot") and None not in (mono, mono_now):
        found.append((Quality.A, _span(mono_now, mono)))
    if wall is not None and off is not None:
        found.append((Quality.B, _span(received_at.timestamp() * 1000, wall + off)))
    elif wall is not None:
        found.append((Quality.C, _span(wall_now, wall)))
    return found


def _span(later: float | None, earlier: float | None) -> timedelta | None:
    if later is None or earlier is None:
        return None
    try:
        return timedelta(milliseconds=later - earlier)
    except OverflowError:
        return None


def _number(value: object) -> float | None:
    """Return a finite JSON number as a float, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
