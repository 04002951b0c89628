"""Counters of requests, in the one database: what the `limits` library counts with, over a `Store`.

Its own MongoDB storage opens a second pool of connections for each application, makes its indexes in every process,
waits for the journal, and closes its client when it is collected. Here the process's one client serves, which is opened
on first use and again after a fork; the indexes are those of `store/collections.py`; and a count waits for the primary
alone, for a count that a fail-over loses is no loss.
"""

from typing import Any

from limits.storage import MongoDBStorageBase
from pymongo import WriteConcern
from pymongo.collection import Collection
from pymongo.read_concern import ReadConcern

from store.client import Document, Store

SCHEME = "ruhu-store"
_COUNTED, _AS_IT_STANDS = WriteConcern(1), ReadConcern("local")


class Counters(MongoDBStorageBase):
    """Storage of rate limits; made by `limits` for a URI of our scheme.

    Args:
        uri: `ruhu-store://`, which says nothing.
        store: the database.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - the library's own form

    def __init__(self, uri: str, store: Store, **_options: Any) -> None:
        super().__init__(uri)
        self._store = store

    def _init_mongo_client(self, uri: str | None, **options: Any) -> Any:  # noqa: ARG002 - the library's signature
        return self._store.client

    @property
    def storage(self) -> Any:
        """The process's client."""
        return self._store.client

    @property
    def counters(self) -> Collection[Document]:
        """One document is one count, until its window ends."""
        return self._store["rates"].with_options(write_concern=_COUNTED, read_concern=_AS_IT_STANDS)

    @property
    def windows(self) -> Collection[Document]:
        """As `counters`; only other strategies than the fixed window would use it."""
        return self.counters

    def __del__(self) -> None:
        """Leave the client open: it is not ours alone."""
