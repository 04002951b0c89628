"""Keep the snapshots of scopes, which phones fetch when they begin."""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "snapshots of scopes"


def up(store: Store) -> None:
    """Create what is missing; what is there stays."""
    m0001_collections.up(store)
