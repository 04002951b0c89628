"""A restore is the database of the backup, or serves nobody; what is not whole is refused before a byte is written."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.problems import BackupError, ConfigurationError
from store import (
    Manifest,
    Store,
    being_restored,
    check_backup,
    make_backup,
    migrate,
    refuse_half_restored,
    restore_backup,
    verify_backup,
)
from store import migrations as migrations_package
from store.migrations import latest
from tests.unit.store.backups import NOW, contents, fill


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
