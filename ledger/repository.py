"""The ledger in the database: one document of `households` is one ledger entry.

Every query an API may ask takes the caller's region; `get`, `many` and `due` are for settling, which knows no caller.
Days are ISO text, which sorts as days do; `stage` is an instant. What the ledger says of the household is sealed; the
numbers in it by which it may be sought stand beside it as fingerprints.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bson.binary import Binary
from pymongo import ReplaceOne

from ledger.document import household_from, to_document
from ledger.model import Household
from ledger.numbers import numbers_of
from store import Document, Sealer, Session, Store
from store.paging import within

HEAD = "02"  # 户主 (GB/T 4761)


@dataclass(frozen=True, slots=True)
class Entry:
    """A ledger entry.

    Attributes:
        household: the folded household.
        version: counts the settlings that changed it, from 1.
        as_of: the day on which it was last judged.
        stage: the instant of the last settling.
        next_due: first day on which a rule's outcome can change; None: none can.
        digest: digest of the household's document, see `ledger.document.digest`.
        policy: digest of the policy it was judged by.
        document: the household's document, if whoever made the entry has it already.
    """

    household: Household
    version: int
    as_of: date
    stage: datetime
    next_due: date | None
    digest: str
    policy: str
    document: Document | None = field(default=None, compare=False, repr=False)


class LedgerRepository:
    """Ledger entries by household, region, site and due day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- for settling

    def get(self, household_id: str) -> Entry | None:
        """Return an entry, whatever its region; None if there is none."""
        document = self._store["households"].find_one({"_id": household_id})
        return None if document is None else _entry(document, self._store.sealer)

    def many(self, ids: Iterable[str], session: Session | None = None) -> dict[str, Entry]:
        """Return the entries that there are of some households, by id."""
        found = self._store["households"].find({"_id": {"$in": list(ids)}}, session=session)
        return {document["_id"]: _entry(document, self._store.sealer) for document in found}

    def due(self, day: date, *, after: str | None = None, limit: int = 500) -> list[str]:
        """Return ids of households whose `next_due` has come by a day, in order, after an id."""
        query: dict[str, Any] = {"next_due": {"$lte": day.isoformat()}}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._store["households"].find(query, {"_id": 1}).sort("_id", 1).limit(limit)
        return [document["_id"] for document in found]

    def ids(self, region: str = "") -> Iterator[str]:
        """Yield the ids of the entries of a region, in order of region and id; of all of them by default."""
        query = {"region": within(region)} if region else {}
        found = self._store["households"].find(query, {"_id": 1}, batch_size=5000)
        with found.sort([("region", 1), ("_id", 1)]) as cursor:
            for document in cursor:
                yield document["_id"]

    def replace_many(self, session: Session, entries: Iterable[tuple[Entry, int | None]]) -> set[str]:
        """Replace entries whose version is still the expected one; return the ids of those that lost the race.

        Call it in a transaction. A writer that comes in between makes the transaction start again, and then the
        versions are read again.

        Args:
            session: of the transaction.
            entries: each with the version it was made from; None when there was no entry.
        """
        wanted = {entry.household.id: (entry, expected) for entry, expected in entries}
        households = self._store["households"]
        found = households.find({"_id": {"$in": list(wanted)}}, {"version": 1}, session=session)
        versions = {document["_id"]: document["version"] for document in found}
        lost = {_id for _id, (_, expected) in wanted.items() if versions.get(_id) != expected}
        writes = [
            ReplaceOne({"_id": _id}, _document(entry, self._store.sealer), upsert=True)
            for _id, (entry, _) in sorted(wanted.items())
            if _id not in lost
        ]
        if writes:
            households.bulk_write(writes, ordered=True, session=session)
        return lost

    # --- for callers, within their region

    def get_within(self, region: str, household_id: str) -> Entry | None:
        """Return an entry if it lies in a region, else None."""
        document = self._store["households"].find_one({"_id": household_id, "region": within(region)})
        return None if document is None else _entry(document, self._store.sealer)

    def region_within(self, region: str, households: Iterable[str]) -> str | None:
        """Return the region of one of some households that lies in a region; None if none does."""
        query: dict[str, Any] = {"_id": {"$in": list(households)}, "region": within(region)}
        document = self._store["households"].find_one(query, {"region": 1})
        return None if document is None else str(document["region"])

    def page(  # noqa: PLR0913 - one query, said by keyword
        self,
        region_prefix: str,
        *,
        after: str | None = None,
        limit: int = 50,
        site: str | None = None,
        registry_no: str | None = None,
        number: tuple[str, str] | None = None,
    ) -> list[Entry]:
        """Return entries of a region in the order of their ids, after an id.

        Args:
            region_prefix: the caller's scope: a region code, or the beginning of one.
            after: id of the last entry seen.
            limit: at most so many.
            site: only households of this site.
            registry_no: only the household with this number in the register.
            number: only households that state this number: its kind and text, as `ledger.numbers` writes it.
        """
        query: dict[str, Any] = {"region": within(region_prefix)}
        if after is not None:
            query["_id"] = {"$gt": after}
        if site is not None:
            query["site"] = site
        if registry_no is not None:
            query["registry_no"] = registry_no
        if number is not None:
            query["fingerprints"] = self._store.sealer.fingerprint(*number)
        found = self._store["households"].find(query).sort("_id", 1).limit(limit)
        return [_entry(document, self._store.sealer) for document in found]

    def stream(self, region: str) -> Iterator[Entry]:
        """Yield every entry of a region, by region code and id, with constant memory."""
        found = self._store["households"].find({"region": within(region)}, batch_size=200)
        with found.sort([("region", 1), ("_id", 1)]) as cursor:
            for document in cursor:
                yield _entry(document, self._store.sealer)


def head_name(household: Household) -> str | None:
    """Return the name of the head (户主) among the present members; None if there is no head."""
    heads = (p for p in household.persons if p.left is None and p.text("relation") == HEAD)
    return next((person.text("name") for person in heads), None)


def _document(entry: Entry, sealer: Sealer) -> Document:
    household = entry.household
    return {
        "_id": household.id,
        "region": household.region,
        "site": household.text("site"),
        "registry_no": household.text("registry_no"),
        "version": entry.version,
        "as_of": entry.as_of.isoformat(),
        "stage": entry.stage,
        "next_due": None if entry.next_due is None else entry.next_due.isoformat(),
        "policy": entry.policy,
        "digest": entry.digest,
        "persons_count": sum(person.left is None for person in household.persons),
        "fingerprints": sorted({sealer.fingerprint(kind, text) for kind, text in numbers_of(household)}),
        "ledger": Binary(sealer.seal(f"household/{household.id}", entry.document or to_document(household))),
    }


def _entry(document: Mapping[str, Any], sealer: Sealer) -> Entry:
    due = document["next_due"]
    return Entry(
        household_from(sealer.unseal(f"household/{document['_id']}", document["ledger"])),
        document["version"],
        date.fromisoformat(document["as_of"]),
        document["stage"],
        None if due is None else date.fromisoformat(due),
        document["digest"],
        document["policy"],
    )
