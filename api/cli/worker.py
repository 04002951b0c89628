"""`ruhu worker`: only a worker, for several machines."""

import os
import sys
from contextlib import closing
from dataclasses import replace

import click

from api.cli.connect import settings
from core.problems import ConfigurationError
from store import open_store, prove_key, refuse_half_restored, running_uri


@click.command()
@click.option("--beat", is_flag=True, help="Also give the periodic wake-up calls; exactly one worker does.")
@click.option("--concurrency", default=1, show_default=True, help="Number of processes.")
def worker(beat: bool, concurrency: int) -> None:
    """Run a worker against RUHU_MONGODB_URI (or the server that runs on the data folder)."""
    known = settings()
    uri = known.mongodb_uri or running_uri(known.data_path)
    if not uri:
        msg = "A worker needs a running database: set RUHU_MONGODB_URI, or start 'ruhu serve' first."
        raise ConfigurationError(msg)
    with closing(open_store(replace(known, mongodb_uri=uri))) as store:
        refuse_half_restored(store)
        prove_key(store)
    known.data_path.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "celery", "-A", "worker:app", "worker", "--loglevel", known.log_level.upper(),
        "--concurrency", str(concurrency), "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    if beat:
        command += ["--beat", "--schedule", str(known.data_path / "celerybeat-schedule")]
    os.execve(sys.executable, command, os.environ | {"RUHU_MONGODB_URI": uri})  # noqa: S606 - our own command, no shell
