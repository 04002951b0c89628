"""`ruhu rebuild`: make ledger, findings and feed anew from the log, or compare them with what is there."""

import click

from api.cli import console
from api.cli.connect import database, settings
from api.cli.importing import progress
from api.cli.tables import show
from core.collector import spare_the_collector
from sync.rebuild import check as compare
from sync.rebuild import rebuild as derive
from sync.services import Services

_SHOWN = 20


@click.command()
@click.option("--check", is_flag=True, help="Only compare; exit with 1 when anything differs.")
def rebuild(check: bool) -> None:
    """Derive everything from the log again."""
    with database(settings()) as (known, store), progress() as bar:
        services = Services.open(store, known)
        spare_the_collector()
        total = services.ledger.count()
        task = bar.add_task("comparing" if check else "rebuilding", total=total)
        work = compare if check else derive
        report = work(services, lambda done: bar.update(task, completed=done))
    if report.differing:
        show(("household", "differs in"), report.differing[:_SHOWN], prose=("differs in",))
    if check:
        verdict = f"{len(report.differing)} differ" if report.differing else "[green]all equal[/green]"
        console.print(
            f"{report.households} households derived from the log again: ledger, findings and feed: {verdict}"
        )
        raise SystemExit(1 if report.differing else 0)
    console.print(f"{report.households} households rebuilt, {len(report.differing)} of them differed before")
