"""Make room for cases, news and webhooks; seal what was shown as evidence of a reply; judge every household anew.

Judging makes the cases of the findings there are. An interrupted run is simply run again.
"""

from bson.binary import Binary
from pymongo import UpdateOne

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "cases, notifications, webhooks"
_BATCH = 500


def up(store: Store) -> None:
    """Create what is missing, seal what stands in clear, and mark the households."""
    m0001_collections.up(store)
    _seal_evidence(store)
    store["households"].update_many({"policy": {"$exists": True}}, {"$set": {"policy": ""}})
    store["meta"].delete_one({"_id": "policy"})


def _seal_evidence(store: Store) -> None:
    """Put the evidence of each event into the finding's envelope; a finding always has an event."""
    sealer, writes = store.sealer, []
    for finding in store["findings"].find({"history.evidence": {"$exists": True}}):
        place = f"finding/{finding['_id']}"
        told = sealer.unseal(place, finding["sealed"])
        told["shown"] = [event.pop("evidence", []) for event in finding["history"]]
        values = {"sealed": Binary(sealer.seal(place, told)), "history": finding["history"]}
        writes.append(UpdateOne({"_id": finding["_id"], "sealed": finding["sealed"]}, {"$set": values}))
        if len(writes) == _BATCH:
            store["findings"].bulk_write(writes, ordered=False)
            writes.clear()
    if writes:
        store["findings"].bulk_write(writes, ordered=False)
