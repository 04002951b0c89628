"""Seal what is personal: make the first data key, then put an envelope in the place of each clear text.

Documents go by in batches and each is written for itself, so an interrupted run is simply run again. Households are
derived again afterwards, which gives them their fingerprints. Snapshots are forgotten; who asks gets a new one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import structlog
from bson.binary import Binary
from pymongo import UpdateOne

from store.client import Document, Store
from store.migrations import m0001_collections
from store.sealing import Sealer

ABOUT = "sealed fields"
_BATCH = 500
_TOLD_EACH = 10_000
_log = structlog.get_logger(__name__)
Change = Callable[[Sealer, Mapping[str, Any]], Document]


def up(store: Store) -> None:
    """Create what is missing, and seal what stands in clear."""
    m0001_collections.up(store)
    store.sealer.prepare()
    for name, query, change in _WORK:
        _seal(store, name, query, change)
    store["snapshots"].delete_many({"sealed": {"$exists": False}})


def _seal(store: Store, name: str, query: Document, change: Change) -> None:
    done = 0
    documents = store[name].find(query).batch_size(_BATCH)
    for batch in _batches(documents):
        writes = [UpdateOne({"_id": each["_id"], **query}, change(store.sealer, each)) for each in batch]
        store[name].bulk_write(writes, ordered=False)
        done += len(batch)
        if done % _TOLD_EACH < len(batch):
            _log.info("sealing", collection=name, documents=done)


def _batches(documents: Iterator[Document]) -> Iterator[Sequence[Document]]:
    while batch := list(islice(documents, _BATCH)):
        yield batch


def _op(sealer: Sealer, op: Mapping[str, Any]) -> Document:
    name, settled = op["_id"], op.get("settled") or {}
    found: Document = {"body": Binary(sealer.seal(f"op/{name}", {"": op["body"]}))}
    if op.get("issues"):
        found["issues"] = Binary(sealer.seal(f"op/{name}/issues", op["issues"]))
    if settled.get("checks"):
        found["settled.checks"] = Binary(sealer.seal(f"op/{name}/checks", settled["checks"]))
    return {"$set": found}


def _household(sealer: Sealer, entry: Mapping[str, Any]) -> Document:
    sealed = Binary(sealer.seal(f"household/{entry['_id']}", entry["ledger"]))
    return {"$set": {"ledger": sealed, "policy": ""}, "$unset": {"head_name": ""}}


def _finding(sealer: Sealer, finding: Mapping[str, Any]) -> Document:
    told = {name: finding[name] for name in ("values", "variant")}
    told["notes"] = [event["note"] for event in finding["history"]]
    sealed = Binary(sealer.seal(f"finding/{finding['_id']}", told))
    history = [
        {name: value for name, value in event.items() if name != "note"} for event in finding["history"]
    ]
    return {"$set": {"sealed": sealed, "history": history}, "$unset": {"values": "", "variant": ""}}


def _row(sealer: Sealer, row: Mapping[str, Any]) -> Document:
    names = row["_id"]
    return {"$set": {"row": Binary(sealer.seal(f"feed/{names['s']}/{names['k']}", row["row"]))}}


_WORK: tuple[tuple[str, Document, Change], ...] = (
    ("ops", {"body": {"$type": "string"}}, _op),
    ("households", {"ledger": {"$type": "object"}}, _household),
    ("findings", {"values": {"$exists": True}}, _finding),
    ("feed", {"op": "put", "row": {"$type": "string"}}, _row),
)
