"""Index households by the policy that judged them, and work lists by their round: both were looked up by a scan."""

from store.client import Store
from store.migrations import m0001_collections

ABOUT = "indexes on policy and round"


def up(store: Store) -> None:
    """Create what is missing; what is there stays."""
    m0001_collections.up(store)
