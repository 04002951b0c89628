"""`ruhu doctor`: look over the whole system and say what to do."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

import click
from rich.text import Text

from access import chain
from api.cli.connect import database, settings
from api.cli.processes import served_url
from api.cli.tables import show
from core.clock import SystemClock, day_of
from core.settings import Settings
from forms.log import OpLog
from store import COLLECTIONS, Store, kept_backups

_PATIENCE = timedelta(minutes=2)
_LINKED_WITHIN = timedelta(minutes=10)
_DRAWN = 500
_LOW_DISK = 2 << 30
_OLD_BACKUP = timedelta(days=2)


class Mark(StrEnum):
    """How a check ended."""

    GOOD = "[green]good[/green]"
    LOOK = "[yellow]look[/yellow]"
    BAD = "[red]bad[/red]"


Check = tuple[str, Mark, str]


def _indexes(store: Store) -> Iterator[Check]:
    missing = [
        f"{collection.name}.{index.name}"
        for collection in COLLECTIONS
        for index in collection.indexes
        if index.name not in store[collection.name].index_information()
    ]
    text = (
        "missing: " + ", ".join(missing) + "; start 'ruhu serve' again to make them"
        if missing
        else "all there"
    )
    yield "indexes", Mark.BAD if missing else Mark.GOOD, text


def _work(store: Store) -> Iterator[Check]:
    now = SystemClock().now()
    waiting = store["ops"].count_documents({"pending": True, "received_at": {"$lt": now - _PATIENCE}})
    text = f"{waiting} ops wait for more than two minutes; is a worker running?" if waiting else "no op waits"
    yield "settling", Mark.BAD if waiting else Mark.GOOD, text
    overdue = {"next_due": {"$lt": day_of(now).isoformat()}}
    due = sum(store[name].count_documents(overdue) for name in ("households", "sites"))
    text = f"{due} households or sites were due before today" if due else "nothing overdue"
    yield "due days", Mark.BAD if due else Mark.GOOD, text
    held = list(
        store["ops"].aggregate(
            [{"$match": {"hold": {"$exists": True}}}, {"$group": {"_id": "$hold", "count": {"$sum": 1}}}]
        )
    )
    text = ", ".join(f"{row['count']} {row['_id']}" for row in held) or "none"
    yield "quarantine", Mark.LOOK if held else Mark.GOOD, text
    failures = (store["meta"].find_one({"_id": "settle_failures"}) or {}).get("households", {})
    text = (
        f"{len(failures)} households could not be settled: {', '.join(list(failures)[:5])}"
        if failures
        else "none"
    )
    yield "failures", Mark.BAD if failures else Mark.GOOD, text
    crashed = (store["meta"].find_one({"_id": "rule_failures"}) or {}).get("rules", {})
    text = "; ".join(f"{rule}: {each['error']}, last {each['at']:%Y-%m-%d}" for rule, each in crashed.items())
    yield "rules", Mark.LOOK if crashed else Mark.GOOD, text or "none crashed"


def _feed(store: Store) -> Iterator[Check]:
    counted = {
        row["_id"]: row["n"]
        for row in store["feed"].aggregate(
            [{"$match": {"op": "put"}}, {"$group": {"_id": "$_id.s", "n": {"$sum": 1}}}], allowDiskUse=True
        )
    }
    wrong = [
        scope["_id"]
        for scope in store["feed_scopes"].find()
        if scope.get("n", 0) != counted.get(scope["_id"], 0)
    ]
    text = (
        f"counter and rows differ: {', '.join(wrong[:5])}; run 'ruhu rebuild'"
        if wrong
        else f"{len(counted)} scopes agree"
    )
    yield "feed", Mark.BAD if wrong else Mark.GOOD, text


def _photos(store: Store) -> Iterator[Check]:
    waiting = store["blobs"].count_documents(
        {"render_after": {"$lt": SystemClock().now() - _PATIENCE}, "state": "complete"}
    )
    text = f"{waiting} wait for their views for more than two minutes; is a worker running?"
    yield "photos", Mark.LOOK if waiting else Mark.GOOD, text if waiting else "none waits for its views"


def _trail(store: Store, noted: chain.Head | None) -> Iterator[Check]:
    found = chain.verify(store, noted)
    text = "; ".join(found.faults[:5])
    more = f" and {len(found.faults) - 5} more" if len(found.faults) > 5 else ""  # noqa: PLR2004 - as many are shown
    whole = f"{found.linked} entries in {found.head.number} links, {found.unlinked} not linked yet"
    yield "audit trail", Mark.BAD if found.faults else Mark.GOOD, text + more or whole
    old = {"link": None, "at": {"$lt": SystemClock().now() - _LINKED_WITHIN}}
    late = store["audit"].count_documents(old)
    if late:
        yield (
            "audit linking",
            Mark.LOOK,
            f"{late} entries wait for more than ten minutes; is a worker running?",
        )
    yield "audit head", Mark.GOOD, f"{found.head}  (note it elsewhere; --audit-head compares)"


def _log(store: Store) -> Iterator[Check]:
    drawn, damaged = OpLog(store).damaged(_DRAWN)
    bad = (
        f"{len(damaged)} of {drawn} ops drawn by lot were changed: {', '.join(damaged[:5])}; restore a backup"
    )
    yield "log", Mark.BAD if damaged else Mark.GOOD, bad if damaged else f"{drawn} ops drawn by lot are whole"


def _machine(known: Settings) -> Iterator[Check]:
    url = served_url(known)
    yield "server", Mark.GOOD if url else Mark.LOOK, url or "no 'ruhu serve' runs on this data folder"
    folder = known.data_path if known.data_path.exists() else known.data_path.parent
    free = shutil.disk_usage(folder).free
    yield "disk", Mark.BAD if free < _LOW_DISK else Mark.GOOD, f"{free >> 30} GB free"


def _backups(known: Settings) -> Iterator[Check]:
    folder = known.backups_path
    if folder is None:
        yield "backup", Mark.LOOK, "none is made: set RUHU_BACKUPS to a folder on another disk"
        return
    kept = kept_backups(folder, known.database)
    if not kept:
        yield "backup", Mark.LOOK, f"none in {folder} yet; 'ruhu backup' makes one now"
        return
    newest = kept[0]
    age = SystemClock().now() - newest.made_at
    old = age > _OLD_BACKUP
    todo = "; the worker's log says why there is no newer one, 'ruhu backup' makes one now" if old else ""
    text = f"{newest.file.name}, {age / timedelta(hours=1):.0f} h old, {newest.size / 1e6:,.1f} MB; {len(kept)} kept"
    yield "backup", Mark.LOOK if old else Mark.GOOD, text + todo


def _noted(_ctx: click.Context, _param: click.Parameter, value: str | None) -> chain.Head | None:
    if value is None:
        return None
    number, _, digest = value.partition(":")
    if not number.isdigit() or not digest:
        raise click.BadParameter("a head looks like 12:9f86d0…")
    return chain.Head(int(number), digest)


@click.command()
@click.option("--audit-head", callback=_noted, help="A head of the audit chain that was noted earlier.")
def doctor(audit_head: chain.Head | None) -> None:
    """Look over the whole system; exit with 1 when something is bad."""
    with database(settings()) as (known, store):
        version = (store["meta"].find_one({"_id": "schema"}) or {}).get("version")
        checks = [("schema", Mark.GOOD, f"version {version}")]
        parts = (
            _indexes(store),
            _work(store),
            _feed(store),
            _trail(store, audit_head),
            _log(store),
            _photos(store),
            _machine(known),
            _backups(known),
        )
        for part in parts:
            checks += part
    rows = [(name, Text.from_markup(mark), text) for name, mark, text in checks]
    show(("check", "", "what"), rows, prose=("what",))
    raise SystemExit(1 if any(mark is Mark.BAD for _, mark, _ in checks) else 0)
