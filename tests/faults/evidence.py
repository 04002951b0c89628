"""What a fault run must find afterwards: read from the database by its driver alone, and compared with the phones."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bson import Timestamp
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from forms.log import body_text
from store import Sealer
from tests.faults.fieldwork import WatchedPhone
from tests.keys import MASTER_KEY

Document = dict[str, Any]
_WIRE = 1 << 53


@dataclass
class Evidence:
    """What was looked for and found; every list must be empty."""

    lost: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    twice: list[Any] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    mismatches: int = 0
    gaps: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {what}" for what, count in self.counted.items())
        return (
            f"checked {counted}: lost {len(self.lost)}, altered {len(self.altered)}, duplicated {len(self.twice)}, "
            f"rows missed or too many {len(self.differing)}, mismatches {self.mismatches}, gaps {len(self.gaps)}"
        )

    @property
    def clean(self) -> bool:
        return not (self.lost or self.altered or self.twice or self.differing or self.mismatches or self.gaps)


@contextmanager
def reading(uri: str, database: str) -> Iterator[Database[Document]]:
    """A connection of its own, with majority reads."""
    with MongoClient[Document](uri, serverSelectionTimeoutMS=20_000) as client:
        yield client.get_database(database, read_concern=ReadConcern("majority"))


def gather(
    db: Database[Document],
    phones: Sequence[WatchedPhone],
    scopes_of: Mapping[str, Iterable[str]],
    since: Timestamp | None = None,
) -> Evidence:
    """Compare what the phones were told with what is there.

    Args:
        db: as `reading` gives it.
        phones: at rest: outbox empty, everything pulled.
        scopes_of: by user, the scopes that are granted.
        since: from when on every row of the feed is followed; None: not at all.
    """
    found = Evidence()
    _ops(db, phones, found)
    _rows(db, phones, scopes_of, found)
    if since is not None:
        _sequences(db, since, found)
    found.mismatches = sum(phone.counters.mismatches for phone in phones)
    found.counted["exchanges"] = sum(phone.counters.exchanges for phone in phones)
    found.counted["resets"] = sum(phone.counters.resets for phone in phones)
    return found


def _clear(row: Document, sealer: Sealer) -> str:
    names = row["_id"]
    return str(sealer.unseal(f"feed/{names['s']}/{names['k']}", row["row"]))


def _ops(db: Database[Document], phones: Sequence[WatchedPhone], found: Evidence) -> None:
    sealer = Sealer(db.client, db.name, MASTER_KEY)
    said = {op: digest for phone in phones for op, digest in phone.acknowledged().items()}
    kept: dict[str, str] = {}
    numbers: Counter[tuple[str, int]] = Counter()
    revisions: Counter[str] = Counter()
    for op in db["ops"].find({}, {"sha256": 1, "install": 1, "n": 1, "revision": 1, "body": 1}):
        kept[op["_id"]] = hashlib.sha256(body_text(op, sealer).encode()).hexdigest()
        if "n" in op:
            numbers[op["install"], op["n"]] += 1
        if "revision" in op:
            revisions[op["revision"]] += 1
    found.counted["acknowledged ops"] = len(said)
    found.lost = [op for op in said if op not in kept]
    found.altered = [op for op, digest in said.items() if op in kept and kept[op] != digest]
    found.twice = [each for count in (numbers, revisions) for each, times in count.items() if times > 1]


def _rows(
    db: Database[Document],
    phones: Sequence[WatchedPhone],
    scopes_of: Mapping[str, Iterable[str]],
    found: Evidence,
) -> None:
    sealer = Sealer(db.client, db.name, MASTER_KEY)
    truth: dict[str, dict[str, str]] = defaultdict(dict)
    for row in db["feed"].find({"op": "put"}, {"row": 1}):
        truth[row["_id"]["s"]][row["_id"]["k"]] = hashlib.sha256(_clear(row, sealer).encode()).hexdigest()[
            :16
        ]
    heads = {each["_id"]: each for each in db["feed_scopes"].find()}
    for phone in phones:
        granted = set(scopes_of[phone.user])
        holds = phone.held()
        for scope in granted | set(holds):
            held = holds.get(scope, {})
            wanted = truth[scope] if scope in granted else {}
            if held != wanted:
                missing = len(wanted.items() - held.items())
                found.differing.append(f"{scope} of {phone.user}: {missing} of {len(wanted)} rows differ")
            found.counted["rows held"] += len(held)
            head = heads.get(scope)
            if scope in granted and head and (head["n"], head["sum"] % _WIRE) != _check(held):
                found.differing.append(f"{scope} of {phone.user}: the counter differs")


def _check(held: Mapping[str, str]) -> tuple[int, int]:
    total = 0
    for key, version in held.items():
        total += int.from_bytes(hashlib.sha256(f"{key}\0{version}".encode()).digest()[:8], "big")
    return len(held), total % _WIRE


def _sequences(db: Database[Document], since: Timestamp, found: Evidence) -> None:
    """Follow every committed row since a moment: the numbers of each scope must come one by one, and each once."""
    heads = {each["_id"]: each["seq"] for each in db["feed_scopes"].find()}
    latest: dict[str, int] = {}
    stages = [{"$match": {"operationType": {"$in": ["insert", "replace"]}}}]
    by_commit: dict[Any, dict[str, list[int]]] = {}
    with db["feed"].watch(stages, start_at_operation_time=since, batch_size=1000) as changes:
        while (change := changes.try_next()) is not None:
            row = change["fullDocument"]
            commit = by_commit.setdefault(change["clusterTime"], defaultdict(list))
            commit[row["_id"]["s"]].append(row["seq"])
    for (
        commit
    ) in by_commit.values():  # the rows of one transaction have one time, and are written in any order
        for scope, numbers in commit.items():
            numbers.sort()
            wanted = list(range(latest.get(scope, numbers[0] - 1) + 1, numbers[-1] + 1))
            if numbers != wanted:
                found.gaps.append(f"{scope}: {numbers[0]}-{numbers[-1]} after {latest.get(scope)}")
            latest[scope] = numbers[-1]
            found.counted["rows committed"] += len(numbers)
    found.gaps += [
        f"{scope}: ends at {seq}, not {heads[scope]}" for scope, seq in latest.items() if seq != heads[scope]
    ]
