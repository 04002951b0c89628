"""A restore: a database made anew from a backup. The file is verified before one byte is written.

While it runs, a mark in `meta` keeps everybody off; a restore that was interrupted is simply run again. The indexes are
made after the documents, then migrations bring an older schema forward. The database gets a new epoch, so phones begin
their scopes again and push what the backup lacks; the key that signs cursors stays.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep

from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from core.problems import BackupError, ConfigurationError
from store.archive import Manifest, Progress, Reader, open_backup, silent, verify_backup
from store.client import Document, Store
from store.migrations import bring_forward, latest, m0001_collections
from store.restoring import MARK, NOTICE_S, being_restored
from store.sealing import FACT, KEYS

_OWN = {MARK, "epoch"}
_TRIAL = "keys_of_backup"
_PUT_KEY = (
    "Put the key file of the system that made the backup where RUHU_MASTER_KEY_FILE says (or its text in "
    "RUHU_MASTER_KEY), then run the same command again. Nothing was changed."
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that was read to its end and can be restored. Make it with `check_backup`."""

    file: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the manifest of the backup, the new epoch, and the migrations that ran."""

    manifest: Manifest
    epoch: str
    steps: tuple[str, ...]


def check_backup(file: Path, progress: Progress = silent) -> Checked:
    """Verify a backup, and that this version of Ruhu can restore it.

    Raises:
        BackupError: it cannot be restored.
    """
    manifest = verify_backup(file, progress)
    if manifest.schema > latest():
        raise BackupError(
            f"{file} was made by Ruhu {manifest.ruhu} with schema {manifest.schema}; this Ruhu knows schemas up to "
            f"{latest()}. Install that version of Ruhu, or a later one."
        )
    return Checked(file, manifest)


def refuse_other_key(store: Store, checked: Checked) -> None:
    """Refuse a backup that this store's master key does not open: its key proves itself on the backup's probe.

    The data keys of the backup lie in a collection of their own meanwhile; nothing else is touched.

    Raises:
        BackupError: there is no master key, or another one sealed the backup.
    """
    with open_backup(checked.file) as reader:
        facts = [fact for batch in reader.batches("meta") for fact in map(RawBSONDocument, batch)]
        sealing = next((fact for fact in facts if fact["_id"] == FACT), None)
        if sealing is None:
            return  # made before anything was sealed
        if store.master is None:
            raise BackupError(f"{checked.file} is sealed, and there is no master key here. {_PUT_KEY}")
        trial = store.db.get_collection(_TRIAL)
        try:
            trial.drop()
            keys = [RawBSONDocument(each) for batch in reader.batches(KEYS) for each in batch]
            trial.insert_many(keys)
            store.sealer.try_on(_TRIAL, sealing)
        except ConfigurationError as error:
            raise BackupError(
                f"{checked.file} was sealed with another master key than the one in {store.master.source}. {_PUT_KEY}"
            ) from error
        finally:
            trial.drop()


def is_empty(store: Store) -> bool:
    """Tell whether a restore would destroy nothing: there is no document, or only those of a restore cut short."""
    mark = being_restored(store)
    if mark is not None and mark["cleared"]:
        return True
    holding = (name for name in _others(store) if name != KEYS)  # data keys that sealed nothing
    return all(store.db.get_collection(name).find_one({}, {"_id": 1}) is None for name in holding)


def _others(store: Store) -> list[str]:
    """Return the names of all collections but `meta`, whoever made them."""
    return [
        name for name in store.db.list_collection_names() if name != "meta" and not name.startswith("system.")
    ]


def refuse_to_destroy(store: Store) -> None:
    """Refuse a database that is not empty.

    Raises:
        BackupError: it is not.
    """
    if not is_empty(store):
        raise BackupError(
            f"The database {store.database!r} is not empty. Restore into another one (RUHU_DATABASE), or add --replace "
            "to delete what is there."
        )


def restore_backup(
    store: Store, checked: Checked, at: datetime, *, replace: bool = False, progress: Progress = silent
) -> Restored:
    """Make the database what a backup says, under a new epoch.

    Args:
        store: where to; no process but this one should use it.
        checked: the backup.
        at: now.
        replace: delete what is there.
        progress: told of each batch that was written.

    Raises:
        BackupError: the database is not empty or could not take it, the backup was sealed with another master key, or
            somebody else wrote into the database.
    """
    file, manifest = checked.file, checked.manifest
    refuse_other_key(store, checked)
    _ = store.sealer  # without a key, what is of an older schema could not be sealed
    if not replace:
        refuse_to_destroy(store)
    try:
        _close(store, {"file": file.name, "backup": manifest.id, "began_at": at})
        _clear(store)
        with open_backup(file) as reader:
            for name in sorted(manifest.parts, key=lambda name: name == "meta"):
                _fill(store, name, reader, progress)
        _refuse_strangers(store, manifest)
        _make_indexes(store, manifest)
        store.forget_keys()
        steps = bring_forward(store)
        m0001_collections.up(store)
        epoch = _open(store, manifest, at)
    except PyMongoError as error:
        raise BackupError(
            f"The database could not take the backup ({str(error).partition(', full error')[0]}). It stays marked as "
            "half restored and serves nobody; put right what the message says and run the same command again."
        ) from error
    return Restored(manifest, epoch, tuple(steps))


def _close(store: Store, mark: Document) -> None:
    """Set the mark and let everybody notice. Whoever gives up meanwhile finds the database as it was."""
    if is_empty(store):
        store["meta"].replace_one({"_id": MARK}, mark | {"cleared": True}, upsert=True)
        return
    try:
        store["meta"].replace_one({"_id": MARK}, mark | {"cleared": False}, upsert=True)
        sleep(2 * NOTICE_S)  # who still serves looks at the mark by then
    except BaseException:
        store["meta"].delete_one({"_id": MARK})
        raise
    store["meta"].update_one({"_id": MARK}, {"$set": {"cleared": True}})


def _clear(store: Store) -> None:
    for name in _others(store):
        store.db.drop_collection(name)
    store["meta"].delete_many({"_id": {"$ne": MARK}})


def _fill(store: Store, name: str, reader: Reader, progress: Progress) -> None:
    """Insert the documents of one collection; the epoch and the mark are this database's own."""
    target = store.db.get_collection(name)
    for batch in reader.batches(name):
        documents = [RawBSONDocument(each) for each in batch]
        if name == "meta":
            documents = [each for each in documents if each["_id"] not in _OWN]
        if documents:
            target.insert_many(documents, ordered=False)
        progress(name, len(batch), sum(map(len, batch)))


def _refuse_strangers(store: Store, manifest: Manifest) -> None:
    """Refuse to go on when there is not what was inserted."""
    for name, part in manifest.parts.items():
        if name != "meta" and store.db.get_collection(name).count_documents({}) != part.documents:
            raise BackupError(
                f"Somebody else wrote into {store.database}.{name} during the restore. Stop every 'ruhu serve', web "
                "process and worker of this database, then run the same command again."
            )


def _make_indexes(store: Store, manifest: Manifest) -> None:
    """Make the indexes that the database had, so that migrations find it as it was."""
    for name, part in manifest.parts.items():
        models = []
        for index in part.indexes:
            options = {option: value for option, value in index.items() if option != "key"}
            models.append(IndexModel(list(index["key"].items()), **options))
        if models:
            store.db.get_collection(name).create_indexes(models)


def _open(store: Store, manifest: Manifest, at: datetime) -> str:
    """Give the database its new epoch and take the mark away; return the epoch."""
    epoch, meta = str(uuid.uuid4()), store["meta"]
    meta.replace_one({"_id": "epoch"}, {"value": epoch}, upsert=True)
    came = {"backup": manifest.id, "made_at": manifest.moment, "epoch": manifest.epoch, "at": at}
    meta.replace_one({"_id": "restored"}, came, upsert=True)
    meta.delete_one({"_id": MARK})
    return epoch
