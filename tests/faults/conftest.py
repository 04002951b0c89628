"""The small district of the state machine, on the session's database."""

import logging
import uuid
from collections.abc import Iterator

import pytest
import structlog

from store import migrate
from tests.conftest import keep_what_expired
from tests.faults.district import District, InterludeStore, small


@pytest.fixture(scope="module")
def district(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    store = InterludeStore(mongodb_uri, f"test_{uuid.uuid4().hex[:12]}")
    try:
        migrate(store)
        keep_what_expired(store)
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        with small():
            yield District(store, tmp_path_factory.mktemp("backups"))
    finally:
        structlog.reset_defaults()
        store.client.drop_database(store.database)
        store.close()
