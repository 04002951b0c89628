"""The ledger in the database: one document of `households` or `sites` is one ledger entry.

Every query an API may ask takes the caller's region; those for settling know no caller.
Days are ISO text, which sorts as days do; `stage` is an instant. What the ledger says of the household is sealed; the
numbers in it by which it may be sought stand beside it as fingerprints.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import merge
from typing import Any, Generic, TypeVar

from bson.binary import Binary
from pymongo import ReplaceOne

from core.ids import EntryKind, entry_kind
from ledger.document import household_from, site_from, to_document
from ledger.model import Folded, Household, Site
from ledger.numbers import numbers_of
from store import Document, Sealer, Session, Store
from store.paging import within

HEAD = "02"  # 户主 (GB/T 4761)
HOUSEHOLDS, SITES = "households", "sites"
Of_co = TypeVar("Of_co", bound=Folded, covariant=True)


@dataclass(frozen=True)  # no slots: an alias of a generic class notes itself in what it makes, or tries to
class EntryOf(Generic[Of_co]):
    """A ledger entry.

    Attributes:
        household: what it is of: the folded household, or site or banner.
        version: counts the settlings that changed it, from 1.
        as_of: the day on which it was last judged.
        stage: the instant of the last settling.
        next_due: first day on which a rule's outcome can change; None: none can.
        digest: digest of its document, see `ledger.document.digest`.
        policy: digest of the policy it was judged by.
        document: its document, if whoever made the entry has it already.
    """

    household: Of_co
    version: int
    as_of: date
    stage: datetime
    next_due: date | None
    digest: str
    policy: str
    document: Document | None = field(default=None, compare=False, repr=False)


Entry = EntryOf[Household]
SiteEntry = EntryOf[Site]
AnyEntry = EntryOf[Folded]


def collection_of(entry_id: str) -> str:
    """Return the name of the collection that an entry is in, which its id tells."""
    return HOUSEHOLDS if entry_kind(entry_id) is EntryKind.HOUSEHOLD else SITES


class LedgerRepository:
    """Ledger entries by id, region, site and due day. Sites and banners are entries, kept apart from households."""

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

    def entries(self, ids: Iterable[str]) -> dict[str, AnyEntry]:
        """Return the entries that there are of some households, sites and banners, by id."""
        return {document["_id"]: _any(document, self._store.sealer) for document in self.documents(ids)}

    def documents(
        self, ids: Iterable[str], fields: Mapping[str, int] | None = None, session: Session | None = None
    ) -> Iterator[Document]:
        """Yield what the database keeps of some entries: a read a collection that any of them is in."""
        wanted: dict[str, list[str]] = {}
        for each in ids:
            wanted.setdefault(collection_of(each), []).append(each)
        for name, part in wanted.items():
            yield from self._store[name].find({"_id": {"$in": part}}, fields, session=session)

    def due(self, day: date, *, after: str | None = None, limit: int = 500) -> list[str]:
        """Return ids of entries whose `next_due` has come by a day, in order, after an id."""
        query: dict[str, Any] = {"next_due": {"$lte": day.isoformat()}}
        if after is not None:
            query["_id"] = {"$gt": after}
        return self._first(query, limit)

    def of_another_policy(self, version: str, limit: int) -> list[str]:
        """Return ids of entries that were judged by another policy."""
        return self._first({"policy": {"$ne": version}}, limit)

    def flagged(self) -> Iterator[str]:
        """Yield the ids of entries with flags."""
        for name in (HOUSEHOLDS, SITES):
            found = self._store[name].find({"flagged": True}, {"_id": 1}, batch_size=5000)
            yield from (document["_id"] for document in found)

    def at_site(self, region: str, names: Iterable[str]) -> Iterator[str]:
        """Yield the ids of households of a region whose site is called by one of some names."""
        query = {"site": {"$in": list(names)}, "region": within(region)}
        yield from (
            document["_id"] for document in self._store[HOUSEHOLDS].find(query, {"_id": 1}, batch_size=5000)
        )

    def sharing(self, kind: str) -> Iterator[list[str]]:
        """Yield the ids of households that state one and the same number of a kind, for each such number."""
        shared = self._store[HOUSEHOLDS].aggregate(
            [
                {"$project": {"fingerprints": 1}},
                {"$unwind": "$fingerprints"},
                {"$match": {"fingerprints": {"$regex": f"^{kind}:"}}},
                {"$group": {"_id": "$fingerprints", "n": {"$sum": 1}, "of": {"$push": "$_id"}}},
                {"$match": {"n": {"$gt": 1}}},
            ],
            allowDiskUse=True,
        )
        yield from (sorted(document["of"]) for document in shared)

    def _first(self, query: Mapping[str, Any], limit: int) -> list[str]:
        found = [
            document["_id"]
            for name in (HOUSEHOLDS, SITES)
            for document in self._store[name].find(query, {"_id": 1}).sort("_id", 1).limit(limit)
        ]
        return sorted(found)[:limit]

    def ids(self, region: str = "") -> Iterator[str]:
        """Yield the ids of the entries of a region, households first, each in order of region and id; else of all."""
        query = {"region": within(region)} if region else {}
        for name in (HOUSEHOLDS, SITES):
            found = self._store[name].find(query, {"_id": 1}, batch_size=5000)
            with found.sort([("region", 1), ("_id", 1)]) as cursor:
                for document in cursor:
                    yield document["_id"]

    def all_ids(self) -> Iterator[str]:
        """Yield the ids of all entries in their order."""
        found = (self._store[name].find({}, {"_id": 1}).sort("_id", 1) for name in (HOUSEHOLDS, SITES))
        for document in merge(*found, key=lambda document: str(document["_id"])):
            yield document["_id"]

    def count(self) -> int:
        """Return about how many entries there are."""
        return sum(self._store[name].estimated_document_count() for name in (HOUSEHOLDS, SITES))

    def replace_many(self, session: Session, entries: Iterable[tuple[AnyEntry, int | None]]) -> set[str]:
        """Replace entries whose version is still the expected one; return the ids of those that lost the race.

        Call it in a transaction. A writer that comes in between makes the transaction start again, and then the
        versions are read again.

        Args:
            session: of the transaction.
            entries: each with the version it was made from; None when there was no entry.
        """
        wanted = {entry.household.id: (entry, expected) for entry, expected in entries}
        found = self.documents(wanted, {"version": 1}, session)
        versions = {document["_id"]: document["version"] for document in found}
        lost = {_id for _id, (_, expected) in wanted.items() if versions.get(_id) != expected}
        writes: dict[str, list[ReplaceOne[Document]]] = {}
        for _id, (entry, _) in sorted(wanted.items()):
            if _id not in lost:
                written = ReplaceOne({"_id": _id}, _document(entry, self._store.sealer), upsert=True)
                writes.setdefault(collection_of(_id), []).append(written)
        for name, part in writes.items():
            self._store[name].bulk_write(part, ordered=True, session=session)
        return lost

    def delete(self, entry_id: str, session: Session) -> None:
        """Delete an entry that the log does not know."""
        self._store[collection_of(entry_id)].delete_one({"_id": entry_id}, session=session)

    # --- for callers, within their region

    def get_within(self, region: str, household_id: str) -> Entry | None:
        """Return an entry if it lies in a region, else None."""
        document = self._store["households"].find_one({"_id": household_id, "region": within(region)})
        return None if document is None else _entry(document, self._store.sealer)

    def any_within(self, region: str, entry_id: str) -> AnyEntry | None:
        """Return the entry of a household, site or banner if it lies in a region, else None."""
        query = {"_id": entry_id, "region": within(region)}
        document = self._store[collection_of(entry_id)].find_one(query)
        return None if document is None else _any(document, self._store.sealer)

    def site_within(self, region: str, entry_id: str) -> SiteEntry | None:
        """Return the entry of a site or banner if it lies in a region, else None."""
        document = self._store[SITES].find_one({"_id": entry_id, "region": within(region)})
        return None if document is None else _site_entry(document, self._store.sealer)

    def region_within(self, region: str, ids: Iterable[str]) -> str | None:
        """Return the region of one of some entries that lies in a region; None if none does."""
        found = self.documents(ids, {"region": 1})
        return next((str(each["region"]) for each in found if each["region"].startswith(region)), None)

    def sites(
        self, region_prefix: str, *, kind: str | None = None, after: str | None = None, limit: int = 50
    ) -> list[SiteEntry]:
        """Return the entries of sites and banners of a region in the order of their ids, after an id.

        Args:
            region_prefix: the caller's scope: a region code, or the beginning of one.
            kind: only `site` or only `banner`.
            after: id of the last entry seen.
            limit: at most so many.
        """
        query: dict[str, Any] = {"region": within(region_prefix)}
        if kind is not None:
            query["kind"] = kind
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._store[SITES].find(query).sort("_id", 1).limit(limit)
        return [_site_entry(document, self._store.sealer) for document in found]

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


def _document(entry: AnyEntry, sealer: Sealer) -> Document:
    of = entry.household
    own = _of_household(of, sealer) if isinstance(of, Household) else {"kind": of.kind}
    return {
        "_id": of.id,
        "region": of.region,
        **own,
        "version": entry.version,
        "as_of": entry.as_of.isoformat(),
        "stage": entry.stage,
        "next_due": None if entry.next_due is None else entry.next_due.isoformat(),
        "policy": entry.policy,
        "digest": entry.digest,
        **({"flagged": True} if of.flags else {}),
        "ledger": Binary(sealer.seal(_sealed_as(of.id), entry.document or to_document(of))),
    }


def _of_household(household: Household, sealer: Sealer) -> Document:
    """Return what households are found by."""
    return {
        "site": household.text("site"),
        "registry_no": household.text("registry_no"),
        "persons_count": sum(person.left is None for person in household.persons),
        "fingerprints": sorted({sealer.fingerprint(kind, text) for kind, text in numbers_of(household)}),
    }


def _sealed_as(entry_id: str) -> str:
    return f"{entry_kind(entry_id)}/{entry_id}"


def _any(document: Mapping[str, Any], sealer: Sealer) -> AnyEntry:
    household = entry_kind(document["_id"]) is EntryKind.HOUSEHOLD
    return _entry(document, sealer) if household else _site_entry(document, sealer)


def _entry(document: Mapping[str, Any], sealer: Sealer) -> Entry:
    return Entry(
        household_from(sealer.unseal(_sealed_as(document["_id"]), document["ledger"])), *_head(document)
    )


def _site_entry(document: Mapping[str, Any], sealer: Sealer) -> SiteEntry:
    return SiteEntry(
        site_from(sealer.unseal(_sealed_as(document["_id"]), document["ledger"])), *_head(document)
    )


def _head(document: Mapping[str, Any]) -> tuple[int, date, datetime, date | None, str, str]:
    due = document["next_due"]
    return (
        document["version"],
        date.fromisoformat(document["as_of"]),
        document["stage"],
        None if due is None else date.fromisoformat(due),
        document["digest"],
        document["policy"],
    )
