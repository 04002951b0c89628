"""Counters of requests."""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "counters of requests"


def up(store: Store) -> None:
    """Create what is missing."""
    m0001_collections.up(store)
