"""A backup is the database as of one instant, or there is no file; a restore is that database, or serves nobody."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument

from core.problems import BackupError, ConfigurationError
from store import (
    COLLECTIONS,
    DatabaseError,
    EmbeddedMongod,
    Manifest,
    Store,
    being_restored,
    check_backup,
    keep_backup,
    kept_backups,
    make_backup,
    migrate,
    refuse_half_restored,
    restore_backup,
    verify_backup,
)
from store import migrations as migrations_package
from store.embedded import HISTORY_SECONDS
from store.migrations import latest
from tests.keys import MASTER_KEY

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


@pytest.fixture
def other(mongodb_uri: str) -> Iterator[Store]:
    """Another database, with nothing in it."""
    empty = Store(mongodb_uri, f"test_{uuid.uuid4().hex[:12]}", MASTER_KEY)
    yield empty
    empty.client.drop_database(empty.database)
    empty.close()


@pytest.fixture
def small(store: Store, tmp_path: Path) -> Path:
    """A backup of a few documents."""
    store["form_versions"].insert_one({"_id": "f", "form_id": "household", "version": 1})
    store["rounds"].insert_many([{"_id": name, "title": "十一月" * 9} for name in "abc"])
    file, _ = make_backup(store, tmp_path / "small.zip", NOW)
    return file


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


def rewrite(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write a ZIP that is sound as such, with changed parts."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    changed = file.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return changed


def manifest_with(**more: Any) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | more).encode()

    return change


def _other_title(parts: dict[str, bytes]) -> None:
    parts["rounds.bson"] = parts["rounds.bson"].replace("十".encode(), "九".encode(), 1)


def _a_document_less(parts: dict[str, bytes]) -> None:
    found = parts["rounds.bson"]
    parts["rounds.bson"] = found[int.from_bytes(found[:4], "little") :]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_other_title, "rounds.bson has another SHA-256"),
        (_a_document_less, "rounds.bson has another SHA-256"),
        (lambda parts: parts.update({"rounds.bson": parts["rounds.bson"] + b"\x07"}), "another SHA-256"),
        (
            lambda parts: parts.update({"rounds.bson": b"\xff\xff\xff\x7f" + parts["rounds.bson"]}),
            "impossible size",
        ),
        (lambda parts: parts.pop("rounds.bson") and None, "not those of its manifest"),
        (lambda parts: parts.update({"more.bson": b""}), "not those of its manifest"),
        (lambda parts: parts.pop("manifest.json") and None, "no whole backup"),
        (manifest_with(format="zip"), "another format"),
        (manifest_with(parts={"rounds": {}}), "no whole backup"),
        (manifest_with(made_at="today"), "no whole backup"),
        (
            manifest_with(format_version=2, ruhu="9.0"),
            r"written by Ruhu 9\.0 in format 2; .* Install that version",
        ),
        (manifest_with(schema=9999, ruhu="9.0"), r"Ruhu 9\.0 with schema 9999.* Install that version"),
    ],
)
def test_a_file_that_cannot_be_restored_is_refused_before_anything_is_written(small, store, change, told):
    before = contents(store)
    with pytest.raises(BackupError, match=told):
        restore_backup(store, check_backup(rewrite(small, change)), NOW, replace=True)
    assert contents(store) == before
    assert being_restored(store) is None


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all" * 100, b"\x1f\x8b" + bytes(500)])
def test_a_file_that_is_no_backup_is_told_so(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(BackupError, match=r"is no whole backup .* Take another copy"):
        verify_backup(tmp_path / "x")
    with pytest.raises(BackupError, match="no such file"):
        verify_backup(tmp_path)


def test_whatever_byte_flips_or_wherever_it_is_cut_it_is_refused_or_means_the_same(small, tmp_path):
    whole = small.read_bytes()
    manifest = verify_backup(small)
    bad = tmp_path / "bad.zip"
    refused = 0
    for at in range(len(whole)):
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        refused += _refused_or(bad, manifest)
    assert refused > len(whole) // 2
    for end in range(0, len(whole), 7):
        bad.write_bytes(whole[:end])
        assert _refused_or(bad, manifest), end


def _refused_or(file: Path, manifest: Manifest) -> bool:
    try:
        assert (
            verify_backup(file) == manifest
        )  # a time stamp in the ZIP's directory flipped: digests and counts hold
    except BackupError:
        return True
    return False


def test_a_database_that_holds_something_is_replaced_only_when_told(store, small, monkeypatch):
    monkeypatch.setattr("store.restore.NOTICE_S", 0)
    store["rounds"].insert_one({"_id": "later"})
    with pytest.raises(BackupError, match=r"is not empty.*--replace"):
        restore_backup(store, check_backup(small), NOW)
    assert store["rounds"].count_documents({}) == 4
    restore_backup(store, check_backup(small), NOW, replace=True)
    assert sorted(each["_id"] for each in store["rounds"].find()) == ["a", "b", "c"]


def test_who_gives_up_before_anything_is_deleted_finds_the_database_as_it_was(store, small, monkeypatch):
    before = contents(store)
    store.db["of_others"].insert_one({"_id": 1})

    def give_up(_seconds: float) -> None:
        assert being_restored(store) is not None
        raise KeyboardInterrupt

    monkeypatch.setattr("store.restore.sleep", give_up)
    with pytest.raises(KeyboardInterrupt):
        restore_backup(store, check_backup(small), NOW, replace=True)
    assert contents(store) == before
    assert migrate(store) == []


def test_what_others_keep_in_the_database_is_not_deleted_unasked(other, small):
    other.db["of_others"].insert_one({"_id": 1})
    with pytest.raises(BackupError, match="is not empty"):
        restore_backup(other, check_backup(small), NOW)
    assert other.db["of_others"].count_documents({}) == 1


class CutError(Exception):
    pass


def test_an_interrupted_restore_is_seen_by_everybody_and_completed_by_the_next(store, other, tmp_path):
    fill(store)
    file, _ = make_backup(store, tmp_path, NOW)

    def cut(collection: str, _documents: int, _size: int) -> None:
        if collection == "feed":
            raise CutError

    with pytest.raises(CutError):
        restore_backup(other, check_backup(file), NOW, progress=cut)
    for refused in (migrate, refuse_half_restored):
        with pytest.raises(ConfigurationError, match=r"half restored.*ruhu restore FILE"):
            refused(other)
    migrations_package.bring_forward(other)
    with pytest.raises(BackupError, match="half restored"):
        make_backup(other, tmp_path / "half.zip", NOW)
    restore_backup(other, check_backup(file), NOW)
    assert contents(other) == contents(store)
    assert being_restored(other) is None
    assert migrate(other) == []


def test_somebody_who_writes_during_a_restore_is_noticed(other, small):
    def write(collection: str, _documents: int, _size: int) -> None:
        if collection == "rounds":
            other["worklists"].insert_one({"_id": "mine"})

    with pytest.raises(BackupError, match=r"Somebody else wrote into .*\.worklists"):
        restore_backup(other, check_backup(small), NOW, progress=write)
    with pytest.raises(ConfigurationError, match="half restored"):
        migrate(other)


def test_a_database_that_refuses_a_document_stays_marked(other, small):
    def refuse(collection: str, _documents: int, _size: int) -> None:
        if collection == "form_versions":
            other.db.create_collection("rounds", validator={"title": "no such title"})

    with pytest.raises(BackupError, match=r"could not take the backup .* run the same command again"):
        restore_backup(other, check_backup(small), NOW, progress=refuse)
    assert being_restored(other) is not None


def test_an_older_schema_is_brought_forward(store, other, tmp_path, monkeypatch):
    store["rounds"].insert_one({"_id": "a", "title": "一月"})
    store["worklists"].drop_index("round_1")
    file, manifest = make_backup(store, tmp_path, NOW)
    assert "round_1" not in [index["name"] for index in manifest.parts["worklists"].indexes]
    seen = []

    class Later:
        ABOUT = "rounds have names"

        @staticmethod
        def up(database: Store) -> None:
            seen.append(set(database["worklists"].index_information()))
            database["rounds"].update_many({}, {"$rename": {"title": "name"}})

    newer = [*migrations_package.modules(), (latest() + 1, Later)]
    monkeypatch.setattr(migrations_package, "modules", lambda: iter(newer))
    done = restore_backup(other, check_backup(file), NOW)
    assert done.steps == (f"{manifest.schema + 1:04d} rounds have names",)
    assert other["rounds"].find_one() == {"_id": "a", "name": "一月"}
    assert len(seen) == 1
    assert "region_1__id_1" in seen[0], "migrations find the indexes of then"
    assert "round_1" in other["worklists"].index_information()
    assert other["meta"].find_one({"_id": "schema"})["version"] == manifest.schema + 1


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
