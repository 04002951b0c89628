"""What backups and restores are tried with: a database with a document of every kind of value in every collection."""

import uuid
from datetime import UTC, datetime
from typing import Any

from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument

from store import (
    COLLECTIONS,
    Store,
)

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
FAR = datetime(2090, 1, 1, tzinfo=UTC)
ODD: dict[str, Any] = {
    "binary": Binary(bytes(range(256)), 0),
    "uuid": Binary.from_uuid(uuid.UUID(int=7)),
    "big": Int64(2**63 - 1),
    "small": -(2**31),
    "float": -0.0,
    "decimal": Decimal128("0.10"),
    "long_ago": datetime(1, 1, 1, tzinfo=UTC),
    "object": ObjectId("0" * 24),
    "time": Timestamp(1, 2),
    "pattern": Regex("^入", "i"),
    "名字": ["乌兰", "", None, True, {"a": {"b": []}}, "🐎"],
    "with.dot": 1,
}


def fill(store: Store, count: int = 30) -> None:
    """Put documents of every kind of value into every collection."""
    for collection in COLLECTIONS:
        if collection.name == "meta" or collection.kept.query is None:
            continue
        documents = []
        for number in range(count):
            named = {
                key: f"{key}{number}"
                for index in collection.indexes
                for key, _ in index.keys
                if "." not in key
            }
            ids = {"feed": {"s": "g", "k": f"{number}"}, "blob_chunks": {"b": f"{number}", "at": 0}}
            own = {"_id": ids.get(collection.name, f"{number:03d}")}
            documents.append(
                ODD | named | own | ({"kind": "device", "expires_at": FAR} if "expires_at" in named else {})
            )
        store[collection.name].insert_many(documents)


def contents(store: Store) -> dict[str, list[bytes]]:
    """Return every document of every collection as the server keeps it, but what a restore changes."""
    raw = store.db.with_options(
        codec_options=store.db.codec_options.with_options(document_class=RawBSONDocument)
    )
    return {
        name: [each.raw for each in raw[name].find({"_id": {"$nin": ["epoch", "restored"]}}).sort("_id", 1)]
        for name in sorted(collection.name for collection in COLLECTIONS)
    }
