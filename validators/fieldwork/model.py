"""What is known of an interview beside its answers, and what a check measures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from ledger.model import Value

_EARTH_M = 6_371_000
Values = dict[str, Value]
"""What was measured, by name."""


class Position(NamedTuple):
    """Where a phone was, in degrees of WGS 84; accuracy in metres, None when it did not say."""

    lat: float
    lon: float
    accuracy: float | None = None
    mock: bool = False

    def metres_to(self, other: "Position") -> float:
        """Return the distance on the sphere (haversine)."""
        north, east = radians(other.lat - self.lat), radians(other.lon - self.lon)
        half = sin(north / 2) ** 2 + cos(radians(self.lat)) * cos(radians(other.lat)) * sin(east / 2) ** 2
        return 2 * _EARTH_M * asin(sqrt(min(1.0, half)))


@dataclass(frozen=True, slots=True)
class Paradata:
    """One interview that counts, without who lives there.

    Attributes:
        op, interview, household, region, site: what it is; the op is the revision that counts.
        user, install: who made it, with which phone.
        form_id, round: form and round; the round is empty when there is none.
        started, finished: in server time; None when the phone's clock said nothing credible.
        received: when the server got it.
        clock_off: minutes by which the phone's clock was off; None when that was not measured.
        newest: the form version was the newest that was published when the interview began.
        position: where it was made.
        persons: rows of the roster that were asked about.
        items: path of each question with choices or a number that was asked afresh → its answer as canonical text.
        scales: answers to each battery of questions that offer the same choices, in order.
        unsure, refused, other: how many answers say so.
        shown, confirmed: ledger values that were shown to be confirmed, and those that were.
    """

    op: str
    interview: str
    household: str
    region: str
    user: str
    form_id: str
    received: datetime
    site: str = ""
    install: str = ""
    round: str = ""
    started: datetime | None = None
    finished: datetime | None = None
    clock_off: float | None = None
    newest: bool = True
    position: Position | None = None
    persons: int = 0
    items: Mapping[str, str] = field(default_factory=dict)
    scales: tuple[tuple[str, ...], ...] = ()
    unsure: int = 0
    refused: int = 0
    other: int = 0
    shown: int = 0
    confirmed: int = 0

    @property
    def minutes(self) -> float | None:
        """How long it took; None when that is not known."""
        if self.started is None or self.finished is None:
            return None
        return (self.finished - self.started).total_seconds() / 60

    @property
    def size(self) -> int:
        """Persons asked about, from four on in one class: what durations are compared within."""
        return min(self.persons, 4)


class Measured(NamedTuple):
    """What a check found notable.

    Attributes:
        check: `Q11` and so on.
        entry: id of the ledger entry that is told: a household's, or `banner:<code>`.
        subject: interview id, or user id for an enumerator.
        op: the revision that was measured; empty for an enumerator.
        values: what was measured, and what it was measured against.
    """

    check: str
    entry: str
    subject: str
    op: str
    values: Mapping[str, Value]
