"""Whatever the network, the phones and the office do: at rest nothing is lost and every phone holds what is granted."""

import os
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from store import migrate
from tests.conftest import keep_what_expired
from tests.faults.district import District, InterludeStore, small
from tests.faults.machine import machine_over

EXAMPLES = int(os.environ.get("EXAMPLES", "30"))
STEPS = 30


@pytest.fixture(scope="module")
def district(mongodb_uri: str) -> Iterator[District]:
    store = InterludeStore(mongodb_uri, f"test_{uuid.uuid4().hex[:12]}")
    try:
        migrate(store)
        keep_what_expired(store)
        with small():
            yield District(store)
    finally:
        store.client.drop_database(store.database)
        store.close()


def test_at_rest_nothing_is_lost_and_every_phone_holds_what_is_granted(district: District) -> None:
    machine = machine_over(district)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
