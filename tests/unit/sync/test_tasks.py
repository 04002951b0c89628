"""The worker as a real process: what is pushed is settled soon after, with or without a wake-up call."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from access.model import Act
from core.clock import SystemClock, day_of
from core.principal import Principal, Role
from core.problems import ConfigurationError
from core.settings import Settings
from reports.desk import Reports
from reports.freezing import Wanted
from reports.moment import month_before
from sync.exchange import Exchange
from sync.services import Services
from sync.settle import settle
from sync.tasks import Waker, broker_url, make_app
from sync.uploads import Chunk
from tests.keys import MASTER_KEY
from tests.unit.sync.phone import Phone
from tests.unit.sync.photographs import jpeg, name
from tests.unit.sync.world import answered, names, publish, register

(HOME,) = names(1)


@pytest.fixture
def redis_url(tmp_path):
    """A real Redis on a free loopback port."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("no redis-server on this machine (Debian: apt-get install redis-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        assert until(lambda: _listens(port), 20)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["mongodb", "redis"])
def broker(request):
    """The address of a broker: none (the same MongoDB), or a Redis."""
    return request.getfixturevalue("redis_url") if request.param == "redis" else ""


@pytest.fixture
def worker(store, tmp_path, broker):
    env = {name: value for name, value in os.environ.items() if not name.startswith("RUHU_")}
    env |= {"RUHU_MONGODB_URI": store.uri, "RUHU_DATABASE": store.database, "RUHU_BROKER_URL": broker}
    env |= {"RUHU_MASTER_KEY": MASTER_KEY.to_text()}
    command = [sys.executable, "-m", "celery", "-A", "worker:app", "worker", "--beat", "--concurrency", "1"]
    command += ["--schedule", str(tmp_path / "schedule"), "--without-gossip", "--without-mingle"]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, cwd=Path(__file__).parents[3], stdout=log, stderr=log)
        try:
            yield tmp_path / "worker.log"
        finally:
            process.terminate()
            process.wait(timeout=30)
            store.client.drop_database(f"{store.database}_broker")


def until(done, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.05)
    return False


def test_a_pushed_interview_is_settled_and_a_photo_rendered_within_five_seconds(
    store, enumerator, worker, broker
):
    settings = Settings(mongodb_uri=store.uri, database=store.database, broker_url=broker)
    wake = Waker(settings)
    services = Services.build(
        store, SystemClock(), wake=wake, wake_renderer=wake.render, wake_reporter=wake.report
    )
    form = publish(services)
    register(services, [HOME], services.clock.now())
    assert until(lambda: services.ledger.get(HOME) is not None, 60), worker.read_text()
    phone = Phone(Exchange(services), enumerator)
    phone.record("interview", answered(HOME, form, "三号"))
    started = time.monotonic()
    phone.sync(services.clock.now())
    assert until(lambda: services.ledger.get(HOME).household.text("address") == "三号", 5), worker.read_text()
    assert time.monotonic() - started < 5
    quiet = Services.build(store, SystemClock())
    phone = Phone(Exchange(quiet), enumerator)
    phone.record("interview", answered(HOME, form, "四号"))
    phone.sync(services.clock.now())
    assert until(lambda: services.log.pending() == [], 30), "the sweep finds what nobody called for"
    first, second = jpeg(seed=1), jpeg(seed=2)
    send_photo(services, enumerator, first)
    services.wake_renderer()
    assert until(lambda: services.blobs.get(name(first)).rendered, 5), worker.read_text()
    send_photo(services, enumerator, second)
    assert until(lambda: services.blobs.get(name(second)).rendered, 30), "the sweep finds photos, too"
    for order in (ordered(services, "150625"), ordered(quiet, "1506")):
        assert until(lambda order=order: state_of(store, order) == "done", 60), worker.read_text()


def ordered(services, region):
    """Order the report of last month of a region, and return the order's id."""
    now = services.clock.now()
    office = Act(Principal("office", Role.COORDINATOR, "1506"), now)
    return Reports(services, office).order(Wanted(month_before(day_of(now)), region)).id


def state_of(store, order):
    return store["report_orders"].find_one({"_id": order})["state"]


def send_photo(services, sender, raw):
    chunk = Chunk(0, raw, last=True, length=len(raw))
    services.uploads.upload(name(raw), chunk, sender, services.clock.now())


def test_a_broker_that_is_not_there_costs_nothing_but_a_line_in_the_log(services, clock):
    wake = Waker(Settings(mongodb_uri="mongodb://127.0.0.1:1", broker_url="amqp://127.0.0.1:1//"))
    object.__setattr__(services, "wake", wake)
    started = time.monotonic()
    register(services, [HOME], clock.now())
    assert time.monotonic() - started < 2
    assert settle(services).ops == 1
    assert wake.send([HOME]) is False
    wake.render()
    wake.report()
    assert until(lambda: wake._thread is None, 20), "the thread ends when it has told of all"


PULSE = "heartbeatFrequencyMS=2000&connectTimeoutMS=5000"


@pytest.mark.parametrize(
    ("uri", "broker"),
    [
        ("mongodb://h:1/?replicaSet=r", f"mongodb://h:1/ruhu_broker?replicaSet=r&{PULSE}"),
        (
            "mongodb://u:p@h:1,i:2/admin?replicaSet=r",
            f"mongodb://u:p@h:1,i:2/ruhu_broker?replicaSet=r&authSource=admin&{PULSE}",
        ),
        ("mongodb://h:1", f"mongodb://h:1/ruhu_broker?{PULSE}"),
        (
            "mongodb://h:1/?connecttimeoutms=900",
            "mongodb://h:1/ruhu_broker?connecttimeoutms=900&heartbeatFrequencyMS=2000",
        ),
    ],
)
def test_the_broker_is_a_database_beside_the_data_and_as_soon_given_up(uri, broker):
    assert broker_url(Settings(mongodb_uri=uri)) == broker


def test_a_worker_without_a_database_says_what_to_do():
    with pytest.raises(ConfigurationError, match="RUHU_MONGODB_URI"):
        make_app(Settings())
