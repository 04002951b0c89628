"""Monthly reports, and the lists of objects behind their cells."""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "monthly reports"


def up(store: Store) -> None:
    """Create what is missing."""
    m0001_collections.up(store)
