"""Find entries with flags by an index; rounds may check another round."""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "flags of checks of the data"


def up(store: Store) -> None:
    """Create what is missing."""
    m0001_collections.up(store)
