"""Keep the snapshots of scopes, which phones fetch when they begin; let every household be derived again.

The rows that travel and the ids of findings are made otherwise than before; who has no policy is judged anew.
"""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "snapshots of scopes, and leaner rows"


def up(store: Store) -> None:
    """Create what is missing, and mark the households."""
    m0001_collections.up(store)
    store["households"].update_many({"policy": {"$exists": True}}, {"$set": {"policy": ""}})
    store["meta"].delete_one({"_id": "policy"})
