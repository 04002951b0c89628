"""A backup is the database as of one instant, or there is no file."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from bson.raw_bson import RawBSONDocument

from core.problems import BackupError
from store import (
    COLLECTIONS,
    DatabaseError,
    EmbeddedMongod,
    Manifest,
    Store,
    check_backup,
    keep_backup,
    kept_backups,
    make_backup,
    migrate,
    restore_backup,
    verify_backup,
)
from store.embedded import HISTORY_SECONDS
from store.migrations import latest
from tests.keys import MASTER_KEY
from tests.unit.store.backups import FAR, NOW, ODD, contents, fill


def test_a_database_with_every_collection_filled_comes_back_document_by_document(store, other, tmp_path):
    fill(store)
    store["meta"].insert_one({"_id": "settle_failures", "households": {"h": ODD}})
    epoch = store["meta"].find_one({"_id": "epoch"})["value"]
    before = contents(store)
    file, manifest = make_backup(store, tmp_path, NOW)
    assert file.name == f"{store.database}-2026-11-21T023000.zip"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert verify_backup(file) == manifest
    assert (manifest.epoch, manifest.schema) == (epoch, latest())

    done = restore_backup(other, check_backup(file), NOW)
    assert contents(other) == before
    assert {name for name, documents in before.items() if len(documents) < 30} == {
        "meta",
        "snapshots",
        "attempts",
        "report_orders",
    }
    assert migrate(other) == []
    for collection in COLLECTIONS:
        made, there = (each[collection.name].index_information() for each in (other, store))
        kept = (
            collection.kept.query is not None
        )  # else made anew, and swept by the server, which tests forbid
        assert made == there if kept else made.keys() == there.keys()
    assert done.epoch == other["meta"].find_one({"_id": "epoch"})["value"] != epoch
    assert other["meta"].find_one({"_id": "restored"})["backup"] == manifest.id


def test_phones_stay_enrolled_and_people_sign_in_again(store, other, tmp_path):
    store["tokens"].insert_many(
        [{"_id": kind, "kind": kind, "expires_at": FAR} for kind in ("device", "session", "enrolment")]
    )
    file, manifest = make_backup(store, tmp_path, NOW)
    restore_backup(other, check_backup(file), NOW)
    assert [token["_id"] for token in other["tokens"].find()] == ["device"]
    assert "sign in again" in manifest.left_out["tokens"]


def test_every_collection_is_in_a_backup_or_says_why_not():
    for collection in COLLECTIONS:
        assert collection.kept.query == {} or collection.kept.why, collection.name


def test_ordinary_tools_read_the_file(small):
    with zipfile.ZipFile(small) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[-1] == "manifest.json"
        document = json.loads(archive.read("manifest.json"))
        assert document["parts"]["rounds"]["documents"] == 3
        found = archive.read("rounds.bson")
    assert len(found) == document["parts"]["rounds"]["size"]
    assert RawBSONDocument(found[: int.from_bytes(found[:4], "little")])["_id"] == "a"


class Writers:
    """Threads that move amounts between two collections, in transactions: together they always hold the same sum."""

    def __init__(self, store: Store, accounts: int) -> None:
        self.store, self.accounts, self.moves = store, accounts, 0
        padding = "x" * 4000
        for name in ("rounds", "worklists"):
            store[name].insert_many(
                [{"_id": number, "holds": 100, "padding": padding} for number in range(accounts)]
            )
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._moved = threading.Condition(self._lock)
        self._threads = [threading.Thread(target=self._run, args=(seed,)) for seed in range(3)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, seed: int) -> None:
        step = seed
        while not self._stop.is_set():
            step += 7
            source, target = step % self.accounts, (step * 13 + seed) % self.accounts

            def move(session, source=source, target=target):
                store = self.store
                store["rounds"].update_one({"_id": source}, {"$inc": {"holds": -1}}, session=session)
                store["worklists"].update_one({"_id": target}, {"$inc": {"holds": 1}}, session=session)

            self.store.transaction(move)
            with self._moved:
                self.moves += 1
                self._moved.notify_all()

    def wait(self, more: int) -> None:
        """Return after so many more moves."""
        with self._moved:
            wanted = self.moves + more
            assert self._moved.wait_for(lambda: self.moves >= wanted, timeout=60)


def test_a_backup_while_others_write_is_of_one_instant(store, other, tmp_path):
    with Writers(store, accounts=5000) as writers:
        writers.wait(10)
        told: list[str] = []

        def while_others_write(collection: str, documents: int, _size: int) -> None:
            if documents and collection in {"rounds", "worklists"}:
                told.append(collection)
                writers.wait(15)

        file, _ = make_backup(store, tmp_path, NOW, while_others_write)
    assert len(told) > 4, "both collections came in several batches, with moves between them"
    restore_backup(other, check_backup(file), NOW)
    held = [sum(document["holds"] for document in other[name].find()) for name in ("rounds", "worklists")]
    assert sum(held) == 2 * 100 * 5000
    assert held[0] < 100 * 5000, "and moves were made before it"


def test_a_snapshot_that_the_server_no_longer_has_is_refused_in_plain_words(tmp_path):
    with EmbeddedMongod(tmp_path / "data", cache_gb=0.25) as mongod:
        store = Store(mongod.uri, "ruhu", MASTER_KEY)
        migrate(store)
        own = store.client.admin.command({"getParameter": 1, "minSnapshotHistoryWindowInSeconds": 1})
        assert own["minSnapshotHistoryWindowInSeconds"] == HISTORY_SECONDS
        store.client.admin.command({"setParameter": 1, "minSnapshotHistoryWindowInSeconds": 0})
        store["rounds"].insert_one({"_id": "a"})

        def write_until_it_is_gone(collection: str, _documents: int, _size: int) -> None:
            if collection != "meta":
                return
            seen = store.client.start_session(snapshot=True)
            store["rounds"].find_one({}, session=seen)
            while True:  # the server forgets when it likes, after a later write
                store["rounds"].update_one({"_id": "a"}, {"$inc": {"n": 1}})
                try:
                    store["rounds"].find_one({}, session=seen)
                except DatabaseError:
                    return

        with pytest.raises(BackupError, match=r"minSnapshotHistoryWindowInSeconds: 3600"):
            make_backup(store, tmp_path, NOW, write_until_it_is_gone)
        store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["data"]


def test_a_server_that_dies_in_the_middle_is_told_and_leaves_no_file(tmp_path):
    with EmbeddedMongod(tmp_path / "data", cache_gb=0.25) as mongod:
        store = Store(mongod.uri, "ruhu", MASTER_KEY)
        migrate(store)
        store["rounds"].insert_many([{"_id": number, "padding": "x" * 100} for number in range(9000)])

        def kill_once(collection: str, _documents: int, _size: int) -> None:
            if collection == "rounds":
                os.kill(mongod.pid, signal.SIGKILL)
                mongod.restart()

        with pytest.raises(BackupError, match=r"stopped answering .* No file was left"):
            make_backup(store, tmp_path, NOW, kill_once)
        store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["data"]


_KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from store import Store, make_backup
def stop(collection, documents, size):
    if collection == "rounds":
        print("in the middle", flush=True)
        sys.stdin.read()
make_backup(Store(sys.argv[1], sys.argv[2]), Path(sys.argv[3]), datetime.now(UTC), stop)
"""


def test_a_backup_that_is_killed_leaves_no_file_that_looks_whole(store, tmp_path):
    fill(store)
    command = [sys.executable, "-c", _KILLED, store.uri, store.database, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in the middle\n"
        process.send_signal(signal.SIGKILL)
    (left,) = tmp_path.iterdir()
    assert left.suffix == ".partial"
    with pytest.raises(BackupError, match="no whole backup"):
        verify_backup(left)
    assert kept_backups(tmp_path, store.database) == []
    day_old = NOW.timestamp() - 90_000
    os.utime(left, (day_old, day_old))
    made = keep_backup(store, tmp_path, NOW, copies=14)
    assert list(tmp_path.iterdir()) == [made], "the next one clears up"


def test_a_full_disk_is_told_and_leaves_nothing(store, tmp_path):
    fill(store, 200)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(BackupError, match=r"cannot be written to .*Make room"):
            make_backup(store, tmp_path, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BackupError, match="cannot be written"):
        make_backup(store, tmp_path / "no" / "such" / "folder.zip", NOW)


def test_a_backup_never_replaces_a_file_and_is_never_of_nothing(store, other, small):
    with pytest.raises(BackupError, match="there already"):
        make_backup(store, small, NOW)
    with pytest.raises(BackupError, match="holds nothing of Ruhu"):
        make_backup(other, small.with_name("other.zip"), NOW)
    with pytest.raises(BackupError, match="is no folder"):
        make_backup(store, small.with_name("nightly"), NOW)
    assert list(small.parent.iterdir()) == [small]


def test_the_newest_are_kept_and_none_goes_before_the_new_one_is_verified(
    store, other, tmp_path, monkeypatch
):
    migrate(other)
    foreign, _ = make_backup(other, tmp_path, NOW)
    (tmp_path / "notes.txt").write_text("mine")
    days = [NOW + timedelta(days=day) for day in range(5)]
    for day in days:
        keep_backup(store, tmp_path, day, copies=3)
    assert [kept.made_at for kept in kept_backups(tmp_path, store.database)] == days[:1:-1]
    assert foreign.exists()

    def damaged(file: Path, *_more: Any) -> Manifest:
        raise BackupError(f"{file} is no whole backup")

    monkeypatch.setattr("store.backup.verify_backup", damaged)
    with pytest.raises(BackupError):
        keep_backup(store, tmp_path, NOW + timedelta(days=9), copies=3)
    assert [kept.made_at for kept in kept_backups(tmp_path, store.database)] == days[:1:-1]
    assert len(list(tmp_path.glob("*.damaged"))) == 1
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="RUHU_BACKUPS"):
        keep_backup(store, tmp_path / "file" / "folder", NOW, copies=3)
