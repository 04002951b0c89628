"""The phone's clocks, and how far they are from the server's: from the exchange with the shortest round trip."""

import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """What the clocks show: wall clock in ms since 1970, monotonic clock in ms since boot, and which boot."""

    wall: int
    mono: int
    boot: str

    def to_json(self) -> dict[str, Any]:
        """Return the moment as an op carries it."""
        return asdict(self)


class Clock(Protocol):
    """What tells the time on a phone, and lets it pass."""

    def moment(self) -> Moment:
        """Return what the clocks show now."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clocks."""

    def __init__(self) -> None:
        self._boot = _BOOT.read_text(encoding="ascii").strip() if _BOOT.exists() else str(uuid.uuid4())

    def moment(self) -> Moment:
        """Return what the clocks show now."""
        return Moment(time.time_ns() // 1_000_000, time.monotonic_ns() // 1_000_000, self._boot)

    def pause(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: server time less the wall clock and less the monotonic clock, in ms, and the round trip."""

    boot: str
    rtt: int
    to_wall: int
    to_mono: int


def measured(before: Moment, after: Moment, t1: int, t2: int) -> Sample | None:
    """Return what an exchange tells of the clocks; None when the phone was started anew meanwhile.

    Args:
        before: what the clocks showed when the request went.
        after: what they showed when the answer came.
        t1: server time when it got the request, in ms.
        t2: server time when it answered, in ms.
    """
    if before.boot != after.boot:
        return None
    rtt = max(0, after.mono - before.mono - (t2 - t1))
    to_mono = (t1 - before.mono + t2 - after.mono) // 2
    return Sample(after.boot, rtt, to_mono + after.mono - after.wall, to_mono)


def offset(samples: Iterable[Sample], now: Moment) -> tuple[int, int] | None:
    """Return what to add to the wall clock to get server time, and the round trip it was measured with.

    In the boot of a sample the monotonic clock knows better: somebody may have set the wall clock since.
    """
    known = sorted(samples, key=lambda each: (each.boot != now.boot, each.rtt))
    if not known:
        return None
    best = known[0]
    return (best.to_mono + now.mono - now.wall if best.boot == now.boot else best.to_wall), best.rtt
