"""`ruhu import`: the roster that every banner already has, and accounts from a table."""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from access.bulk import Line, NotATable, Outcome, UserImport
from access.model import Act
from api.cli import console
from api.cli.connect import database, settings
from api.cli.people import OPERATOR
from api.cli.tables import show
from ledger.roster import (
    Cells,
    NotARoster,
    Remark,
    RosterHousehold,
    RosterParser,
    RosterSite,
    SiteParser,
    columns,
    map_headings,
    read,
)
from store import Store
from sync.registry import Registration, register
from sync.services import Services
from sync.settle import settle

_SHOWN = 20
_BATCH = 200
_HEADING_ROWS = 10
_LARGEST_TABLE = 16 << 20
_MOST_USERS = 5_000


def progress() -> Progress:
    """Return the progress bar that long commands show."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )


@click.group()
def import_() -> None:
    """Read what a banner already has."""


@import_.command("households")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--region", required=True, help="Region code of the banner (6 digits) or below.")
@click.option("--yes", is_flag=True, help="Write; without it nothing is written (dry run).")
@click.option(
    "--map", "pairs", multiple=True, metavar="HEADING=COLUMN", help="Name a heading; saved with --save-as."
)
@click.option("--mapping", help="Use a saved mapping.")
@click.option("--save-as", help="Save the mapping under a name.")
@click.option("--report", type=click.Path(dir_okay=False), help="Write every remark to a CSV file.")
def households(
    file: str, region: str, yes: bool, pairs: tuple[str, ...], mapping: str | None, save_as: str | None,
    report: str | None,
) -> None:  # fmt: skip
    """Read a roster (XLSX or CSV, one row a person), check it, and register its households with --yes."""
    with database(settings()) as (known, store):
        saved = _saved(store, mapping) | dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        parser = _parse(Path(file), region, saved)
        if save_as:
            store["column_mappings"].replace_one(
                {"_id": save_as}, {"_id": save_as, "headings": saved}, upsert=True
            )
        found = list(parser.households())
        done = _write(Services.open(store, known), found) if yes else Counter[Registration]()
    _tell(parser, found, done, wrote=yes)
    if report:
        _report(Path(report), parser.remarks)


def _saved(store: Store, name: str | None) -> dict[str, str]:
    if name is None:
        return {}
    found = store["column_mappings"].find_one({"_id": name})
    if found is None:
        msg = f"There is no saved mapping {name!r}; make one with --map … --save-as {name}."
        raise click.ClickException(msg)
    return dict(found["headings"])


def _parse(path: Path, region: str, saved: Mapping[str, str]) -> RosterParser:
    rows = _rows(path)
    parser = RosterParser(_mapping(rows, saved), region)
    for line, cells in rows:
        parser.add(line, cells)
    return parser


def _rows(path: Path) -> Iterator[tuple[int, Cells]]:
    try:
        yield from enumerate(read(path), start=1)
    except NotARoster as error:
        raise click.ClickException(str(error)) from error


def _mapping(
    rows: Iterator[tuple[int, Cells]], saved: Mapping[str, str], table: str = "roster"
) -> Mapping[int, tuple[str, str]]:
    """Return what the columns are, from the first of the first rows that names those that are needed."""
    missing: list[str] = []
    for _, cells in islice(rows, _HEADING_ROWS):
        mapping, unknown, missing = map_headings(cells, saved, table)
        if missing:
            continue
        if unknown:
            left_out = f"[yellow]headings left out:[/yellow] {', '.join(unknown)}"
            console.print(f"{left_out}  (name them with --map HEADING=COLUMN)")
        return mapping
    known = columns()["site"] if table == "sites" else columns()["household"] | columns()["person"]
    wanted = "; ".join(f"{name} (one of {', '.join(known[name])})" for name in missing)
    msg = (
        f"No heading row among the first {_HEADING_ROWS} rows. Not found: {wanted}. Use --map HEADING=COLUMN."
    )
    raise click.ClickException(msg)


@import_.command("sites")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--region", required=True, help="Region code of the banner (6 digits) or below.")
@click.option("--yes", is_flag=True, help="Write; without it nothing is written (dry run).")
@click.option("--map", "pairs", multiple=True, metavar="HEADING=COLUMN", help="Name a heading.")
@click.option("--report", type=click.Path(dir_okay=False), help="Write every remark to a CSV file.")
def sites(file: str, region: str, yes: bool, pairs: tuple[str, ...], report: str | None) -> None:
    """Read a table of sites and banners (XLSX or CSV, one row each), check it, and register them with --yes.

    A row that names a facility (水, 幼儿园, …) is a line of the site's asset ledger.
    """
    rows = _rows(Path(file))
    parser = SiteParser(_mapping(rows, dict(p.split("=", 1) for p in pairs if "=" in p), "sites"), region)
    for line, cells in rows:
        parser.add(line, cells)
    found, done = parser.sites(), Counter[Registration]()
    if yes:
        with database(settings()) as (known, store):
            done = _write(Services.open(store, known), found)
    console.print(f"{parser.rows} rows: {len(found)} sites and banners, {len(parser.remarks)} remarks")
    _tell_remarks(parser.remarks)
    _tell_outcome(done, "sites", wrote=yes)
    if report:
        _report(Path(report), parser.remarks)


def _write(services: Services, found: Sequence[RosterHousehold | RosterSite]) -> Counter[Registration]:
    done: Counter[Registration] = Counter()
    with progress() as bar:
        task = bar.add_task("registering", total=len(found))
        for start in range(0, len(found), _BATCH):
            batch = found[start : start + _BATCH]
            rows = [(str(each.id), each.region, each.row) for each in batch]
            done.update(register(services, OPERATOR, rows).values())
            settle(services, [each.id for each in batch])
            bar.advance(task, len(batch))
    return done


def _tell(
    parser: RosterParser, found: list[RosterHousehold], done: Counter[Registration], *, wrote: bool
) -> None:
    persons = sum(1 for household in found for _ in household.row.of("person"))
    console.print(
        f"{parser.rows} rows: {len(found)} households, {persons} persons, {len(parser.remarks)} remarks"
    )
    _tell_remarks(parser.remarks)
    _tell_outcome(done, "households", wrote=wrote)


def _tell_remarks(remarks: Sequence[Remark]) -> None:
    if remarks:
        rows = [
            (str(each.line), each.column, each.value, each.reason, "yes" if each.dropped else "")
            for each in remarks[:_SHOWN]
        ]
        show(("row", "column", "value", "reason", "row left out"), rows, prose=("value", "reason"))
        if len(remarks) > _SHOWN:
            console.print(f"… and {len(remarks) - _SHOWN} more (--report FILE writes all)")


def _tell_outcome(done: Counter[Registration], what: str, *, wrote: bool) -> None:
    if wrote:
        console.print(
            ", ".join(f"{count} {became.value}" for became, count in sorted(done.items()))
            or "nothing to write"
        )
    else:
        console.print(f"[bold]dry run[/bold]: nothing was written; add --yes to register these {what}")


def inert(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP: CSV Injection)."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _report(path: Path, remarks: list[Remark]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "column", "value", "code", "reason", "row left out"])
        for remark in remarks:
            writer.writerow(
                [
                    remark.line,
                    remark.column,
                    inert(remark.value),
                    remark.code,
                    inert(remark.reason),
                    "yes" if remark.dropped else "",
                ]
            )
    console.print(f"{len(remarks)} remarks written to {path}")


@import_.command("users")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Write; without it nothing is written (dry run).")
@click.option(
    "--report", type=click.Path(dir_okay=False), help="Write what becomes of each row to a CSV file."
)
@click.option(
    "--passwords",
    type=click.Path(dir_okay=False),
    help="Write the one-time passwords to this new file (needed with --yes).",
)
def users(file: str, yes: bool, report: str | None, passwords: str | None) -> None:
    """Read a table of accounts (XLSX or CSV: login, name, role, region, unit), and make them with --yes.

    A row with a fault, and nothing is written. The passwords must be changed at the first sign-in, within a week.
    """
    if yes and passwords is None:
        raise click.UsageError("--yes needs --passwords FILE: where shall the one-time passwords go?")
    with database(settings()) as (known, store):
        services = Services.open(store, known)
        bulk = UserImport(store, Act(OPERATOR, services.clock.now()), services.engine.policy.units.keys())
        lines = _looked_over(bulk, Path(file))
        _tell_lines(lines)
        if report:
            _report_lines(Path(report), lines)
        if any(line.outcome is Outcome.FAULTY for line in lines):
            raise click.ClickException("nothing was written: correct the rows above and import again")
        if not yes or passwords is None:
            console.print(
                "[bold]dry run[/bold]: nothing was written; add --yes --passwords FILE to make them"
            )
            return
        given = bulk.passwords(lines)
        _keep_passwords(Path(passwords), given)
        made = sum(bulk.write(given))
    console.print(
        f"{made} accounts made; their one-time passwords are in {passwords} (mode 0600): hand out, delete"
    )


def _looked_over(bulk: UserImport, path: Path) -> list[Line]:
    if path.stat().st_size > _LARGEST_TABLE:
        raise click.ClickException(f"{path.name} has more than {_LARGEST_TABLE >> 20} MB; import parts")
    try:
        rows = list(islice(read(path), _MOST_USERS + 2))
        if len(rows) > _MOST_USERS + 1:
            raise click.ClickException(f"{path.name} has more than {_MOST_USERS} rows; import parts")
        return bulk.look(rows)
    except (NotARoster, NotATable) as error:
        raise click.ClickException(str(error)) from error


def _tell_lines(lines: list[Line]) -> None:
    counts = Counter(line.outcome for line in lines)
    console.print(", ".join(f"{count} {what.value}" for what, count in sorted(counts.items())) or "no rows")
    faults = [(line, fault) for line in lines for fault in line.faults]
    if faults:
        rows = [
            (str(line.row), line.values["login"], fault["at"], fault["message"])
            for line, fault in faults[:_SHOWN]
        ]
        show(("row", "login", "column", "what"), rows, prose=("what",))


def _report_lines(path: Path, lines: list[Line]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "login", "outcome", "problem"])
        for line in lines:
            problem = "; ".join(f"{fault['at']}: {fault['message']}" for fault in line.faults)
            writer.writerow([line.row, inert(line.values["login"]), line.outcome.value, inert(problem)])


def _keep_passwords(path: Path, given: list[tuple[Line, str]]) -> None:
    """Write one-time passwords into a new file that only its owner reads, before the accounts are made."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{path} is there already; name a new file") from None
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["login", "name", "password"])
        for line, password in given:
            writer.writerow([line.values["login"], inert(line.values["name"]), password])
        file.flush()
        os.fsync(file.fileno())
