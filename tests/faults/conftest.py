"""The small district of the state machine; and a world of real processes over three mongods, for runs that break it."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog

from store import Store, migrate
from tests.conftest import keep_what_expired
from tests.faults.cluster import DATABASE, Processes, ReplicaSet, World
from tests.faults.district import District, InterludeStore, small
from tests.faults.proxy import Proxy
from tests.keys import MASTER_KEY


@pytest.fixture(scope="module")
def district(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    store = InterludeStore(mongodb_uri, f"test_{uuid.uuid4().hex[:12]}", MASTER_KEY)
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


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        mongods = stack.enter_context(ReplicaSet(tmp_path))
        processes = stack.enter_context(Processes.over(mongods.uri, tmp_path / "ruhu"))
        network = stack.enter_context(Proxy(processes.port))
        store = Store(mongods.uri, DATABASE, MASTER_KEY)
        stack.callback(store.close)
        yield World(mongods, processes, network, store)
