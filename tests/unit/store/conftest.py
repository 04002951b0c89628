"""Databases that backups are made of and restored into."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import (
    Store,
    make_backup,
)
from tests.keys import MASTER_KEY
from tests.unit.store.backups import NOW


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
