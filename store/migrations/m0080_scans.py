"""Index reports that are being made; index rounds that check another so that a look for one of them uses it.

An index on those whose field is of the type string is not used for a field that equals a string: MongoDB does not see
that the one follows from the other. It does for what is greater than the empty one.
"""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "indexes on reports being made and rounds that check another"
_ROUNDS = "back_check_of_1"


def up(store: Store) -> None:
    """Create what is missing, in place of the index that was not used."""
    index = store["rounds"].index_information().get(_ROUNDS, {})
    if index.get("partialFilterExpression") == {"back_check_of": {"$type": "string"}}:
        store["rounds"].drop_index(_ROUNDS)
    m0001_collections.up(store)
