"""The writes of this package that need more than plain MongoDB calls."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from core.problems import Conflict, PreconditionFailed
from store import Document, Session, Store


def insert_account(store: Store, document: Document, session: Session) -> None:
    """Insert a user inside a transaction.

    Raises:
        Conflict: the login is taken; the transaction is aborted by it.
    """
    try:
        store["users"].insert_one(document, session=session)
    except DuplicateKeyError:
        raise Conflict(f"The login {document['login']} is taken.") from None


def change(
    store: Store, collection: str, at: tuple[str, int], values: Mapping[str, Any], session: Session
) -> Document:
    """Set values where id and version are `at`, count the version up, and return the document after.

    Raises:
        PreconditionFailed: the version is not the present one.
    """
    after = store[collection].find_one_and_update(
        {"_id": at[0], "version": at[1]},
        {"$set": dict(values), "$inc": {"version": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if after is None:
        raise PreconditionFailed
    return after


def put_device(store: Store, key: str, values: Document, fresh: Document, session: Session) -> Document:
    """Set values of a device, made with `fresh` if it is not there, and return it."""
    changes = {"$set": values, "$setOnInsert": fresh, "$inc": {"version": 1}}
    store["devices"].update_one({"_id": key}, changes, upsert=True, session=session)
    return store["devices"].find_one({"_id": key}, session=session) or {}


def insert_link(store: Store, document: Document, session: Session) -> None:
    """Insert a link of the audit chain inside a transaction.

    Raises:
        Conflict: another process made this link; the transaction is aborted by it.
    """
    try:
        store["audit_links"].insert_one(document, session=session)
    except DuplicateKeyError:
        raise Conflict(f"Link {document['_id']} is made.") from None


def insert_new(store: Store, collection: str, documents: Iterable[Document]) -> None:
    """Insert the documents whose ids are not there yet; the others stay as they are."""
    writes = [UpdateOne({"_id": each["_id"]}, {"$setOnInsert": each}, upsert=True) for each in documents]
    if writes:
        store[collection].bulk_write(writes, ordered=False)


def count_attempt(
    store: Store, key: str, now: datetime, forget_at: datetime, wait: Callable[[int], timedelta]
) -> datetime | None:
    """Count an attempt under a key, unless it must wait; return until when, or None if it may go on.

    Args:
        store: the database.
        key: what is counted.
        now: when the attempt is made.
        forget_at: when the counter is forgotten if nothing more comes.
        wait: how long the next attempt must wait after so many.
    """
    kept = store["attempts"]
    while True:
        held = kept.find_one({"_id": key})
        if held is not None and held["until"] > now:
            until: datetime = held["until"]
            return until
        failures = 1 + (held["failures"] if held is not None and held["expires_at"] > now else 0)
        values = {"failures": failures, "until": now + wait(failures), "expires_at": forget_at}
        if held is None:
            with suppress(DuplicateKeyError):  # another attempt was first
                kept.insert_one({"_id": key, **values})
                return None
        elif kept.update_one({"_id": key, "failures": held["failures"]}, {"$set": values}).matched_count:
            return None
