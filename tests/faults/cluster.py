"""Three mongods as one replica set, and the processes over it, each of which can be killed, stopped or deposed.

Everything that is started here ends with the thread that started it (the kernel sees to it), so start and restart from
the test's own thread.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from api.cli.processes import Stack
from core.settings import Settings
from store import Store
from store.embedded import find_binary
from tests.faults.proxy import Proxy
from tests.keys import MASTER_KEY

ELECTION_S = 1.5
DATABASE = "ruhu"
_NAME = "faults"
_PR_SET_PDEATHSIG = 1
_READY_S = 60.0
# A secondary leaves a stopped primary, from which it reads, after five seconds and this buffer (five by default).
_PARAMETERS = ("diagnosticDataCollectionEnabled=false", "oplogNetworkTimeoutBufferSeconds=1")
_LIBC = ctypes.CDLL(None)
Document = dict[str, Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(ready: Callable[[], object], what: str, seconds: float = _READY_S, every: float = 0.05) -> None:
    """Poll until `ready` is true."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(every)


def _end_with_parent() -> None:
    os.setpgid(0, 0)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass
class Member:
    """One mongod of the set."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    stopped: bool = False

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        (self.folder / "files").mkdir(parents=True, exist_ok=True)
        options = {
            "--dbpath": self.folder / "files",
            "--logpath": self.folder / "mongod.log",
            "--port": self.port,
            "--bind_ip": "127.0.0.1",
            "--replSet": _NAME,
            "--oplogSize": 256,
            "--wiredTigerCacheSizeGB": 0.25,
        }
        flat = [str(part) for option in options.items() for part in option]
        for parameter in _PARAMETERS:
            flat += ["--setParameter", parameter]
        self.process = subprocess.Popen(
            [str(find_binary()), *flat, "--logappend", "--nounixsocket"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - only prctl and setpgid run in it
        )

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.stopped = False

    def stop(self) -> None:
        self.send(signal.SIGSTOP)
        self.stopped = True

    def go_on(self) -> None:
        self.send(signal.SIGCONT)
        self.stopped = False

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def hello(self) -> Document:
        """Ask the member itself; nothing when it does not answer soon."""
        if not self.runs or self.stopped:
            return {}
        options: Document = {
            "directConnection": True,
            "serverSelectionTimeoutMS": 300,
            "socketTimeoutMS": 500,
        }
        with (
            contextlib.suppress(PyMongoError),
            MongoClient[Document](f"mongodb://{self.host}/", **options) as client,
        ):
            return client.admin.command("hello")
        return {}


class ReplicaSet:
    """Three mongods, as a context manager.

    Args:
        folder: where their files lie.
        members: how many.
    """

    def __init__(self, folder: Path, members: int = 3) -> None:
        self.members = [Member(folder / f"mongod{number}", free_port()) for number in range(members)]

    @property
    def uri(self) -> str:
        hosts = ",".join(member.host for member in self.members)
        return f"mongodb://{hosts}/?replicaSet={_NAME}"

    def __enter__(self) -> Self:
        try:
            for member in self.members:
                member.start()
            self._initiate()
            wait_for(self.healthy, "three members, one of them primary")
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    def end(self) -> None:
        for member in self.members:
            if member.process is not None:
                member.kill()

    def _initiate(self) -> None:
        hosts = [{"_id": number, "host": member.host} for number, member in enumerate(self.members)]
        settings = {
            "electionTimeoutMillis": int(ELECTION_S * 1000),
            "heartbeatIntervalMillis": 300,
            "catchUpTimeoutMillis": 2000,
        }
        config = {"_id": _NAME, "members": hosts, "settings": settings}
        wait_for(lambda: all(member.hello() for member in self.members), "three members that answer")
        with self.direct(self.members[0]) as client:
            client.admin.command("replSetInitiate", config)

    @contextlib.contextmanager
    def direct(self, member: Member) -> Iterator[MongoClient[Document]]:
        options: Document = {
            "directConnection": True,
            "serverSelectionTimeoutMS": 20_000,
            "socketTimeoutMS": 5_000,
        }
        with MongoClient[Document](f"mongodb://{member.host}/", **options) as client:
            yield client

    def primary(self) -> Member | None:
        """Return who says of itself that it is the writable primary, in the newest term."""
        found = [(hello.get("electionId"), member) for member in self.members if (hello := member.hello())]
        known = [(election, member) for election, member in found if election is not None]
        return max(known, key=lambda each: each[0])[1] if known else None

    def healthy(self) -> bool:
        """Tell whether one member is primary and all others follow it."""
        said = [member.hello() for member in self.members]
        return (
            sum(bool(each.get("isWritablePrimary")) for each in said) == 1
            and sum(bool(each.get("secondary")) for each in said) == len(said) - 1
        )

    def step_down(self, member: Member) -> bool:
        """Let a primary resign; tell whether it did."""
        try:
            with self.direct(member) as client:
                command = {"replSetStepDown": 5, "secondaryCatchUpPeriodSecs": 1, "force": True}
                client.admin.command(command)
        except PyMongoError:
            return False  # it was none any more, or hung up while it resigned
        return True


@dataclass
class Processes:
    """Web and worker over a database, as `ruhu serve` starts and watches them."""

    stack: Stack
    stopped: list[int] = field(default_factory=list)

    @classmethod
    def over(cls, uri: str, folder: Path) -> Self:
        port = str(free_port())
        settings = Settings(
            data=str(folder),
            mongodb_uri=uri,
            database=DATABASE,
            port=port,
            web_processes="2",
            log_level="warning",
            master_key=MASTER_KEY.to_text(),
        )
        folder.mkdir(parents=True, exist_ok=True)
        return cls(Stack(settings, lambda _text: None))

    def __enter__(self) -> Self:
        try:
            self.stack.start_processes()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    def end(self) -> None:
        """End all by force: a clean end is tested elsewhere."""
        self.go_on()
        for child in self.stack.children:
            if child.process is not None:
                _kill_group(child.process.pid)
                child.process.wait()

    @property
    def port(self) -> int:
        return int(self.stack.settings.port)

    def watch(self) -> None:
        """Start again what ended; that it ends so often is the run's doing, so the pauses do not grow."""
        self.stack.watch()
        for child in self.stack.children:
            child.restarts = 0

    def pids(self, name: str) -> list[int]:
        """Pids of `web` or `worker`: the parent first, then its children."""
        child = next(each for each in self.stack.children if each.name == name)
        if child.process is None or child.ended:
            return []
        pid = child.process.pid
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            return [pid, *map(int, children)]
        return [pid]

    def kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def stop(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self.stopped.append(pid)

    def go_on(self) -> None:
        """Let every stopped process go on."""
        while self.stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.stopped.pop(), signal.SIGCONT)


def _kill_group(leader: int) -> None:
    """End what is left of a group whose leader was ended by force."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


@dataclass
class World:
    """Everything that runs: three mongods, web and worker over them, and the network before the web."""

    mongods: ReplicaSet
    processes: Processes
    network: Proxy
    store: Store
