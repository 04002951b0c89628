"""Find what ever was registered in a region: it is judged anew when the region's routing changes, and nothing else."""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "what ever was registered in a region"


def up(store: Store) -> None:
    """Create the index."""
    m0001_collections.up(store)
