"""`ruhu policy`: what is judged by which number, and what would be if a number were another."""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from api.cli import console
from api.cli.connect import database, settings
from api.cli.importing import progress
from api.cli.pool import over
from api.cli.tables import show
from core.clock import SystemClock, day_of
from core.problems import ConfigurationError
from core.settings import Settings
from sync.services import Services
from sync.settle import SettleReport
from sync.settle import rejudge as judge_anew
from sync.trial import Trial, batches, compare
from sync.trial import trial as trial_between
from validators.policy import Parameter, Policy, load_policy
from validators.policy.change import Change, changed, different, read_value, touched
from validators.trial import Difference, Fate

_BANNER = 6
_processes = click.option(
    "--processes",
    default=os.cpu_count() or 1,
    show_default="one a core",
    type=click.IntRange(1),
    help="How many.",
)
_folder = click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))


@click.group()
def policy() -> None:
    """Parameters: list, show, check, try a change, judge anew."""


@policy.command("list")
@click.argument("prefix", default="")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day; today by default.")
@click.option("--region", default="", help="Region code, where values differ by region.")
def list_(prefix: str, on: Any, region: str) -> None:
    """List parameters whose id begins with PREFIX, with the value in force on a day."""
    day = on.date() if on else _today()
    rows = []
    for name, parameter in sorted(_present().parameters.items()):
        if name.startswith(prefix):
            try:
                value = parameter.at(day, region)
            except LookupError:
                rows.append((name, "–", "", parameter.kind, "", ""))
                continue
            verified = str(value.verified_on or "no")
            rows.append((name, _told(value.value), str(value.since), parameter.kind, value.grade, verified))
    show(("parameter", "value", "since", "kind", "grade", "verified"), rows, title=f"{day}", prose=("value",))


@policy.command("show")
@click.argument("name")
def show_(name: str) -> None:
    """Show a parameter with all its values and the rules that use it, or a rule with its parameters."""
    present = _present()
    if name in present.rules:
        rule = present.rules[name]
        console.print(f"[bold]{name}[/bold]  clause {rule.clause}  {rule.severity}  of a {rule.subject}")
        console.print(rule.about, markup=False)
        console.print("parameters: " + (", ".join(rule.parameters) or "none"))
        return
    parameter = _known(present, name)
    console.print(f"[bold]{name}[/bold]  {parameter.labels['zh-Hans']} ({parameter.labels['en']})")
    rows = [
        (
            str(value.since), value.region or "all", _told(value.value), value.grade,
            str(value.verified_on or "no"), value.source,
        )
        for value in parameter.values
    ]  # fmt: skip
    console.print(f"unit {parameter.unit}, kind {parameter.kind}")
    show(("since", "region", "value", "grade", "verified", "source"), rows, prose=("value", "source"))
    console.print("used by: " + (", ".join(sorted(touched(present, {name}))) or "no rule"))


@policy.command()
@_folder
def check(folder: Path | None) -> None:
    """Read the policy, with a FOLDER of own values over it, and say what they change; exit with 2 when it is wrong."""
    shipped = load_policy()
    read = load_policy(folder.resolve()) if folder else _present()
    names = different(shipped.parameters, read.parameters)
    console.print(
        f"{len(read.parameters)} parameters, {len(read.rules)} rules, {len(read.clauses)} clauses: all fit"
    )
    for name in sorted(names):
        console.print(
            f"  {name}: touches {', '.join(sorted(touched(read, {name}))) or 'no rule'}", soft_wrap=True
        )
    console.print(f"{len(names)} parameters differ from those that are shipped; version {read.version[:12]}")


@policy.command("dry-run")
@_folder
@click.option(
    "--set", "sets", multiple=True, metavar="PARAMETER=VALUE", help="A value to try; may be repeated."
)
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day of the values of --set.")
@click.option("--for-region", default="", help="Region of the values of --set.")
@click.option("--region", default="", help="Only ledger entries of this region.")
@_processes
def dry_run(
    folder: Path | None, sets: Sequence[str], since: Any, for_region: str, region: str, processes: int
) -> None:
    """Say how many findings would appear, clear or move today, by rule and banner, and write nothing.

    The change is a FOLDER of own values, or values given by --set from a day on.
    """
    if bool(folder) == bool(sets):
        raise click.UsageError("give either a FOLDER or --set PARAMETER=VALUE")
    if sets and since is None:
        raise click.UsageError("--set needs --from YYYY-MM-DD, the first day in force")
    present = _present()
    other = (
        load_policy(folder.resolve())
        if folder
        else changed(present, [_change(present, each, since.date(), for_region) for each in sets])
    )
    tried = trial_between(present, other)
    if not tried.parameters:
        console.print("nothing differs")
        return
    console.print(
        f"differs: {', '.join(sorted(tried.parameters))}; rules: {', '.join(sorted(tried.after.rules)) or 'none'}"
    )
    with database(settings()) as (known, store):
        services = Services.open(store, known)
        found = _tried(known, services, tried, region, processes)
    _tell(found)


def _tried(
    known: Settings, services: Services, tried: Trial, region: str, processes: int
) -> Counter[tuple[str, str, Fate]]:
    day, found = day_of(services.clock.now()), Counter[tuple[str, str, Fate]]()
    total = sum(1 for _ in services.ledger.ids(region))
    with progress() as bar:
        task = bar.add_task("trying", total=total)
        for count, differing in over(known, processes, batches(services, region), _compare, (tried, day)):
            found.update((each.rule, each.region[:_BANNER], each.fate) for each in differing)
            bar.advance(task, count)
    return found


def _compare(
    services: Services, names: Sequence[str], given: tuple[Trial, date]
) -> tuple[int, list[Difference]]:
    tried, day = given
    return len(names), compare(services, tried, names, day)


def _tell(found: Counter[tuple[str, str, Fate]]) -> None:
    rows = [
        (rule, banner, *(str(found[rule, banner, fate]) for fate in Fate))
        for rule, banner in sorted({(rule, banner) for rule, banner, _ in found})
    ]
    totals = [sum(count for (_, _, each), count in found.items() if each is fate) for fate in Fate]
    show(("rule", "banner", "appear", "clear", "move"), [*rows, ("all", "", *map(str, totals))])


@policy.command()
@click.option("--region", default="", help="Only ledger entries of this region.")
@_processes
def rejudge(region: str, processes: int) -> None:
    """Judge anew now what another policy judged, as the worker does by and by."""
    with database(settings()) as (known, store):
        services = Services.open(store, known)
        day, done = day_of(services.clock.now()), SettleReport()
        total = sum(1 for _ in services.ledger.ids(region))
        with progress() as bar:
            task = bar.add_task("judging", total=total)
            for count, report in over(known, processes, batches(services, region), _rejudge, day):
                done.households += report.households
                done.opened += report.opened
                done.cleared += report.cleared
                done.failed |= report.failed
                bar.advance(task, count)
    console.print(
        f"{done.households} judged anew: {done.opened} findings opened, {done.cleared} cleared, "
        f"{len(done.failed)} households failed"
    )


def _rejudge(services: Services, names: Sequence[str], day: date) -> tuple[int, SettleReport]:
    return len(names), judge_anew(services, names, day)


def _present() -> Policy:
    return load_policy(settings().policy_path)


def _today() -> date:
    return day_of(SystemClock().now())


def _known(present: Policy, name: str) -> Parameter:
    parameter = present.parameters.get(name)
    if parameter is None:
        near = [other for other in sorted(present.parameters) if name in other]
        raise ConfigurationError(
            f"there is no parameter or rule {name}" + (f"; perhaps {', '.join(near)}" if near else "")
        )
    return parameter


def _change(present: Policy, text: str, since: date, region: str) -> Change:
    name, separator, value = text.partition("=")
    if not separator:
        raise click.UsageError(f"--set takes PARAMETER=VALUE, not {text}")
    return Change(name, read_value(_known(present, name), value), since, region)


def _told(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
