"""`ruhu backup` and `ruhu restore`: the whole database in one file, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli import console
from api.cli.connect import make_first_key, reached, settings
from api.cli.processes import served_url
from api.cli.tables import show
from core.clock import SHANGHAI, SystemClock
from core.problems import BackupError
from core.settings import Settings
from store import (
    COLLECTIONS,
    Manifest,
    Store,
    check_backup,
    is_empty,
    make_backup,
    open_backup,
    refuse_other_key,
    refuse_to_destroy,
    restore_backup,
    running_uri,
    verify_backup,
)

_PATH = click.Path(path_type=Path)


class _Told:
    """What `store` tells of its progress, as one bar."""

    def __init__(self, bar: Progress, about: str, total: int | None) -> None:
        self._bar, self._size = bar, 0
        self._task = bar.add_task(about, total=total, size="")

    def __call__(self, collection: str, documents: int, size: int) -> None:  # noqa: ARG002 - the bar tells all in one
        """Advance the bar."""
        self._size += size
        self._bar.update(self._task, advance=documents, size=_megabytes(self._size))

    def end(self, total: int) -> None:
        """Put in place of what was expected what there was."""
        self._bar.update(self._task, total=total)


@contextmanager
def _bar() -> Iterator[Progress]:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[size]}"), TimeRemainingColumn())
    with Progress(TextColumn("{task.description}"), *columns, console=console) as bar:
        yield bar


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _summary(manifest: Manifest) -> None:
    rows = [(name, f"{part.documents:,}", f"{part.size / 1e6:,.1f}") for name, part in manifest.parts.items()]
    show(("collection", "documents", "MB"), rows)
    for name, why in manifest.left_out.items():
        console.print(f"not all of {name}: {why}", soft_wrap=True)
    console.print(
        f"backup {manifest.id} of {manifest.database!r}, made {manifest.moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} "
        f"by Ruhu {manifest.ruhu}, schema {manifest.schema}: {manifest.documents:,} documents, "
        f"{_megabytes(manifest.size)} of BSON",
        soft_wrap=True,
    )


@click.command()
@click.argument("target", required=False, type=_PATH)
@click.option("--verify", is_flag=True, help="Only check the file TARGET; no database is needed.")
def backup(target: Path | None, verify: bool) -> None:
    """Write the whole database, as of one instant, to TARGET.

    TARGET is a new file, or a folder; without it, the folder RUHU_BACKUPS, else this one. Everybody goes on working.
    """
    if verify:
        _verify(target)
        return
    wanted = settings()
    with reached(wanted) as (_, store), _bar() as bar:
        total = sum(store[each.name].estimated_document_count() for each in COLLECTIONS)
        told = _Told(bar, "backing up", total)
        where = target or wanted.backups_path or Path.cwd()
        file, manifest = make_backup(store, where, SystemClock().now(), told)
        told.end(manifest.documents)
    _summary(manifest)
    console.print(f"[green]written[/green] {file} ({_megabytes(file.stat().st_size)})", soft_wrap=True)


def _verify(file: Path | None) -> None:
    if file is None:
        raise click.UsageError("--verify needs a file.")
    with open_backup(file) as opened, _bar() as bar:
        manifest = verify_backup(file, _Told(bar, "verifying", opened.manifest.documents))
    _summary(manifest)
    console.print(f"[green]whole[/green]: {file} is as its manifest says", soft_wrap=True)


@click.command()
@click.argument("file", type=_PATH)
@click.option("--replace", is_flag=True, help="Delete what the database holds; asks for its name.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, replace: bool, yes: bool) -> None:
    """Make the database what a backup says. Stop 'ruhu serve', web processes and workers first."""
    wanted = settings()
    _refuse_running(wanted)
    with open_backup(file) as opened:
        documents = opened.manifest.documents
        _summary(opened.manifest)
    with _bar() as bar:
        checked = check_backup(file, _Told(bar, "verifying", documents))
    with reached(wanted) as (known, store):
        if not replace:
            refuse_to_destroy(store)
        refuse_other_key(store, checked)
        if not wanted.mongodb_uri:
            make_first_key(store, known)
        if replace and not yes and not is_empty(store):
            _ask(store)
        with _bar() as bar:
            told = _Told(bar, "restoring", documents)
            done = restore_backup(store, checked, SystemClock().now(), replace=replace, progress=told)
    for step in done.steps:
        console.print(f"migrated {step}")
    console.print(
        f"[green]restored[/green] {documents:,} documents; new epoch {done.epoch}. Phones begin their scopes again and "
        "send what the backup lacks. Compare with the log: 'ruhu rebuild --check'.",
        soft_wrap=True,
    )


def _refuse_running(wanted: Settings) -> None:
    """Refuse while a server is known to work on the database."""
    url = served_url(wanted)
    if url or (not wanted.mongodb_uri and running_uri(wanted.data_path)):
        raise BackupError(
            f"{url or 'Another Ruhu command'} works on the data folder {wanted.data_path}. Stop it (Ctrl-C in its "
            "terminal), and web processes and workers on other machines; then restore."
        )


def _ask(store: Store) -> None:
    console.print(f"[red]Everything in the database {store.database!r} will be deleted.[/red]")
    if click.prompt("Type its name to go on") != store.database:
        raise click.ClickException("Another name was typed; nothing was changed.")
