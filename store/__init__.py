"""MongoDB, and nothing about surveys."""

from pymongo.client_session import ClientSession as Session
from pymongo.errors import PyMongoError as DatabaseError

from store.client import Document, Store, unavailable
from store.collections import COLLECTIONS
from store.embedded import EmbeddedMongod, running_uri
from store.migrations import migrate

__all__ = [
    "COLLECTIONS",
    "DatabaseError",
    "Document",
    "EmbeddedMongod",
    "Session",
    "Store",
    "migrate",
    "running_uri",
    "unavailable",
]
