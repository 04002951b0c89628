"""The web process as `ruhu serve` runs it, over a test's database, on a free port of this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.cli.processes import answers

_ROOT = Path(__file__).parents[1]
_PATIENCE_S = 30


@contextmanager
def served(mongodb_uri: str, database: str, folder: Path, config: str) -> Iterator[int]:
    """Yield the port of a web process that answers; end it afterwards.

    Args:
        mongodb_uri: the server of the database.
        database: its name; migrated already.
        folder: for configuration and log.
        config: of gunicorn, with `{port}` where the port belongs.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "serving.py").write_text(config.format(port=port))
    env = os.environ | {"RUHU_MONGODB_URI": mongodb_uri, "RUHU_DATABASE": database}
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "wsgi:app", "--config", str(folder / "serving.py")],
            cwd=_ROOT, env=env, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not answers(f"http://127.0.0.1:{port}"):
            assert time.monotonic() < deadline, (folder / "web.log").read_text()
            time.sleep(0.1)  # a process begins in seconds; asking more often would only slow it
        yield port
    finally:
        web.terminate()
        web.wait(timeout=20)
