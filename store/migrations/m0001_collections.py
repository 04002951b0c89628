"""Make every collection and index, the epoch, and the key that signs cursors."""

import secrets
import uuid
from contextlib import suppress

from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, DuplicateKeyError

from store.client import Store
from store.collections import COLLECTIONS

ABOUT = "collections and indexes"


def up(store: Store) -> None:
    """Create what is missing; what is there stays."""
    present = set(store.db.list_collection_names())
    for collection in COLLECTIONS:
        if collection.name not in present:
            with suppress(CollectionInvalid):  # another process was first
                store.db.create_collection(collection.name)
        models = []
        named = store[collection.name].index_information()
        for index in collection.indexes:
            if index.name in named:
                continue
            options = {"name": index.name, "unique": index.unique}
            if index.partial:
                options["partialFilterExpression"] = index.partial
            if index.expire_after_s is not None:
                options["expireAfterSeconds"] = index.expire_after_s
            models.append(IndexModel(list(index.keys), **options))
        if models:
            store[collection.name].create_indexes(models)
    for _id, value in (("epoch", str(uuid.uuid4())), ("cursor_key", secrets.token_hex(32))):
        with suppress(DuplicateKeyError):  # another process was first
            store["meta"].update_one({"_id": _id}, {"$setOnInsert": {"value": value}}, upsert=True)
