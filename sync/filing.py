"""From a well-formed op to its document in the log: what is known of what it names, and what it must wait for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog

from core.ids import entry_kind
from core.jsonvalue import Json
from forms.definition import FormVersion, entry_level
from forms.gate import Gate, Issue, gate_for
from forms.log import Hold
from forms.op import OpKind
from store import Document
from sync.clocks import Timing
from sync.protocol import PushedOp
from sync.services import Services

_log = structlog.get_logger(__name__)
_UNFIT = {
    "code": "subject-unfit",
    "path": "",
    "title": "",
    "message": "这份表单不是关于这类对象的，答案保留，但不计入台账",
    "severity": "error",
}
_UNJUDGED = {"code": "unjudged", "path": "", "title": "", "message": "", "severity": "warning"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of the things a batch of ops names.

    Attributes:
        regions: region by household that is registered.
        forms: form version by hash.
        epochs: assignment epoch by (household, round).
        closed: rounds that are closed.
    """

    regions: Mapping[str, str]
    forms: Mapping[str, FormVersion]
    epochs: Mapping[tuple[str, str], int]
    closed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends ops, and from where: `install` and `device` are None for an office."""

    user: str
    received_at: datetime
    install: str | None = None
    device: str | None = None
    retired: bool = False


def look_up(
    services: Services, households: Iterable[str], forms: Iterable[str], rounds: Iterable[str]
) -> Known:
    """Read all that a batch names: one read a collection."""
    store, names = services.store, sorted(set(households))
    regions = {each["_id"]: each["region"] for each in services.ledger.documents(names, {"region": 1})}
    epochs, closed = {}, set()
    round_ids = sorted(set(rounds))
    if round_ids:
        query: Document = {"household": {"$in": names}, "round": {"$in": round_ids}}
        for each in store["assignments"].find(query, {"household": 1, "round": 1, "epoch": 1}):
            epochs[each["household"], each["round"]] = each["epoch"]
        query = {"_id": {"$in": round_ids}, "state": "closed"}
        closed = {each["_id"] for each in store["rounds"].find(query, {"_id": 1})}
    return Known(regions, services.forms.many(forms), epochs, frozenset(closed))


def hold_of(known: Known, body: Mapping[str, Any], kind: OpKind, *, retired: bool = False) -> Hold | None:
    """Return what an op must wait for, or None."""
    if retired:
        return Hold.DEVICE_RETIRED
    if kind is not OpKind.REGISTRY and body["household"] not in known.regions:
        return Hold.UNKNOWN_HOUSEHOLD
    if kind is OpKind.INTERVIEW and body["form"] not in known.forms:
        return Hold.UNKNOWN_FORM
    return Hold.ROUND_CLOSED if body.get("round") in known.closed else None


def issues_of(known: Known, body: Mapping[str, Any], kind: OpKind) -> list[Json]:
    """Return what the form's schema says of an interview's answers; nothing while its form is unknown.

    The checks across answers cost more; they are made when the op is settled (`checks_of`). An answer that a revision
    leaves as its parent has it is not missing.
    """
    version = known.forms.get(body["form"]) if kind is OpKind.INTERVIEW else None
    if version is None:
        return []
    unfit = [] if fits(version, body["household"]) else [_UNFIT]
    judged = _judged(version, lambda gate: gate.schema_issues(body["answers"]))
    kept = set(body.get("kept") or ())
    return [*unfit, *(each for each in judged if each["code"] != "required" or each["path"] not in kept)]


def fits(version: FormVersion, entry_id: str) -> bool:
    """Tell whether a form is about what an entry is of: a household, a site or a banner."""
    return entry_level(version) == entry_kind(entry_id)


def checks_of(version: FormVersion, answers: Json, on: date) -> list[Json]:
    """Return what the form's checks across answers say of an interview, on the day it was said."""
    return _judged(version, lambda gate: gate.cross_issues(answers, on))


def _judged(version: FormVersion, judge: Callable[[Gate], Iterable[Issue]]) -> list[Json]:
    try:
        return [issue.to_json() for issue in judge(gate_for(version))]
    except Exception:  # noqa: BLE001 - one answer set that crashes the gate must not cost the batch
        _log.exception("gate_failed", form=version.sha256)
        return [_UNJUDGED]


def to_document(op: PushedOp, sender: Sender, timing: Timing, known: Known) -> Document:
    """Return the document of the log for an op. A member that is None is left out."""
    body = op.body
    round_id = body.get("round")
    hold = hold_of(known, body, op.kind, retired=sender.retired)
    region = body["region"] if op.kind is OpKind.REGISTRY else known.regions.get(op.household)
    interview = op.kind is OpKind.INTERVIEW
    document: Document = {
        "_id": op.id,
        "kind": op.kind.value,
        "household": op.household,
        "region": region,
        "install": sender.install,
        "n": op.n if sender.install else None,
        "user": sender.user,
        "device": sender.device,
        "received_at": sender.received_at,
        "said_on": timing.said_on.isoformat(),
        "clock": {"quality": timing.quality.value, "finished_at": timing.finished_at},
        "sha256": op.sha256,
        "form": body["form"] if interview else None,
        "round": round_id,
        "interview": body["interview"] if interview else None,
        "revision": body["revision"] if interview else None,
        "parent": body.get("parent") if interview else None,
        "epoch": (body.get("assignment") or {}).get("epoch"),
        "assigned_epoch": known.epochs.get((op.household, round_id)) if round_id else None,
        "body": op.text,
        "issues": issues_of(known, body, op.kind),
        "blobs": list(op.blobs),
        "pending": True if hold is None else None,
        "hold": hold.value if hold else None,
    }
    return {name: value for name, value in document.items() if value is not None}
