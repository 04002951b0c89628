"""`ruhu fieldwork`: look over how interviews were made."""

import click

from api.cli import console
from api.cli.connect import database, settings
from api.cli.importing import progress
from api.cli.tables import show
from sync.fieldwork import look_over
from sync.services import Services
from validators.policy.duties import quality_checks


@click.command()
def fieldwork() -> None:
    """Measure the interviews of the last sixty days now, as the worker does each night, and flag what is notable."""
    with database(settings()) as (known, store):
        services = Services.open(store, known)
        with progress() as bar:
            task = bar.add_task("reading", total=None)
            report = look_over(services, lambda done, total: bar.update(task, completed=done, total=total))
    rows = [
        (check.id, check.labels["zh-Hans"], str(report.by_check[check.id]))
        for check in quality_checks()
        if check.id in report.by_check
    ]
    show(("check", "is", "stand now"), rows, prose=("is",))
    console.print(
        f"{report.interviews} interviews: {report.flagged} flags said, {report.withdrawn} withdrawn"
        + (f", {report.untold} of banners that are not registered" if report.untold else "")
    )
