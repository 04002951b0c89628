"""kill -9 of web, worker, mongod or everything, while phones push: nothing acknowledged is lost."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.demo.command import Demo
from api.cli.importing import progress
from api.cli.processes import answers
from core.clock import SystemClock
from ruhu_phone import State
from store import Store, running_uri
from sync.services import Services
from tests.keys import MASTER_KEY

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
RUHU = [sys.executable, "-c", "from api.cli import main; main()"]
HOUSEHOLDS = 45
DEADLINE = 90.0


class Server:
    """A `ruhu serve` of its own, on one port, over one data folder."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.env = {k: v for k, v in os.environ.items() if k != "RUHU_MONGODB_URI"} | {
            "RUHU_DATA": str(folder),
            "RUHU_PORT": str(port),
            "RUHU_WEB_PROCESSES": "1",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*RUHU, "serve"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(lambda: self._noted() == self.process.pid and answers(self.url))

    def _noted(self) -> int:
        try:
            return int(json.loads((self.folder / "serve.json").read_text())["pid"])
        except (OSError, ValueError):
            return 0

    def children(self, pattern: str) -> list[int]:
        """Pids below the server whose command line matches."""
        assert self.process is not None
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            try:
                todo += [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if pid != self.process.pid and re.search(pattern, command):
                found.append(pid)
        return found

    def kill(self, what: str) -> int:
        """kill -9 one kind of process, or everything; return how many."""
        assert self.process is not None
        if what == "everything":
            pids = [self.process.pid]
        else:
            pids = self.children({"web": r"gunicorn", "worker": r"celery", "mongod": r"mongod "}[what])
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        if what == "everything":
            self.process.wait()
            self.start()
        return len(pids)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def store(self) -> Store:
        uri = running_uri(self.folder)
        assert uri is not None
        return Store(uri, "ruhu", MASTER_KEY)


def wait_for(ready, seconds: float = DEADLINE) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "not ready in time"
        time.sleep(0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    made.start()
    yield made
    made.stop()


def test_killing_anything_while_phones_push_loses_nothing(server: Server) -> None:
    store = server.store()
    demo = Demo(Services.build(store, SystemClock()), server.url, 1, lambda: False)
    failure: list[BaseException] = []
    with progress() as bar:
        demo.prepare(HOUSEHOLDS, bar)
        store.close()

        def visit() -> None:
            try:
                demo.visit(0, bar)
            except BaseException as error:  # noqa: BLE001 - told to the test below
                failure.append(error)

        visiting = threading.Thread(target=visit)
        visiting.start()
        killed = {}
        for what in ("worker", "mongod", "web", "everything"):
            before = acknowledged(demo)
            wait_for(lambda before=before: acknowledged(demo) > before or not visiting.is_alive())
            assert visiting.is_alive(), "the phones were done before everything was killed"
            killed[what] = server.kill(what)
        visiting.join(timeout=DEADLINE)
    assert not visiting.is_alive()
    assert failure == []
    assert all(killed.values()), killed

    said = {op for each in demo.enumerators for op in each.phone.ops.told(State.ACKNOWLEDGED)}
    assert len(said) >= HOUSEHOLDS
    store = server.store()
    kept = {op["_id"] for op in store["ops"].find({"_id": {"$in": sorted(said)}}, {"_id": 1})}
    assert said - kept == set(), "acknowledged and lost"
    wait_for(lambda: store["ops"].find_one({"pending": True}) is None)
    assert sum(each.phone.counters.mismatches for each in demo.enumerators) == 0
    store.close()
    check = subprocess.run(
        [*RUHU, "rebuild", "--check"], env=server.env, capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout + check.stderr
    print(f"killed {killed}; {len(said)} acknowledged ops, {len(said - kept)} lost")  # noqa: T201 - the figures of the run


def acknowledged(demo: Demo) -> int:
    return sum(each.phone.ops.count(State.ACKNOWLEDGED) for each in demo.enumerators)
