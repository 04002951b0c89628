"""The feed: newest row per (scope, key), and a counter per scope that makes a reader's cursor safe (PROTOCOL §5).

Writers of one scope conflict on its counter document, so commit order is the order of `seq`, and a majority read is a
prefix. Therefore the counter is written inside the transaction that writes the rows, after them, scopes sorted.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from bson.binary import Binary
from pymongo import ReplaceOne, UpdateOne

from core.jsonvalue import Json
from forms.canonical import canonical
from store import Document, Sealer, Session, Store
from sync.digests import MODULUS, mix, version_of

PUT, DEL = "put", "del"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Head:
    """A scope's counter: newest seq, tombstone floor, number of rows, sum of their digests modulo 2^63."""

    seq: int = 0
    floor: int = 0
    n: int = 0
    sum: int = 0

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Head":
        """Read a document of `feed_scopes`."""
        return cls(document["seq"], document.get("floor", 0), document["n"], document["sum"])


@dataclass(frozen=True, slots=True)
class FeedRow:
    """The newest row of a key in a scope; `content` is what is put, or why it was deleted."""

    scope: str
    key: str
    seq: int
    op: str
    ver: str
    content: Json
    size: int

    @classmethod
    def from_document(cls, document: Mapping[str, Any], sealer: Sealer) -> "FeedRow":
        """Read a document of `feed`."""
        names, text = document["_id"], _text(document, sealer)
        return cls(
            names["s"],
            names["k"],
            document["seq"],
            document["op"],
            document["ver"],
            json.loads(text),
            len(text.encode()),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A row to be written. `household` names whose row it is, if it is a household's."""

    scope: str
    key: str
    op: str
    text: str
    household: str | None = None

    @property
    def ver(self) -> str:
        """The row's version; a deleted row has none."""
        return version_of(self.text) if self.op == PUT else ""


def put(scope: str, key: str, row: Json, household: str | None = None) -> Change:
    """Return the change that puts a row."""
    return Change(scope, key, PUT, canonical(row).decode(), household)


def delete(scope: str, key: str, why: str, household: str | None = None) -> Change:
    """Return the change that deletes a row, and says why: `reassigned`, `closed`, `cleared`, …."""
    return Change(scope, key, DEL, canonical({"why": why}).decode(), household)


class FeedWriter:
    """Writes rows inside a transaction. Collect changes with `add`, then call `flush` as the last write.

    Args:
        store: the database.
        session: the transaction's.
        at: the present, noted with tombstones, which are purged when they are old.
    """

    def __init__(self, store: Store, session: Session, at: datetime) -> None:
        self._store = store
        self._session = session
        self._at = at
        self._changes: dict[tuple[str, str], Change] = {}
        self._present: dict[tuple[str, str], Document] = {}
        self._owned: set[str] = set()

    def replace(self, households: Sequence[str], changes: Sequence[Change], why: str = "settled") -> None:
        """Note that the rows of some households are exactly `changes`: what else is there is deleted."""
        self._owned.update(households)
        wanted = {(change.scope, change.key) for change in changes}
        query, fields = {"household": {"$in": list(households)}}, {"op": 1, "ver": 1, "household": 1}
        for document in self._store["feed"].find(query, fields, session=self._session):
            names = document["_id"]["s"], document["_id"]["k"]
            self._present[names] = document
            if document["op"] == PUT and names not in wanted:
                self.add([delete(*names, why, document["household"])])
        self.add(changes)

    def add(self, changes: Iterable[Change]) -> None:
        """Note changes; of two of one key in one scope the later counts."""
        for change in changes:
            self._changes[change.scope, change.key] = change

    def flush(self) -> int:
        """Write what differs from what is there, then the counters; return the number of rows written."""
        if not self._changes:
            return 0
        self._look()
        differing = [
            (change, self._present.get(names))
            for names, change in sorted(self._changes.items())
            if _differs(change, self._present.get(names))
        ]
        if not differing:
            return 0
        scopes = sorted({change.scope for change, _ in differing})
        heads = read_heads(self._store, scopes, self._session)
        self._write(differing, scopes, heads)
        return len(differing)

    def _look(self) -> None:
        """Read what is there of the rows that `replace` did not read."""
        unknown = [names for names, change in self._changes.items() if change.household not in self._owned]
        for start in range(0, len(unknown), _CHUNK):
            names = [{"s": scope, "k": key} for scope, key in unknown[start : start + _CHUNK]]
            query, fields = {"_id": {"$in": names}}, {"op": 1, "ver": 1}
            for document in self._store["feed"].find(query, fields, session=self._session):
                self._present[document["_id"]["s"], document["_id"]["k"]] = document

    def _write(
        self,
        differing: Sequence[tuple[Change, Document | None]],
        scopes: Sequence[str],
        heads: Mapping[str, Head],
    ) -> None:
        counts = {scope: [head.seq, head.n, head.sum] for scope, head in heads.items()}
        writes = []
        for change, old in differing:
            count = counts[change.scope]
            count[0] += 1
            if old is not None and old["op"] == PUT:
                count[1] -= 1
                count[2] = (count[2] - mix(change.key, old["ver"])) % MODULUS
            if change.op == PUT:
                count[1] += 1
                count[2] = (count[2] + mix(change.key, change.ver)) % MODULUS
            writes.append(_row_write(change, count[0], self._at, self._store.sealer))
        self._store["feed"].bulk_write(writes, ordered=False, session=self._session)
        counters = [
            UpdateOne(
                {"_id": scope},
                {
                    "$inc": {"seq": counts[scope][0] - heads[scope].seq},
                    "$set": {"n": counts[scope][1], "sum": counts[scope][2]},
                    "$setOnInsert": {"floor": 0},
                },
                upsert=True,
            )
            for scope in scopes
        ]
        self._store["feed_scopes"].bulk_write(counters, ordered=True, session=self._session)


def _differs(change: Change, old: Document | None) -> bool:
    if change.op == DEL:
        return old is not None and old["op"] == PUT
    return old is None or old["op"] != PUT or old["ver"] != change.ver


def _row_write(change: Change, seq: int, at: datetime, sealer: Sealer) -> ReplaceOne[Document]:
    names = {"s": change.scope, "k": change.key}
    document: Document = {"_id": names, "seq": seq, "op": change.op, "ver": change.ver}
    if change.op == PUT:
        document["row"] = Binary(sealer.seal(f"feed/{change.scope}/{change.key}", change.text))
    else:
        document |= {"row": change.text, "at": at}
    if change.household is not None:
        document["household"] = change.household
    return ReplaceOne({"_id": names}, document, upsert=True)


# --- reading


def _text(document: Mapping[str, Any], sealer: Sealer) -> str:
    """Return the canonical text of a row: one that is put is sealed, why one was deleted is not."""
    names, row = document["_id"], document["row"]
    text: str = row if isinstance(row, str) else sealer.unseal(f"feed/{names['s']}/{names['k']}", row)
    return text


def read_heads(store: Store, scopes: Sequence[str], session: Session | None = None) -> dict[str, Head]:
    """Return the counters of scopes; a scope that nobody wrote to has an empty one."""
    heads = dict.fromkeys(scopes, Head())
    for document in store["feed_scopes"].find({"_id": {"$in": list(scopes)}}, session=session):
        heads[document["_id"]] = Head.from_document(document)
    return heads


def rows_of_households(store: Store, households: Sequence[str]) -> dict[str, dict[tuple[str, str], str]]:
    """Return by household the versions of the rows that are put now, by (scope, key)."""
    found: dict[str, dict[tuple[str, str], str]] = {household: {} for household in households}
    query = {"household": {"$in": list(households)}, "op": PUT}
    for document in store["feed"].find(query, {"household": 1, "ver": 1}):
        found[document["household"]][document["_id"]["s"], document["_id"]["k"]] = document["ver"]
    return found


class FeedReader:
    """Reads heads, epoch, a device's `have`, and rows, all as of one majority snapshot.

    Use as a context manager: the first read chooses the snapshot.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._session = store.client.start_session(snapshot=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._session.end_session()

    def state(self, scopes: Sequence[str], device: str | None) -> "FeedState":
        """Return heads of scopes, the database's epoch, and the document of a device: one read."""
        pipeline: list[Document] = [
            {"$match": {"_id": {"$in": list(scopes)}}},
            {"$unionWith": {"coll": "meta", "pipeline": [{"$match": {"_id": "epoch"}}]}},
        ]
        if device is not None:
            inner: list[Document] = [{"$match": {"_id": device}}, {"$set": {"device": True}}]
            pipeline.append({"$unionWith": {"coll": "devices", "pipeline": inner}})
        heads, epoch = dict.fromkeys(scopes, Head()), ""
        noted: Document = {}
        for document in self._store["feed_scopes"].aggregate(pipeline, session=self._session):
            if "seq" in document:
                heads[document["_id"]] = Head.from_document(document)
            elif "device" in document:
                noted = document
            else:
                epoch = document["value"]
        return FeedState(heads, epoch, noted)

    def rows(self, scope: str, after: int, base: int, limit: int) -> Iterator[FeedRow]:
        """Yield up to `limit` rows of a scope after `after`, in order of seq.

        Rows deleted at or before `base` are left out: the reader began from nothing when the head was `base`.
        """
        query: Document = {"_id.s": scope, "seq": {"$gt": after}}
        if after < base:
            query["$or"] = [{"op": PUT}, {"seq": {"$gt": base}}]
        cursor = self._store["feed"].find(query, session=self._session).sort("seq", 1).limit(limit)
        for document in cursor.batch_size(limit):
            yield FeedRow.from_document(document, self._store.sealer)

    def everything(self, scope: str) -> Iterator[tuple[str, str, str]]:
        """Yield (household or "", key, canonical text) of every row that is put in a scope, in no order."""
        fields = {"row": 1, "household": 1}
        rows = self._store["feed"].find({"_id.s": scope, "op": PUT}, fields, session=self._session)
        for document in rows.batch_size(2000):
            yield document.get("household", ""), document["_id"]["k"], _text(document, self._store.sealer)


@dataclass(frozen=True, slots=True)
class FeedState:
    """Heads by scope, the database's epoch, and the document of the device."""

    heads: Mapping[str, Head]
    epoch: str
    device: Document
