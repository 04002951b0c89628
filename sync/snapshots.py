"""Snapshots: a whole scope in one compressed answer that can be resumed, for phones that begin it (PROTOCOL §2).

A snapshot is made once, kept as the very bytes that travel, and served again while it is young: a phone that took it
pulls what came later by the cursor in its last line. A feed keeps only newest rows, so an interrupted download can go
on only from bytes that were kept.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import deflate

from core.problems import NotFound
from store import Document
from sync.cursor import Cursor, Place, encode, epoch_mark
from sync.feed import FeedReader, FeedState, Head
from sync.pull import MOST_ROWS, told
from sync.services import Services

RESUMABLE_FOR = timedelta(hours=24)
_LEVEL = 9  # of libdeflate: smaller than zlib's best, in half its time
_BEHIND = 200
_Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A scope as of one moment.

    Attributes:
        tag: SHA-256 of the bytes, in hexadecimal: their strong entity tag.
        content: gzip of lines of JSON: `[key, row]` each, and last `{"scope", "cursor", "check": [n, sum], "rows"}`.
    """

    tag: str
    content: bytes


def snapshot(services: Services, scope: str, tag: str | None = None) -> Snapshot:
    """Return a scope's snapshot, kept or made now.

    Args:
        services: the process's.
        scope: one that the caller holds.
        tag: the snapshot that an interrupted download began with; another comes if it is no more, or of no use.

    Raises:
        NotFound: the scope has more rows than are put into one answer; it is pulled in pages.
    """
    with FeedReader(services.store) as reader:
        state = reader.state([scope], None)
        head = state.heads[scope]
        kept = _kept(services, scope, state, tag)
        if kept is not None:
            return kept
        if head.n > MOST_ROWS:
            raise NotFound(f"Scope {scope} has {head.n} rows; it is pulled in pages.")
        cursor = Cursor(epoch_mark(state.epoch), {scope: Place(head.seq, head.seq)})
        last = {
            "scope": scope,
            "cursor": encode(cursor, services.cursor_key),
            "check": told(head),
            "rows": head.n,
        }
        content = packed(reader.everything(scope), last)
    made = Snapshot(hashlib.sha256(content).hexdigest(), content)
    _keep(services, scope, state.epoch, head, made)
    return made


_ENTRIES = ("household/", "site/", "banner/")


def packed(rows: Iterable[_Row], last: Document) -> bytes:
    """Return the bytes of a snapshot.

    A household's rows stand together, so that its ids are written out once; households of one site that moved in at one
    time stand side by side, since they share address, school, days and rules, and deflate looks back 32 kB and no more.
    """
    listed = list(rows)
    places = {household: _place(text) for household, key, text in listed if key.startswith(_ENTRIES)}
    ordered = sorted(
        listed,
        key=lambda row: (places.get(row[0], _NOWHERE), row[0], not row[1].startswith(_ENTRIES), row[1]),
    )
    lines = [f"[{json.dumps(key, ensure_ascii=False)},{text}]\n" for _, key, text in ordered]
    lines.append(json.dumps(last, separators=(",", ":")) + "\n")
    return bytes(deflate.gzip_compress("".join(lines).encode(), _LEVEL))


_NOWHERE = ("", "")


def _place(text: str) -> tuple[str, str]:
    """Return site and day of moving in of a row of a household; nothing known stands first."""
    facts = json.loads(text).get("facts", {})
    return str(facts.get("site", "")), str(facts.get("move_in", ""))


def _kept(services: Services, scope: str, state: FeedState, tag: str | None) -> Snapshot | None:
    """Return the snapshot that was asked for, or else the newest, if the cursor in it is of use and not far behind."""
    head, kept = state.heads[scope], services.store["snapshots"]
    able = {"scope": scope, "epoch": state.epoch, "seq": {"$gte": head.floor, "$lte": head.seq}}
    found = kept.find_one({"_id": tag, **able}) if tag is not None else None
    if found is None:
        recent = {"$gte": max(head.floor, head.seq - max(_BEHIND, head.n // 4)), "$lte": head.seq}
        found = kept.find_one(able | {"seq": recent}, sort=[("seq", -1)])
    if found is None:
        return None
    content = services.store.sealer.unseal_bytes(f"snapshot/{found['_id']}", found["sealed"])
    return Snapshot(found["_id"], content)


def _keep(services: Services, scope: str, epoch: str, head: Head, made: Snapshot) -> None:
    document: Document = {
        "_id": made.tag,
        "scope": scope,
        "epoch": epoch,
        "seq": head.seq,
        "at": services.clock.now(),
        "sealed": services.store.sealer.seal_bytes(f"snapshot/{made.tag}", made.content, pack=False),
    }
    services.store["snapshots"].replace_one({"_id": made.tag}, document, upsert=True)


def forget(services: Services, now: datetime) -> int:
    """Delete the snapshots that nobody goes on with any more; return how many."""
    return services.store["snapshots"].delete_many({"at": {"$lt": now - RESUMABLE_FOR}}).deleted_count
