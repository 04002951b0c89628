"""A backup: the whole database as of one instant, in one file (`store/archive.py`), while everybody goes on working.

All collections are read in one snapshot session, so at one cluster time. The server keeps the past for
`minSnapshotHistoryWindowInSeconds`; a backup that takes longer is refused, never inconsistent. The file is written
under a temporary name and renamed when it is whole and on the disk.
"""

import contextlib
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure, PyMongoError

from core.clock import SHANGHAI
from core.problems import BackupError
from store.archive import Manifest, Part, Progress, Writer, silent, verify_backup
from store.client import Document, Store
from store.collections import COLLECTIONS, Collection
from store.embedded import HISTORY_SECONDS
from store.restoring import MARK

_GONE = {239, 246}  # SnapshotTooOld, SnapshotUnavailable
_FACTS = 1000
_BATCH = 2000
_OPTIONS = ("key", "name", "unique", "partialFilterExpression", "expireAfterSeconds", "sparse")
_NAME = re.compile(r"(?P<database>.+)-(?P<at>\d{4}-\d\d-\d\dT\d{6})\.zip")
_STAMP = "%Y-%m-%dT%H%M%S"
_ABANDONED_S = 86_400
_PARTIAL = ".partial"
_ENDING = ".zip"
_DAMAGED = ".damaged"


def make_backup(
    store: Store, target: Path, at: datetime, progress: Progress = silent
) -> tuple[Path, Manifest]:
    """Write a backup, and return its file and manifest.

    Args:
        store: the database.
        target: the file to make (`….zip`), or a folder, where the file is named by database and time.
        at: now.
        progress: told of each batch.

    Raises:
        BackupError: the file cannot be written or is there already, there is nothing to back up, or the database
            stopped answering.
    """
    file = target / f"{store.database}-{at.astimezone(SHANGHAI):{_STAMP}}.zip" if target.is_dir() else target
    if file.suffix != _ENDING:
        raise BackupError(
            f"{target} is no folder. Name a folder that is there, or a file that ends in {_ENDING}."
        )
    if file.exists():
        raise BackupError(f"{file} is there already. Name another file; a backup never replaces one.")
    part = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}{_PARTIAL}")
    try:
        manifest = _write(store, part, at, progress)
        part.replace(file)
        _to_disk(file.parent)
    except OSError as error:
        raise BackupError(
            f"The backup cannot be written to {file.parent} ({error.strerror}). Make room there, or name another "
            "folder. No file was left."
        ) from error
    except PyMongoError as error:
        raise BackupError(_told(error)) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return file, manifest


def _told(error: PyMongoError) -> str:
    if isinstance(error, OperationFailure) and error.code in _GONE:
        return (
            "The backup took longer than the server keeps the past, so it could not be of one instant and was not "
            "made. On every member of the replica set run db.adminCommand({setParameter: 1, "
            f"minSnapshotHistoryWindowInSeconds: {HISTORY_SECONDS}}}) and set it in mongod.conf too; then try again, "
            "at a quieter hour or to a faster disk."
        )
    return f"The database stopped answering ({error}). No file was left; run 'ruhu doctor', then try again."


def _write(store: Store, file: Path, at: datetime, progress: Progress) -> Manifest:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(handle, "wb") as stream,
        Writer(stream) as writer,
        store.client.start_session(snapshot=True) as session,
    ):
        first = store.db.command("find", "meta", batchSize=_FACTS, session=session)["cursor"]
        facts = {fact["_id"]: fact for fact in first["firstBatch"]}
        _refuse_what_is_not_whole(store, facts)
        parts = {
            each.name: _part(store, each, session, writer, progress)
            for each in COLLECTIONS
            if each.kept.query is not None
        }
        time = first["atClusterTime"]
        manifest = Manifest(
            id=str(uuid.uuid4()),
            database=store.database,
            schema=facts["schema"]["version"],
            epoch=facts["epoch"]["value"],
            cluster_time=(time.time, time.inc),
            made_at=at.isoformat(),
            parts=parts,
            left_out={each.name: each.kept.why for each in COLLECTIONS if each.kept.why},
        )
        writer.close(manifest)
        stream.flush()
        os.fsync(stream.fileno())
    return manifest


def _refuse_what_is_not_whole(store: Store, facts: Mapping[str, Document]) -> None:
    if MARK in facts:
        raise BackupError(
            f"The database {store.database!r} is half restored. Run 'ruhu restore' to its end first."
        )
    if not {"schema", "epoch"} <= facts.keys():
        raise BackupError(
            f"The database {store.database!r} holds nothing of Ruhu. Check RUHU_MONGODB_URI, RUHU_DATA, RUHU_DATABASE."
        )


def _part(
    store: Store, collection: Collection, session: ClientSession, writer: Writer, progress: Progress
) -> Part:
    source = store[collection.name]
    query = dict(collection.kept.query or {})
    batches = source.find_raw_batches(query, batch_size=_BATCH, session=session)
    indexes = tuple(_index(each) for each in source.list_indexes() if each["name"] != "_id_")
    return writer.part(collection.name, iter(batches), indexes, progress)


def _index(index: Mapping[str, Any]) -> dict[str, Any]:
    return {option: index[option] for option in _OPTIONS if option in index}


def _to_disk(folder: Path) -> None:
    """Bring the folder's new name to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup in the folder of nightly backups."""

    file: Path
    made_at: datetime
    size: int


def kept_backups(folder: Path, database: str) -> list[Copy]:
    """Return the backups of a database in a folder, newest first; those that were named by `make_backup`."""
    if not folder.is_dir():
        return []
    named = (match for file in folder.iterdir() if (match := _NAME.fullmatch(file.name)))
    ours = [match for match in named if match["database"] == database]
    return [
        _kept(folder / match[0], match["at"])
        for match in sorted(ours, key=lambda match: match["at"], reverse=True)
    ]


def _kept(file: Path, stamp: str) -> Copy:
    return Copy(file, datetime.strptime(stamp, _STAMP).replace(tzinfo=SHANGHAI), file.stat().st_size)


def keep_backup(store: Store, folder: Path, at: datetime, *, copies: int) -> Path:
    """Make a backup in a folder, verify it, and only then delete all but the newest `copies` of this database.

    Raises:
        BackupError: there is no new backup; the old ones are as they were.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(
            f"{folder} cannot be made ({error.strerror}). Set RUHU_BACKUPS to another folder."
        ) from error
    file, _ = make_backup(store, folder, at)
    try:
        verify_backup(file)
    except BackupError:
        file.replace(file.with_suffix(_DAMAGED))  # so that nobody counts on it
        raise
    for old in kept_backups(folder, store.database)[copies:]:
        old.file.unlink()
    for left in folder.glob(f".*{_PARTIAL}"):  # of a backup that was killed
        if left.stat().st_mtime < at.timestamp() - _ABANDONED_S:
            left.unlink(missing_ok=True)
    return file
