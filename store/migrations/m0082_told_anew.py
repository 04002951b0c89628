"""Let every entry be derived again: the ledger keeps each day told of a transfer, and answers of "none of them".

Both are read from the log, which has them; entries settled before hold the last day alone, and no such answer.
"""

from store.client import Store

ABOUT = "each day of a transfer, and answers of none"


def up(store: Store) -> None:
    """Mark households, sites and banners: who has no policy is folded and judged anew."""
    for name in ("households", "sites"):
        store[name].update_many({"policy": {"$exists": True}}, {"$set": {"policy": ""}})
    store["meta"].delete_one({"_id": "policy"})
