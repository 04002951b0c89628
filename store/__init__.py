"""MongoDB, and nothing about surveys."""

from pymongo.client_session import ClientSession as Session

from store.client import Document, Store, unavailable
from store.collections import COLLECTIONS
from store.embedded import EmbeddedMongod, running_uri
from store.migrations import migrate

__all__ = [
    "COLLECTIONS",
    "Document",
    "EmbeddedMongod",
    "Session",
    "Store",
    "migrate",
    "running_uri",
    "unavailable",
]
