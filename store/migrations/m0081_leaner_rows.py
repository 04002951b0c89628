"""Let every household be derived again: the rows that travel to phones hold less than before.

Phones pull the rows that changed; a snapshot that was kept holds the rows as they were until they did.
"""

from store.client import Store

ABOUT = "leaner rows for phones"


def up(store: Store) -> None:
    """Mark the households: who has no policy is judged anew, and its rows are written anew."""
    store["households"].update_many({"policy": {"$exists": True}}, {"$set": {"policy": ""}})
    store["meta"].delete_one({"_id": "policy"})
