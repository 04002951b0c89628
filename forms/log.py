"""The append-only log of ops: what was said, in the very bytes whose digest the sender named.

A document of `ops` is immutable but for what settling and release decide: `pending`, `hold`, `settled`, and for an op
that waited, `region` and `issues`, which could not be known before. The body is kept as canonical JSON *text*: keys
with `$`, dots or NUL and any depth are storable, and the digest stays verifiable. In the database it is
sealed, whole, as are the issues that the gate found in it; who reads through this file sees clear values.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

import structlog
from bson.binary import Binary
from pymongo import UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError

from core.jsonvalue import Json
from forms.op import Op, OpKind
from store import BrokenSealError, Document, Sealer, Session, Store

_DUPLICATE_KEY = 11000
_log = structlog.get_logger(__name__)
_ORDER = [("household", 1), ("received_at", 1), ("_id", 1)]


class Hold(StrEnum):
    """Why an op is in quarantine: stored, but not settled before the missing piece comes."""

    DEVICE_RETIRED = "device-retired"
    UNKNOWN_HOUSEHOLD = "unknown-household"
    UNKNOWN_FORM = "unknown-form"
    ROUND_CLOSED = "round-closed"
    SETTLE_FAILED = "settle-failed"


class Landed(StrEnum):
    """What became of an op that was appended."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    RETRY = "retry"
    ID_REUSED = "id-reused"
    DEVICE_FORKED = "device-forked"


@dataclass(frozen=True, slots=True)
class Logged:
    """An op as it lies in the log.

    Attributes:
        op: what the fold sees.
        sha256: digest of the canonical body.
        issues: what the form's gate said of the answers, and its checks across answers once it is settled.
        pending: not settled yet.
        hold: why it is in quarantine, or None.
        finished_at: when the device says it was finished, corrected; None when it did not say.
        clock: quality of the device's time: A, B or C.
        blobs: digests of its photos.
        day: the day as of which it was settled; None before.
        phone: it came from a phone, not from an office.
    """

    op: Op
    sha256: str
    issues: tuple[Json, ...]
    pending: bool
    hold: Hold | None
    finished_at: datetime | None
    clock: str
    blobs: tuple[str, ...]
    day: date | None
    phone: bool = False


def seal_op(document: Mapping[str, Any], sealer: Sealer) -> Document:
    """Return a document of `ops` as it is kept: its body, and what the gate said of the answers, are sealed."""
    name = document["_id"]
    kept = {**document, "body": Binary(sealer.seal(f"op/{name}", {"": document["body"]}))}
    if document["issues"]:
        kept["issues"] = _sealed_issues(name, "issues", document["issues"], sealer)
    return kept


def body_text(document: Mapping[str, Any], sealer: Sealer) -> str:
    """Return the canonical text of an op's body, whose SHA-256 is the document's `sha256`.

    Raises:
        BrokenSealError: it is not what was sealed for this op.
    """
    text: str = sealer.unseal(f"op/{document['_id']}", document["body"])[""]
    return text


def _sealed_issues(op_id: str, part: str, issues: Sequence[Json], sealer: Sealer) -> Binary:
    return Binary(sealer.seal(f"op/{op_id}/{part}", list(issues)))


def _issues(op_id: str, part: str, kept: Any, sealer: Sealer) -> Sequence[Json]:
    return sealer.unseal(f"op/{op_id}/{part}", kept) if kept else ()


def to_op(document: Mapping[str, Any], sealer: Sealer) -> Op:
    """Read an op from a document of `ops`."""
    settled = document.get("settled")
    return Op(
        document["_id"],
        OpKind(document["kind"]),
        document["household"],
        document["received_at"],
        date.fromisoformat(document["said_on"]),
        document["user"],
        json.loads(body_text(document, sealer)),
        document.get("form"),
        document.get("round"),
        document.get("interview"),
        document.get("revision"),
        document.get("parent"),
        document.get("epoch"),
        document.get("assigned_epoch"),
        settled["stage"] if settled else None,
    )


def to_logged(document: Mapping[str, Any], sealer: Sealer) -> Logged:
    """Read an op and what the log knows of it from a document of `ops`."""
    hold, clock, settled = document.get("hold"), document["clock"], document.get("settled")
    issues = _issues(document["_id"], "issues", document["issues"], sealer)
    checks = _issues(document["_id"], "checks", (settled or {}).get("checks"), sealer)
    return Logged(
        to_op(document, sealer),
        document["sha256"],
        (*issues, *checks),
        bool(document.get("pending")),
        Hold(hold) if hold else None,
        clock.get("finished_at"),
        clock["quality"],
        tuple(document["blobs"]),
        date.fromisoformat(settled["day"]) if settled else None,
        "install" in document,
    )


class OpLog:
    """The log in the collection `ops`. Reads are majority reads, writes are majority and journaled."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- writing

    def append(self, documents: Sequence[Document]) -> dict[str, Landed]:
        """Append ops, each for itself, and tell by op id what became of it.

        A duplicate is called so only after a majority read has seen an equal digest: a copy that is not yet
        majority-committed can still be rolled back, when the phone has deleted its own.

        Raises:
            PyMongoError: the database could not answer; some may be stored, and sending all again is safe.
        """
        if not documents:
            return {}
        landed = {document["_id"]: Landed.STORED for document in documents}
        try:
            kept = [seal_op(document, self._store.sealer) for document in documents]
            self._store["ops"].insert_many(kept, ordered=False)
        except BulkWriteError as error:
            if error.details["writeConcernErrors"]:  # written, but nobody knows whether it will stay
                landed = dict.fromkeys(landed, Landed.RETRY)
            failed = {documents[each["index"]]["_id"]: each["code"] for each in error.details["writeErrors"]}
            landed |= dict.fromkeys(failed, Landed.RETRY)
            twice = [document for document in documents if failed.get(document["_id"]) == _DUPLICATE_KEY]
            landed |= self._compare(twice)
        return landed

    def _compare(self, documents: Sequence[Document]) -> dict[str, Landed]:
        """Tell what became of ops whose id or (install, n) is taken, by majority reads."""
        ops = self._store["ops"]
        known = {
            found["_id"]: found["sha256"]
            for found in ops.find({"_id": {"$in": [each["_id"] for each in documents]}}, {"sha256": 1})
        }
        numbers = defaultdict(list)
        for document in documents:
            if document["_id"] not in known and "n" in document:
                numbers[document["install"]].append(document["n"])
        taken = {
            (install, found["n"])
            for install, wanted in numbers.items()
            for found in ops.find({"install": install, "n": {"$in": wanted}}, {"n": 1})
        }
        landed = {}
        for document in documents:
            digest = known.get(document["_id"])
            if digest == document["sha256"]:
                landed[document["_id"]] = Landed.DUPLICATE
            elif digest is not None:
                _log.warning("op_id_reused", op=document["_id"], first=digest, other=document["sha256"])
                landed[document["_id"]] = Landed.ID_REUSED
            else:
                forked = (document.get("install"), document.get("n")) in taken
                landed[document["_id"]] = Landed.DEVICE_FORKED if forked else Landed.RETRY
        return landed

    def mark_settled(
        self,
        ops: Sequence[Op],
        stage: datetime,
        day: date,
        checks: Mapping[str, Sequence[Json]],
        session: Session,
    ) -> None:
        """Note the stage and day at which ops were first taken into account, and what the checks found, by op id."""
        done: Document = {"stage": stage, "day": day.isoformat()}
        plain = [op.id for op in ops if not checks.get(op.id)]
        writes: list[UpdateMany | UpdateOne] = [
            UpdateOne(
                {"_id": op_id},
                {
                    "$set": {"settled": done | {"checks": self._checks(op_id, found)}},
                    "$unset": {"pending": ""},
                },
            )
            for op_id, found in checks.items()
            if found
        ]
        if plain:
            update: Document = {"$set": {"settled": done}, "$unset": {"pending": ""}}
            writes.append(UpdateMany({"_id": {"$in": plain}}, update))
        if writes:
            self._store["ops"].bulk_write(writes, ordered=False, session=session)

    def _checks(self, op_id: str, found: Sequence[Json]) -> Binary:
        return _sealed_issues(op_id, "checks", found, self._store.sealer)

    def hold(self, ops: Sequence[Op], why: Hold) -> None:
        """Put pending ops into quarantine, so that they hinder nothing else."""
        self._store["ops"].update_many(
            {"_id": {"$in": [op.id for op in ops]}, "pending": True},
            {"$set": {"hold": why.value}, "$unset": {"pending": ""}},
        )

    def release(self, changes: Iterable[tuple[str, Hold, Mapping[str, Any], Hold | None]]) -> int:
        """Let ops out of quarantine, or say what they wait for now; return how many became pending.

        Args:
            changes: (op id, present hold, values learnt meanwhile, next hold or None).
        """
        writes, freed = [], 0
        for op_id, present, values, following in changes:
            learnt = dict(values)
            if learnt.get("issues"):
                learnt["issues"] = _sealed_issues(op_id, "issues", learnt["issues"], self._store.sealer)
            update: Document = {"$set": learnt}
            if following is None:
                update["$set"]["pending"] = True
                update["$unset"] = {"hold": ""}
                freed += 1
            else:
                update["$set"]["hold"] = following.value
            writes.append(UpdateOne({"_id": op_id, "hold": present.value}, update))
        if writes:
            self._store["ops"].bulk_write(writes, ordered=False)
        return freed

    # --- reading

    def _logged(self, document: Mapping[str, Any]) -> Logged:
        return to_logged(document, self._store.sealer)

    def get(self, op_id: str) -> Logged | None:
        """Return an op by id, or None."""
        found = self._store["ops"].find_one({"_id": op_id})
        return None if found is None else self._logged(found)

    def damaged(self, sample: int) -> tuple[int, list[str]]:
        """Return how many ops were drawn by lot, and the ids of those whose body is not the one of its digest."""
        drawn = self._store["ops"].aggregate(
            [{"$sample": {"size": sample}}, {"$project": {"body": 1, "sha256": 1}}]
        )
        verdicts = [(document["_id"], self._whole(document)) for document in drawn]
        return len(verdicts), [op_id for op_id, whole in verdicts if not whole]

    def _whole(self, document: Mapping[str, Any]) -> bool:
        try:
            text = body_text(document, self._store.sealer)
        except BrokenSealError:
            return False
        return bool(hashlib.sha256(text.encode()).hexdigest() == document["sha256"])

    def of_household(self, household: str) -> list[Op]:
        """Return the ops of a household in log order, without those in quarantine."""
        return [each.op for each in self.of_households([household])[household] if each.hold is None]

    def of_households(
        self, households: Sequence[str], session: Session | None = None
    ) -> dict[str, list[Logged]]:
        """Return the ops of each household in log order, those in quarantine too: one read."""
        found: dict[str, list[Logged]] = {household: [] for household in households}
        for document in self._store["ops"].find({"household": {"$in": list(households)}}, session=session):
            found[document["household"]].append(self._logged(document))
        for logged in found.values():
            logged.sort(key=lambda each: each.op.log_order)
        return found

    def pending(self, after: str = "", limit: int = 1000) -> list[str]:
        """Return up to `limit` households with unsettled ops whose id comes after `after`, in order."""
        query = {"pending": True, "household": {"$gt": after}}
        cursor = self._store["ops"].find(query, {"household": 1, "_id": 0}).sort("household", 1)
        households: list[str] = []
        for document in cursor.hint("pending_1_household_1").batch_size(4 * limit):
            if not households or document["household"] != households[-1]:
                if len(households) == limit:
                    break
                households.append(document["household"])
        return households

    def held(self, query: Mapping[str, Any]) -> Iterator[Logged]:
        """Yield ops in quarantine that match `query` (fields of the document), in order of reason."""
        for document in self._store["ops"].find({"hold": {"$exists": True}, **query}):
            yield self._logged(document)

    def have(self, install: str) -> list[list[int]]:
        """Return the ranges of op numbers of an install that the log holds, read from the index alone."""
        query = {"install": install, "n": {"$exists": True}}
        cursor = self._store["ops"].find(query, {"n": 1, "_id": 0}).sort("n", 1).hint("install_1_n_1")
        return merge_ranges((), (document["n"] for document in cursor.batch_size(10_000)))

    def senders(self, interviews: Sequence[str]) -> dict[str, set[str]]:
        """Return by interview id the users who sent a revision of it: one read."""
        users: dict[str, set[str]] = defaultdict(set)
        if interviews:
            query = {"interview": {"$in": list(interviews)}}
            for found in self._store["ops"].find(query, {"interview": 1, "user": 1}):
                users[found["interview"]].add(found["user"])
        return dict(users)

    def households_naming(self, sha256: str) -> list[str]:
        """Return the households whose interviews name a photo."""
        query = {"blobs": sha256, "kind": OpKind.INTERVIEW.value}
        found: list[str] = self._store["ops"].distinct("household", query)
        return found

    def interviews_of_user(
        self, user: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> list[Logged]:
        """Return a user's interviews, newest first, from before a place in the log."""
        query: Document = {"user": user, "kind": OpKind.INTERVIEW.value}
        if before is not None:
            at, op_id = before
            query["$or"] = [{"received_at": {"$lt": at}}, {"received_at": at, "_id": {"$lt": op_id}}]
        cursor = self._store["ops"].find(query).sort([("received_at", -1), ("_id", -1)]).limit(limit)
        return [self._logged(document) for document in cursor]

    def interviewed_since(self, at: datetime) -> dict[str, set[str]]:
        """Return by user the households of which they sent interviews since an instant; found by an index."""
        kind = {"kind": OpKind.INTERVIEW.value, "received_at": {"$gte": at}}
        found = {}
        for user in self._store["ops"].distinct("user"):
            sent = self._store["ops"].find({"user": user, **kind}, {"household": 1})
            if households := {document["household"] for document in sent}:
                found[user] = households
        return found

    def stream(self, after: str = "") -> Iterator[tuple[str, list[Logged]]]:
        """Yield (household, its ops in log order) of the whole log after a household; memory stays constant."""
        cursor = self._store["ops"].find({"household": {"$gt": after}}).sort(_ORDER).batch_size(500)
        for household, documents in groupby(cursor, key=lambda document: str(document["household"])):
            yield household, [self._logged(document) for document in documents]


def merge_ranges(ranges: Iterable[Sequence[int]], numbers: Iterable[int]) -> list[list[int]]:
    """Return closed ranges of whole numbers with `numbers` added: sorted, disjoint, not adjacent."""
    merged: list[list[int]] = []
    for first, last in sorted([*((each[0], each[1]) for each in ranges), *((n, n) for n in numbers)]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return merged
