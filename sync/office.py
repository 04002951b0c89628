"""Ops of the office: register rows, corrections, replies, voids, returns; through the same log as the phones'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from access import audit
from access.model import Act
from access.policy import allows
from core.clock import day_of
from core.ids import entry_kind, uuid7
from core.principal import Principal
from core.problems import Conflict, NotAllowed, NotFound, Unavailable, Unprocessable
from forms.canonical import NotCanonical, canonical
from forms.log import Landed
from forms.op import OpKind
from store import Document
from sync.clocks import Quality, Timing
from sync.digests import sha256_hex
from sync.filing import Known, Sender, look_up, to_document
from sync.protocol import PushedOp, photos_of, wrong_member
from sync.services import Services

_ACTIONS = {
    OpKind.CORRECTION: "households:correct",
    OpKind.REGISTRY: "households:register",
    OpKind.REPLY: "findings:reply",
    OpKind.VOID: "households:correct",
    OpKind.RETURN: "interviews:return",
    OpKind.FLAG: "interviews:return",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """An op of the office to be stored.

    Attributes:
        kind: registry, correction, reply, void, return or flag.
        body: as the kind asks for; its `household` is the household's id.
        id: op id, for who wants to send the same again; None: a new one.
        said_on: the day on which the content was said, such as the date of a roster; None: today.
    """

    kind: OpKind
    body: dict[str, Any]
    id: str | None = None
    said_on: date | None = None


def submit(  # noqa: PLR0913 - what, about whom, by whom, when
    services: Services,
    principal: Principal,
    kind: OpKind,
    household: str,
    body: dict[str, Any],
    now: datetime,
) -> str:
    """Store one op of the office and return its id; it is settled soon after.

    Raises:
        NotAllowed, NotFound, Unprocessable, Conflict, Unavailable: as `submit_many`.
    """
    return submit_many(services, principal, [Submission(kind, body | {"household": household})], now)[0]


def submit_many(
    services: Services, principal: Principal, submissions: Sequence[Submission], now: datetime
) -> list[str]:
    """Store ops of the office, all or none of those that are faulty, and return their ids in order.

    Raises:
        NotAllowed: the role may not do this, or the region to register in lies outside the caller's.
        NotFound: a household is not in the caller's region.
        Unprocessable: a body lacks what its kind needs.
        Conflict: an id is taken by an op with other content.
        Unavailable: it is not sure that all are stored; send the same ids again.
    """
    ops = [_to_op(each, number) for number, each in enumerate(submissions)]
    known = look_up(services, (op.household for op in ops), (), ())
    for op in ops:
        _check(principal, op, known)
    sender = Sender(principal.user, now)
    documents = [
        to_document(op, sender, Timing(each.said_on or day_of(now), now, Quality.A), known)
        for op, each in zip(ops, submissions, strict=True)
    ]
    landed = services.log.append(documents)
    for op in ops:
        if landed[op.id] is Landed.ID_REUSED:
            raise Conflict(f"Op {op.id} is in the log with other content.")
        if landed[op.id] is Landed.RETRY:
            raise Unavailable
    audit.record_many(services.store, (_entry(Act(principal, now), op, known) for op in ops))
    services.wake(sorted({op.household for op in ops}))
    return [op.id for op in ops]


def _entry(act: Act, op: PushedOp, known: Known) -> Document:
    """Return the audit entry of an op; it has the op's id, so that an op that is sent again is told of once."""
    region = known.regions.get(op.household) or op.body["region"]
    return audit.entry(
        act, _ACTIONS[op.kind], f"{entry_kind(op.household)}/{op.household}", region, {"op": op.id}, key=op.id
    )


def _to_op(submission: Submission, number: int) -> PushedOp:
    at = wrong_member(submission.kind, submission.body)
    if at is not None:
        raise Unprocessable(errors=[{"at": at, "message": "missing, or not of its kind", "op": number}])
    try:
        raw = canonical(submission.body)
    except NotCanonical as error:
        raise Unprocessable(errors=[{"at": "/", "message": str(error), "op": number}]) from error
    op_id = submission.id or uuid7()
    household = str(submission.body["household"])
    blobs = photos_of(submission.kind, submission.body)
    return PushedOp(
        op_id, 0, submission.kind, sha256_hex(raw), submission.body, raw.decode(), household, blobs
    )


def _check(principal: Principal, op: PushedOp, known: Known) -> None:
    if op.kind not in _ACTIONS or not allows(principal.role, _ACTIONS[op.kind]):
        raise NotAllowed
    region = known.regions.get(op.household)
    if op.kind is OpKind.REGISTRY:
        if not principal.covers(op.body["region"]):
            raise NotAllowed(f"Region {op.body['region']} lies outside yours ({principal.region}).")
    elif region is None:
        raise NotFound(f"There is no {entry_kind(op.household)} {op.household} in your region.")
    if region is not None and not principal.covers(region):
        raise NotFound(f"There is no {entry_kind(op.household)} {op.household} in your region.")
