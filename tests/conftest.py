"""A real mongod for the session, a fresh database for each test."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings as hypothesis_settings

from store import EmbeddedMongod, Store, migrate
from tests.keys import MASTER_KEY

os.environ.setdefault("RUHU_MASTER_KEY", MASTER_KEY.to_text())  # for commands and processes that tests start

pytest_plugins = ["tests.plain_logs"]

hypothesis_settings.register_profile("ruhu", deadline=None, print_blob=True)
hypothesis_settings.load_profile("ruhu")


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    given = os.environ.get("RUHU_MONGODB_URI")
    if given:
        yield given
        return
    folder = tmp_path_factory.mktemp("data")
    with EmbeddedMongod(folder, cache_gb=0.5) as mongod:
        _forget_soon(mongod.uri)
        yield mongod.uri


def _forget_soon(uri: str) -> None:
    """Let the server forget dropped databases soon: keeping their past, it keeps a hundred files of each open."""
    store = Store(uri, "admin")
    store.client.admin.command({"setParameter": 1, "minSnapshotHistoryWindowInSeconds": 30})
    store.close()


@contextmanager
def fresh_store(uri: str) -> Iterator[Store]:
    """Yield a migrated database of its own, and drop it."""
    fresh = Store(uri, f"test_{uuid.uuid4().hex[:12]}", MASTER_KEY)
    migrate(fresh)
    keep_what_expired(fresh)
    yield fresh
    fresh.client.drop_database(fresh.database)
    fresh.close()


@pytest.fixture
def store(mongodb_uri: str) -> Iterator[Store]:
    with fresh_store(mongodb_uri) as fresh:
        yield fresh


def keep_what_expired(store: Store) -> None:
    """Stop the server from sweeping by its own clock: tests stand in the past, and set the clock themselves."""
    index = {"keyPattern": {"expires_at": 1}, "expireAfterSeconds": 2**31 - 1}
    for name in ("tokens", "attempts"):
        store.db.command({"collMod": name, "index": index})
