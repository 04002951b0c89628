"""Push: store first, judge second (PROTOCOL §2, §3). Every op is answered for itself; a batch is not atomic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from access.policy import allows
from core.principal import Principal, Role
from forms.log import Landed
from forms.op import OpKind
from store import Document
from sync.clocks import timing
from sync.filing import Known, Sender, look_up, to_document
from sync.protocol import PushedOp, RefusedOp, SyncRequest, messages
from sync.services import Services

BUDGET = timedelta(seconds=20)
_ACTIONS = {
    OpKind.CORRECTION: "households:correct",
    OpKind.REGISTRY: "households:register",
    OpKind.RETURN: "interviews:return",
    OpKind.FLAG: "interviews:return",
}
_KEPT = frozenset({Landed.STORED, Landed.DUPLICATE})
_DURABLE = frozenset({"stored", "duplicate", "quarantined"})


@dataclass(slots=True)
class Pushed:
    """What became of a batch.

    Attributes:
        results: one per op, in the order sent.
        numbers: numbers of the ops that are durable.
        households: households that have something to settle.
    """

    results: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    households: list[str] = field(default_factory=list)


def push(services: Services, principal: Principal, request: SyncRequest, sender: Sender) -> Pushed:
    """Append the ops of a request to the log.

    Raises:
        PyMongoError: the database could not answer; some may be stored, and sending all again is safe.
    """
    if not request.ops:
        return Pushed()
    batch = _Batch(services, principal, request, sender)
    landed = services.log.append(batch.documents)
    batch.look_for_photos()  # after the ops are durable: see `Blobs.let_go`
    pushed = Pushed()
    for position, op in enumerate(request.ops):
        result = batch.result(position, op, landed)
        pushed.results.append(result)
        if result["status"] in _DURABLE and result["n"] is not None:
            pushed.numbers.append(result["n"])
    stored = (document for document in batch.documents if landed[document["_id"]] is Landed.STORED)
    pushed.households = sorted({each["household"] for each in stored if "pending" in each})
    return pushed


class _Batch:
    """A batch, read once: what it names, who may send what, and the documents that go to the log."""

    def __init__(
        self, services: Services, principal: Principal, request: SyncRequest, sender: Sender
    ) -> None:
        ops = [op for op in request.ops if isinstance(op, PushedOp)]
        interviews = [op for op in ops if op.kind is OpKind.INTERVIEW]
        rounds = [op.body["round"] for op in ops if op.body.get("round") is not None]
        self._services = services
        self._principal = principal
        self._request = request
        self._sender = sender
        self._known: Known = look_up(
            services, (op.household for op in ops), (op.body["form"] for op in interviews), rounds
        )
        self._own = self._own_interviews(ops)
        self._units_own = self._of_own_unit(ops)
        self._refused: dict[int, str] = {}
        self._late: set[int] = set()
        self._documents: dict[str, Document] = {}
        self._photos: frozenset[str] = frozenset()
        self._file(request.ops, sender.received_at + BUDGET)

    @property
    def documents(self) -> list[Document]:
        """The documents to append, in the order sent."""
        return list(self._documents.values())

    def look_for_photos(self) -> None:
        """Learn which of the photos that the batch names are here: one read, none if it names none."""
        named = (sha256 for document in self.documents for sha256 in document["blobs"])
        self._photos = frozenset(self._services.blobs.complete(named))

    def result(self, position: int, op: PushedOp | RefusedOp, landed: Mapping[str, Landed]) -> dict[str, Any]:
        """Return what the answer says of one op."""
        names = {"id": op.id, "n": op.n, "sha256": op.sha256}
        if isinstance(op, RefusedOp):
            return names | _refusal(op.code) | ({"at": op.at} if op.at else {})
        if position in self._refused:
            return names | _refusal(self._refused[position])
        became = Landed.RETRY if position in self._late else landed[op.id]
        return names | (self._stored(op, became) if became in _KEPT else _not_stored(became))

    def _stored(self, op: PushedOp, became: Landed) -> dict[str, Any]:
        document = self._documents[op.id]
        missing = [sha256 for sha256 in op.blobs if sha256 not in self._photos]
        told = {"issues": document["issues"], "missing": missing}
        hold = document.get("hold")
        if hold is None or became is Landed.DUPLICATE:
            return {"status": became.value} | told
        return {"status": "quarantined", "code": hold, "todo": messages()["quarantined"][hold]} | told

    def _file(self, ops: Sequence[PushedOp | RefusedOp], deadline: datetime) -> None:
        for position, op in enumerate(ops):
            if not isinstance(op, PushedOp):
                continue
            first = self._documents.get(op.id)
            if first is not None:
                if first["sha256"] != op.sha256:
                    self._refused[position] = Landed.ID_REUSED.value
            elif not self._may_send(op):
                self._refused[position] = "not-permitted"
            elif self._services.clock.now() > deadline:
                self._late.add(position)
            else:
                when = timing(self._request.clock, op.body.get("finished"), self._sender.received_at)
                self._documents[op.id] = to_document(op, self._sender, when, self._known)

    def _own_interviews(self, ops: Sequence[PushedOp]) -> frozenset[str]:
        """Return the interviews of the sender that an enumerator's batch would void."""
        if self._principal.role is not Role.ENUMERATOR:
            return frozenset()
        voided = [str(op.body.get("interview")) for op in ops if op.kind is OpKind.VOID]
        senders = self._services.log.senders(voided)
        own = {interview for interview, users in senders.items() if users == {self._principal.user}}
        sent = {op.body["interview"] for op in ops if op.kind is OpKind.INTERVIEW}
        return frozenset(own | (sent - senders.keys()))

    def _of_own_unit(self, ops: Sequence[PushedOp]) -> frozenset[str]:
        """Return the findings, and the households with findings, of an officer's unit that a batch names."""
        if self._principal.role is not Role.OFFICER:
            return frozenset()
        findings, unit = self._services.findings, self._principal.unit or ""
        replied = [str(op.body.get("finding")) for op in ops if op.kind is OpKind.REPLY]
        return frozenset(
            findings.of_unit(unit, replied) | findings.concerned(unit, {op.household for op in ops})
        )

    def _officer_may_send(self, op: PushedOp, *, known: bool) -> bool:
        """Tell whether an op is about the officer's unit's own work. An officer voids nothing."""
        if op.kind is OpKind.REPLY:
            return op.body.get("finding") in self._units_own
        return op.kind is not OpKind.VOID and (not known or op.household in self._units_own)

    def _may_send(self, op: PushedOp) -> bool:
        """Tell whether the sender's region and role allow an op. An unknown household is nobody's yet."""
        principal, region = self._principal, self._known.regions.get(op.household)
        if region is not None and not principal.covers(region):
            return False
        if not allows(principal.role, _ACTIONS.get(op.kind, "sync:exchange")):
            return False
        if op.kind is OpKind.REGISTRY:
            return principal.covers(op.body["region"])
        if op.kind is OpKind.VOID and principal.role is Role.ENUMERATOR:
            return op.body.get("interview") in self._own
        if op.kind is OpKind.REPLY and not allows(principal.role, "findings:reply"):
            return op.body.get("action") == "comment"  # what was seen at the door; the unit decides
        return principal.role is not Role.OFFICER or self._officer_may_send(op, known=region is not None)


def _not_stored(became: Landed) -> dict[str, Any]:
    return {"status": "retry"} if became is Landed.RETRY else _refusal(became.value)


def _refusal(code: str) -> dict[str, Any]:
    return {"status": "rejected", "code": code, "todo": messages()["rejected"][code]}
