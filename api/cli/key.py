"""`ruhu key`: the master key and the data keys that seal what is personal."""

from pathlib import Path

import click

from api.cli import console
from api.cli.connect import database, reached, settings
from store import make_key_file, read_key_file

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def key() -> None:
    """The key that seals what is personal."""


@key.command("new")
@click.argument("file", type=_FILE)
def new(file: Path) -> None:
    """Make a master key in FILE, which must not be there yet."""
    made = make_key_file(file.resolve())
    console.print(
        f"[green]made[/green] {made.source}. Set RUHU_MASTER_KEY_FILE to it, and keep a copy apart from the data and "
        "the backups: without it nothing that is sealed can be read.",
        soft_wrap=True,
    )


@key.command("rotate")
def rotate() -> None:
    """Make a new data key for what is written from now on; what is there stays readable."""
    with database(settings()) as (_, store):
        made = store.sealer.rotate()
        count = store["keys"].count_documents({})
    console.print(
        f"[green]data key {made}[/green] seals from now on; {count} data keys in all", soft_wrap=True
    )


@key.command("rewrap")
@click.argument("file", type=_FILE)
def rewrap(file: Path) -> None:
    """Wrap all data keys by another master key, that of FILE ('ruhu key new' makes one). Stop 'ruhu serve' first."""
    other = read_key_file(file.resolve())
    with reached(settings()) as (_, store):
        count = store.sealer.rewrap(other)
    console.print(
        f"[green]{count} data keys[/green] are wrapped by {other.source} now. Put it in the place of the former key "
        "(RUHU_MASTER_KEY_FILE, or master.key in the data folder) before the next start; keep the former one for older "
        "backups.",
        soft_wrap=True,
    )
