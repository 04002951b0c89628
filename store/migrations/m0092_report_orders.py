"""Make room for orders of reports."""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "orders of reports"


def up(store: Store) -> None:
    """Create the collection and its indexes."""
    m0001_collections.up(store)
