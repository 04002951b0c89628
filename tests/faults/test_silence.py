"""A database server that falls silent is given up soon, by web and worker; without a majority the answer is 503."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ruhu_phone import State
from tests.faults.cluster import World, wait_for
from tests.faults.fieldwork import District, prepare

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
_SOON = 15.0


@pytest.fixture
def district(world: World) -> Iterator[District]:
    made = prepare(world.store, world.network.url, households=2, phones=1)
    yield made
    made.phones[0].close()


def test_a_primary_that_is_silent_for_good_is_left_by_web_and_worker(
    world: World, district: District
) -> None:
    phone, home = district.phones[0], district.homes[0]
    phone.sync(60)
    phone.record("visit", district.visit(home))
    primary = world.mongods.primary()
    assert primary is not None
    primary.stop()
    began = time.monotonic()
    phone.sync(60)
    answered = time.monotonic() - began
    op = next(iter(phone.acknowledged()))
    wait_for(lambda: phone.read(f"/api/v1/ops/{op}", 60).get("settled"), "the worker settles it", 45)
    settled = time.monotonic() - began
    primary.go_on()
    print(f"\nprimary silent: answered after {answered:.1f} s, settled after {settled:.1f} s")  # noqa: T201 - the figures of the run
    assert phone.wire.slowest < _SOON
    assert phone.ops.told(State.ACKNOWLEDGED)[op]["status"] == "stored"


def test_without_a_majority_the_answer_is_503_soon_and_all_goes_on_after(
    world: World, district: District
) -> None:
    phone = district.phones[0]
    phone.sync(60)
    down = world.mongods.members[:2]
    for member in down:
        member.kill()
    began = time.monotonic()
    status, retry_after, problem = ask(world, str(phone.token))
    assert time.monotonic() - began < _SOON
    assert (status, problem["type"]) == (503, "urn:ruhu:problem:unavailable"), problem
    assert retry_after is not None
    for member in down:
        member.start()
    phone.record("visit", district.visit(district.homes[0]))
    phone.sync(60)
    assert [told["status"] for told in phone.ops.told(State.ACKNOWLEDGED).values()] == ["stored"]


def ask(world: World, token: str) -> tuple[int, str | None, dict[str, Any]]:
    """Ask what became of an op, which reads the database."""
    connection = http.client.HTTPConnection("127.0.0.1", world.processes.port, timeout=60)
    connection.request("GET", "/api/v1/ops/none", headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, response.headers.get("Retry-After"), answer


def test_what_a_killed_worker_leaves_behind_is_ended_before_another_begins(world: World) -> None:
    parent = world.processes.pids("worker")[0]
    wait_for(lambda: len(world.processes.pids("worker")) > 2, "its child and its clock run")
    _, *children = world.processes.pids("worker")
    world.processes.kill(parent)

    def begun_again() -> bool:
        world.processes.watch()
        return world.processes.pids("worker")[:1] not in ([], [parent])

    wait_for(begun_again, "another worker")
    wait_for(lambda: not any(runs(child) for child in children), "the old one's children are gone", 10)


def runs(pid: int) -> bool:
    try:
        return b"celery" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
