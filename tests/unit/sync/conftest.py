"""Services over a real database, and builders that are valid by default."""

from datetime import UTC, datetime

import pytest

from core.clock import FixedClock
from core.principal import Principal, Role
from store import Store
from sync.services import Services

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
REGION = "150625101201"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def services(store: Store, clock: FixedClock) -> Services:
    return Services.build(store, clock)


@pytest.fixture
def enumerator() -> Principal:
    return Principal("0190a000-0000-7000-8000-00000000e001", Role.ENUMERATOR, "150625")
