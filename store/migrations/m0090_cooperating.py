"""Note on each case which units cooperate, on news which of them hear it, and let news name reports.

Judging writes who cooperates, so every household is judged anew; until then a case names nobody.
"""

from store.client import Document, Store
from store.migrations import m0001_collections

ABOUT = "units that cooperate in cases"


def up(store: Store) -> None:
    """Create the index, and mark what is to be judged anew."""
    store["cases"].update_many({"cooperating": {"$exists": False}}, {"$set": {"cooperating": []}})
    news: Document = {"cooperating": [], "report": None, "month": None}
    store["notifications"].update_many({"cooperating": {"$exists": False}}, {"$set": news})
    m0001_collections.up(store)
    for entries in ("households", "sites"):
        store[entries].update_many({"policy": {"$exists": True}}, {"$set": {"policy": ""}})
    store["meta"].delete_one({"_id": "policy"})
