"""File the audit trail by every region an entry lies in; make room for the chain, attempts, and indexes of sessions."""

from contextlib import suppress

from pymongo import UpdateOne
from pymongo.errors import OperationFailure

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "audit chain, sessions, sign-in attempts"
_LEVELS = (0, 2, 4, 6, 9, 12)
_BATCH = 1_000


def up(store: Store) -> None:
    """Create what is missing, and file the old entries; what is filed stays."""
    m0001_collections.up(store)
    writes: list[UpdateOne] = []
    for entry in store["audit"].find({"areas": {"$exists": False}}, {"region": 1}):
        region = entry["region"]
        areas = list(dict.fromkeys([*(region[:n] for n in _LEVELS if n <= len(region)), region]))
        writes.append(UpdateOne({"_id": entry["_id"]}, {"$set": {"areas": areas}}))
        if len(writes) == _BATCH:
            store["audit"].bulk_write(writes, ordered=False)
            writes.clear()
    if writes:
        store["audit"].bulk_write(writes, ordered=False)
    with suppress(OperationFailure):  # it went before
        store["audit"].drop_index("region_1_at_-1")
