"""Make the collections of photos, and index the ops that name one."""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "photos"


def up(store: Store) -> None:
    """Create what is missing; what is there stays."""
    m0001_collections.up(store)
