"""`ruhu report`: freeze, list, export and verify monthly reports; look at the calendar now."""

from pathlib import Path

import click

from api.cli import console
from api.cli.connect import database, settings
from api.cli.importing import progress
from api.cli.people import OPERATOR
from api.cli.tables import show
from api.reports.files import WRITERS
from core.problems import NotFound
from reports.due import look
from reports.freezing import Verified, Wanted, make, verify
from reports.orders.repository import OrderRepository
from reports.orders.work import work
from reports.repository import Head, Report, ReportRepository
from reports.table import Labels
from reports.telling import tell
from sync.services import Services

_SHOWN = 20


@click.group()
def report() -> None:
    """Monthly reports."""


@report.command()
@click.argument("month")
@click.argument("region")
@click.option("--unit", default="", help="Only the indicators of this responsible unit.")
@click.option("--draft", is_flag=True, help="A draft, which may be made anew.")
def freeze(month: str, region: str, unit: str, draft: bool) -> None:
    """Freeze the report of MONTH (YYYY-MM) of REGION; what is frozen already is restated as a new version."""
    with database(settings()) as (known, store), progress() as bar:
        services = Services.open(store, known)
        total = store["households"].count_documents({"region": {"$gte": region, "$lt": region + "\uffff"}})
        task = bar.add_task("counting", total=total)
        wanted = Wanted(month, region, unit, draft)
        now = services.clock.now()
        made = make(services, wanted, OPERATOR.user, now, lambda done: bar.update(task, completed=done))
        tell(services, OPERATOR, made.head, now)
    _heads([made.head])


@report.command("list")
@click.option("--region", default="", help="Only of this region.")
@click.option("--month", default=None, help="Only of this month (YYYY-MM).")
@click.option("--limit", default=50, show_default=True)
def list_(region: str, month: str | None, limit: int) -> None:
    """List reports, newest month first."""
    with database(settings()) as (_, store):
        found, _ = ReportRepository(store).page(region, None, month, place=None, limit=limit)
    _heads(found)


@report.command()
@click.option("--region", default="", help="Only of this region.")
@click.option("--limit", default=50, show_default=True)
def orders(region: str, limit: int) -> None:
    """List what was ordered over HTTP, newest first, and how far it is."""
    with database(settings()) as (_, store):
        found, _ = OrderRepository(store).page(region, None, place=None, limit=limit)
    rows = [
        (
            each.id,
            each.wanted.month,
            f"{each.wanted.region} {each.wanted.unit}".strip(),
            "draft" if each.wanted.draft else "",
            each.state.value,
            f"{each.counted}/{each.households}",
            each.made or "",
            str((each.problem or {}).get("detail", "")),
        )
        for each in found
    ]
    show(
        ("order", "month", "of", "", "state", "counted", "report", "what failed"),
        rows,
        prose=("what failed",),
    )


@report.command()
@click.argument("report_id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(report_id: str, file: Path) -> None:
    """Write a report as FILE, a workbook or a PDF by its ending."""
    form = file.suffix.removeprefix(".")
    if form not in WRITERS:
        raise click.BadParameter(f"the ending is one of {', '.join(WRITERS)}", param_hint="FILE")
    with database(settings()) as (known, store):
        services = Services.open(store, known)
        found = _found(services, report_id)
        people = ReportRepository(store).names_of(found.head)
        WRITERS[form](found, Labels(services.engine.policy, people), file)
    console.print(f"wrote {file}")


@report.command("verify")
@click.argument("report_id")
def verify_(report_id: str) -> None:
    """Make a frozen report again from the log alone, and compare it cell by cell; exit with 1 when it differs."""
    with database(settings()) as (known, store), progress() as bar:
        services = Services.open(store, known)
        found = _found(services, report_id)
        task = bar.add_task("replaying the log", total=found.head.households)
        told = verify(services, found, lambda done: bar.update(task, completed=done))
    _verdict(told)
    raise SystemExit(0 if told.equal else 1)


@report.command()
def due() -> None:
    """Make what was ordered, and what is missing of last month, as the worker does; remind of what was not sent."""
    with database(settings()) as (known, store), progress() as bar:
        services = Services.open(store, known)
        task = bar.add_task("reports", total=None)
        ordered = work(services)
        done = look(services, lambda: bar.advance(task))
    console.print(
        f"{ordered} orders, {done.made} made, {done.reminded} reminded of, {done.overdue} overdue, {done.failed} failed"
    )


def _found(services: Services, report_id: str) -> Report:
    found = ReportRepository(services.store).get(report_id)
    if found is None:
        raise NotFound(f"There is no report {report_id}.")
    return found


def _heads(heads: list[Head]) -> None:
    rows = [
        (
            head.id,
            head.month,
            f"{head.region} {head.unit}".strip(),
            str(head.version),
            head.state.value,
            head.moment.day.isoformat(),
        )
        for head in heads
    ]
    show(("id", "month", "of", "version", "state", "as of"), rows)


def _verdict(told: Verified) -> None:
    if not told.same_policy:
        console.print("[yellow]Rules or parameters are others now than when it was frozen.[/yellow]")
    if not told.same_definitions:
        console.print("[yellow]Indicators are defined otherwise now than when it was frozen.[/yellow]")
    if told.equal:
        console.print("[green]equal, cell by cell[/green]")
        return
    rows = [
        (
            each.part,
            " ".join(each.group),
            *(str(list(side[:5])) if side else "–" for side in (each.before, each.after)),
        )
        for each in told.differing[:_SHOWN]
    ]
    show(("part", "group", "frozen", "from the log"), rows)
    console.print(
        f"{len(told.differing)} cells differ; lists differ: {', '.join(told.lists_differ) or 'none'}"
    )
