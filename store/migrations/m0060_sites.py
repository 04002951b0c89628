"""Keep sites and banners as ledger entries of their own; let every household be derived again.

Facts with a history keep each change from now on, so entries are made otherwise than before; who has no policy is
judged anew.
"""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "sites and banners, and what facts were before"


def up(store: Store) -> None:
    """Create what is missing, and mark the households."""
    m0001_collections.up(store)
    store["households"].update_many({"policy": {"$exists": True}}, {"$set": {"policy": ""}})
    store["meta"].delete_one({"_id": "policy"})
