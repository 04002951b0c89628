"""The processes of one machine: mongod, web, worker; started together, watched, stopped in order.

A child that ends unasked is started again after a pause that grows. Every child ends with this process, whatever ends
it. What was acknowledged is in the journal, and every work list is in the database, so no end of a process loses work.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.problems import ConfigurationError
from core.settings import Settings
from store import EmbeddedMongod, Store, first_key, migrate, open_store, running_uri

_PR_SET_PDEATHSIG = 1
_READY_SECONDS = 60.0
_PORT_SECONDS = 3.0
_LONGEST_PAUSE = 30.0
_OURS = (b"wsgi:app", b"worker:app")
Say = Callable[[str], None]


def _end_with_parent() -> None:
    """Ask the kernel to end this child with its parent (Linux): at once, for its database ends too."""
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_group(leader: int) -> None:
    """End what is left of a process group that an owner before us started, if that is what it is."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            own_group = os.getpgid(int(process.name)) == leader
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if own_group and any(name in command for name in _OURS):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)


@dataclass
class Child:
    """One child process: its name, its command, and when it may be started again."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started: float = 0.0
    not_before: float = 0.0

    def start(self) -> None:
        """Start the process; what it says goes to its log file."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - only prctl and setpgid run in it
            )
        self.started = time.monotonic()

    @property
    def ended(self) -> bool:
        """Tell whether it runs no more."""
        return self.process is not None and self.process.poll() is not None

    def watch(self, say: Say) -> None:
        """Start it again if it ended, after a pause that grows with each quick end."""
        if not self.ended or self.process is None:
            return
        now = time.monotonic()
        if not self.not_before:
            quick = now - self.started < _LONGEST_PAUSE
            self.restarts = self.restarts + 1 if quick else 1
            pause = min(_LONGEST_PAUSE, 0.25 * 2**self.restarts)
            self.not_before = now + pause
            say(f"{self.name} ended with {self.process.returncode}; starting it again in {pause:.1f} s")
        elif now >= self.not_before:
            self.not_before = 0.0
            _end_group(self.process.pid)  # one that was killed could not end its own children
            self.start()

    def stop(self, seconds: float = 20.0) -> None:
        """Ask it to end, and end it if it does not."""
        if self.process is None or self.ended:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Stack:
    """Everything that one machine runs.

    Args:
        settings: as the operator set them.
        say: where one line of progress goes.
    """

    settings: Settings
    say: Say
    mongod: EmbeddedMongod | None = None
    children: list[Child] = field(default_factory=list)
    _mongod_not_before: float = 0.0

    @property
    def url(self) -> str:
        """The address of the web process."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def start_database(self) -> Store:
        """Start or reach the database, migrate it, and return its store.

        Raises:
            ConfigurationError: the data folder is in use, there is no mongod, the database is half restored, or the
                master key is missing or another one.
        """
        private = not self.settings.mongodb_uri
        if private:
            self.mongod = EmbeddedMongod(self.settings.data_path)
            uri = self.mongod.start()
            self.say(f"database: private mongod in {self.settings.data_path}")
            self.settings = replace(self.settings, mongodb_uri=uri)
        else:
            self.settings.data_path.mkdir(parents=True, exist_ok=True)
            self.say("database: RUHU_MONGODB_URI")
        self._end_leftovers()
        store = open_store(self.settings)
        try:
            told = first_key(store, self.settings) if private else None
            if told is not None:
                self.say(told)
            for step in migrate(store):
                self.say(f"database: migrated {step}")
        except ConfigurationError:
            store.close()
            raise
        return store

    def _end_leftovers(self) -> None:
        """End web and worker of an owner that was killed; they have lost their database and may hold the port."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            for leader in json.loads(self._note.read_text())["children"]:
                _end_group(int(leader))
        self._note.unlink(missing_ok=True)

    @property
    def _note(self) -> Path:
        return self.settings.data_path / "serve.json"

    def start_processes(self, *, with_worker: bool = True) -> None:
        """Start web and, unless told otherwise, worker; wait until the web process answers."""
        given = {name: value for name, value in os.environ.items() if not name.startswith("RUHU_MASTER_KEY")}
        env = given | {
            "RUHU_MONGODB_URI": self.settings.mongodb_uri,
            "RUHU_DATABASE": self.settings.database,
            "RUHU_DATA": str(self.settings.data_path),
        }
        if self.settings.master_key:
            env["RUHU_MASTER_KEY"] = self.settings.master_key
        elif self.settings.master_key_file:
            env["RUHU_MASTER_KEY_FILE"] = str(Path(self.settings.master_key_file).resolve())
        web = [
            sys.executable,
            "-m",
            "gunicorn",
            "wsgi:app",
            "--config",
            "python:api.serving",
            "--bind",
            f"{self.settings.host}:{self.settings.port}",
            "--workers",
            self.settings.web_processes,
        ]
        beat = self.settings.data_path / "celerybeat-schedule"
        worker = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "worker:app",
            "worker",
            "--beat",
            "--schedule",
            str(beat),
            "--concurrency",
            "1",
            "--loglevel",
            "WARNING",
            "--without-gossip",
            "--without-mingle",
        ]
        self._find_port_free()
        folder = self.settings.data_path
        self.children = [Child("web", web, env, folder / "web.log")]
        if with_worker:
            self.children.append(Child("worker", worker, env, folder / "worker.log"))
        for child in self.children:
            child.start()
        self._write_note()
        self._wait_for_web()

    def _write_note(self) -> None:
        pids = [child.process.pid for child in self.children if child.process is not None]
        note = {"pid": os.getpid(), "url": self.url, "children": pids}
        temporary = self._note.with_suffix(".new")
        temporary.write_text(json.dumps(note))
        temporary.replace(self._note)

    def _find_port_free(self) -> None:
        """Make sure that nobody else listens where the web process will: its answers would be taken for ours.

        What a killed owner left may need a moment to go.
        """
        deadline = time.monotonic() + _PORT_SECONDS
        while True:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.settings.host, int(self.settings.port)))
                except OSError as error:
                    if time.monotonic() < deadline:
                        time.sleep(0.1)
                        continue
                    self.stop()
                    msg = f"{self.url} cannot be served ({error.strerror}). Stop who listens there, or set RUHU_PORT."
                    raise ConfigurationError(msg) from error
                return

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if self.children[0].ended:
                break
            if answers(self.url):
                return
            time.sleep(0.1)
        self.stop()
        msg = f"The web process does not answer at {self.url}. Its log says why: {self.children[0].log}"
        raise ConfigurationError(msg)

    def watch(self) -> None:
        """Start again whatever ended; call it every half second."""
        if (
            self.mongod is not None
            and self.mongod.pid is None
            and time.monotonic() >= self._mongod_not_before
        ):
            self.say("mongod ended; starting it again (its journal keeps what was acknowledged)")
            try:
                self.mongod.restart()
            except ConfigurationError as error:
                self._mongod_not_before = time.monotonic() + 5.0
                self.say(str(error))
        before = [child.process for child in self.children]
        for child in self.children:
            child.watch(self.say)
        if before != [child.process for child in self.children]:
            self._write_note()

    def stop(self) -> None:
        """Stop web, then worker, then mongod."""
        for child in self.children:
            child.stop()
        self._note.unlink(missing_ok=True)
        if self.mongod is not None:
            self.mongod.stop()


def answers(url: str) -> bool:
    """Tell whether a Ruhu web process answers at an address."""
    try:
        with urllib.request.urlopen(f"{url}/api/v1/health", timeout=2) as response:  # noqa: S310 - our own http address
            return bool(response.status == 200)  # noqa: PLR2004 - HTTP OK
    except OSError:
        return False


def served_url(settings: Settings) -> str | None:
    """Return the address of the `ruhu serve` that runs on this data folder, or None."""
    try:
        note = json.loads((settings.data_path / "serve.json").read_text())
    except (OSError, ValueError):
        return None
    usable = settings.mongodb_uri or running_uri(settings.data_path)
    return str(note["url"]) if usable and answers(str(note["url"])) else None
