"""The hash chain over the audit trail, made behind the writers.

Whoever does something writes an entry in the deed's own transaction, and waits for nobody. `link` takes the entries
that are in no link yet, in the order of their ids, and makes them the next link: their digests, and the digest of
the link before. Links are numbered without a gap, so two processes that link at once cannot both succeed. What was
committed late, with an older id, comes into a later link; the order of the chain is the order of linking.

Whoever can write the database can make a whole new chain, so the head is told outside: each process that links logs
it, and `ruhu doctor --audit-head` compares one that was noted (docs/adr/0014-audit-chain.md).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from access.repository import insert_link
from core.problems import Conflict
from store import Document, Session, Store

LINK_SIZE = 2_000
FIRST = "0" * 64
"""What stands in place of the digest of a link before the first."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """The last link: how many links there are, and the digest of the last."""

    number: int = 0
    digest: str = FIRST

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


@dataclass(slots=True)
class Verdict:
    """What a look over the chain found.

    Attributes:
        head: the last link.
        linked, unlinked: how many entries are in the chain, and not yet.
        faults: what does not fit, in words; empty when all does.
    """

    head: Head = field(default_factory=Head)
    linked: int = 0
    unlinked: int = 0
    faults: list[str] = field(default_factory=list)


def digest_of(entry: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an entry as it was written, in hex: of all members but `link`."""
    members = {name: value for name, value in entry.items() if name != "link"}
    return _sha256(json.dumps(members, ensure_ascii=False, sort_keys=True, default=_instant))


def _instant(value: object) -> Any:
    if isinstance(value, datetime):
        return {"instant": round(value.timestamp() * 1000)}
    raise TypeError(f"an audit entry holds {type(value).__name__}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _link_digest(number: int, before: str, entries: Sequence[Sequence[str]]) -> str:
    return _sha256(json.dumps([number, before, [list(each) for each in entries]], separators=(",", ":")))


def head(store: Store, session: Session | None = None) -> Head:
    """Return the last link."""
    found = store["audit_links"].find_one(sort=[("_id", -1)], session=session)
    return Head(found["_id"], found["digest"]) if found else Head()


def link(store: Store, *, most: int = LINK_SIZE) -> int:
    """Make one link of what is in none; return how many entries it holds: 0 if all are linked, or another was first."""

    def work(session: Session) -> tuple[int, Head]:
        cursor = store["audit"].find({"link": None}, session=session).sort("_id", 1).limit(most)
        entries = [[each["_id"], digest_of(each)] for each in cursor]
        last = head(store, session)
        if not entries:
            return 0, last
        made = Head(last.number + 1, _link_digest(last.number + 1, last.digest, entries))
        document: Document = {
            "_id": made.number,
            "before": last.digest,
            "entries": entries,
            "digest": made.digest,
        }
        ids = [name for name, _ in entries]
        insert_link(store, document, session)
        store["audit"].update_many({"_id": {"$in": ids}}, {"$set": {"link": made.number}}, session=session)
        store["meta"].update_one(
            {"_id": "audit_head"},
            {"$set": {"number": made.number, "digest": made.digest}},
            upsert=True,
            session=session,
        )
        return len(entries), made

    try:
        count, made = store.transaction(work)
    except Conflict:
        return 0
    if count:
        _log.info("audit_linked", entries=count, head=str(made))
    return count


def link_all(store: Store) -> int:
    """Link until all is linked; return how many entries that were."""
    total = 0
    while count := link(store):
        total += count
    return total


def verify(store: Store, noted: Head | None = None) -> Verdict:
    """Look over the whole chain: links whole and in order, no entry changed, removed or put in.

    Args:
        store: the database.
        noted: a head that was told earlier, outside of the database.
    """
    verdict = Verdict()
    verdict.unlinked = store["audit"].count_documents({"link": None})
    seen = set()
    for document in store["audit_links"].find().sort("_id", 1):
        verdict.faults += _faults_of_link(verdict.head, document)
        verdict.faults += _faults_of_entries(store, document)
        verdict.head = Head(document["_id"], document["digest"])
        verdict.linked += len(document["entries"])
        if noted == verdict.head:
            seen.add(noted)
    verdict.faults += _faults_of_end(store, verdict)
    if noted is not None and noted not in seen:
        verdict.faults.append(
            f"the chain has no link {noted.number} with the digest that was noted: it was cut or remade"
        )
    return verdict


def _faults_of_link(last: Head, document: Document) -> Iterator[str]:
    number = document["_id"]
    if number != last.number + 1:
        yield f"link {last.number + 1} is missing"
    elif document["before"] != last.digest:
        yield f"link {number} does not follow on link {last.number}"
    if document["digest"] != _link_digest(number, document["before"], document["entries"]):
        yield f"link {number} was changed"


def _faults_of_entries(store: Store, document: Document) -> Iterator[str]:
    stated = dict(document["entries"])
    found = {each["_id"]: digest_of(each) for each in store["audit"].find({"link": document["_id"]})}
    for name in sorted(stated.keys() | found.keys()):
        if name not in found:
            yield f"entry {name} of link {document['_id']} was removed"
        elif name not in stated:
            yield f"entry {name} was put into link {document['_id']}"
        elif stated[name] != found[name]:
            yield f"entry {name} of link {document['_id']} was changed"


def _faults_of_end(store: Store, verdict: Verdict) -> Iterator[str]:
    told = store["meta"].find_one({"_id": "audit_head"}) or {"number": 0, "digest": FIRST}
    if (told["number"], told["digest"]) != (verdict.head.number, verdict.head.digest):
        yield f"the chain ends at link {verdict.head.number}, and should at {told['number']}"
    beyond = store["audit"].count_documents({"link": {"$gt": verdict.head.number}})
    if beyond:
        yield f"{beyond} entries name links that are not there"
