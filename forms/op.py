"""The op: one immutable entry of the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class OpKind(StrEnum):
    """What an op is (DESIGN §3)."""

    INTERVIEW = "interview"
    VISIT = "visit"
    CORRECTION = "correction"
    REGISTRY = "registry"
    REPLY = "reply"
    VOID = "void"
    RETURN = "return"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Op:
    """One op as the fold sees it.

    Attributes:
        id: client-made UUIDv7.
        kind: see `OpKind`.
        household: id of the household it is about.
        received_at: when the server stored it; with `id` it is the order of the log.
        said_on: the day (Asia/Shanghai) on which its content was said, from the corrected device time.
        user: who said so to the system.
        body: the parsed body, as sent.
        form: SHA-256 of the form version (interviews).
        round: round id, if any.
        interview, revision, parent: revision chain of an interview.
        epoch: assignment epoch the device held; None when unassigned.
        assigned_epoch: epoch of the household's assignment in that round when the op was stored.
        stage: when settling first took it into account; None while pending.
    """

    id: str
    kind: OpKind
    household: str
    received_at: datetime
    said_on: date
    user: str
    body: Mapping[str, Any]
    form: str | None = None
    round: str | None = None
    interview: str | None = None
    revision: str | None = None
    parent: str | None = None
    epoch: int | None = None
    assigned_epoch: int | None = None
    stage: datetime | None = None

    @property
    def log_order(self) -> tuple[datetime, str]:
        """The op's place in the log."""
        return (self.received_at, self.id)
