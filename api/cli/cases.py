"""`ruhu case`: what offices work on, as the work list and the history of a case show it."""

from collections.abc import Mapping
from typing import Any

import click

from access.model import Act
from api.cases.present import history, people_of, whole
from api.cli import console
from api.cli.connect import database, settings
from api.cli.people import OPERATOR
from api.cli.tables import show
from core.clock import SHANGHAI, day_of
from ledger.model import Site
from ledger.repository import AnyEntry, head_name
from store import Store
from sync.follow.desk import Desk, Which
from sync.follow.repository import LIVE_STATES, CaseFilters, Kept
from sync.services import Services
from validators.cases import CaseState, Part

_LANGUAGES = ("zh-Hans", "en")


@click.group()
def case() -> None:
    """Cases: list, show."""


@case.command("list")
@click.option("--region", help="Only of this region.")
@click.option("--unit", help="Only of this unit, such as education.")
@click.option(
    "--role",
    type=click.Choice([part.value for part in Part]),
    default=Part.RESPONSIBLE.value,
    show_default=True,
    help="What the unit has to do with them; cooperating needs --unit.",
)
@click.option("--state", type=click.Choice([state.value for state in CaseState]), help="All but closed ones.")
@click.option("--overdue", is_flag=True, help="Only those not acted upon after their deadline.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
def list_(
    region: str | None, unit: str | None, role: str, state: str | None, overdue: bool, limit: int
) -> None:
    """List cases, soonest deadline first."""
    with database(settings()) as (known, store):
        services, act = _opened(known, store)
        today = day_of(act.at)
        states = (CaseState(state),) if state else LIVE_STATES
        filters = CaseFilters(states=states, overdue_on=today if overdue else None)
        desk = Desk(services, act)
        found, following = desk.page(Which(region, unit, Part(role)), filters, place=None, limit=limit)
        names = desk.names_of(kept.owner for kept, _ in found)
    rows = [
        (
            kept.case.id,
            f"{kept.case.due}{' overdue' if kept.case.overdue(today) else ''}",
            kept.case.state.value,
            kept.case.severity.value,
            kept.case.unit,
            str(kept.case.live),
            names.get(kept.owner or "", ""),
            _about(kept, entry),
        )
        for kept, entry in found
    ]
    show(("id", "due", "state", "severity", "unit", "live", "owner", "about"), rows, prose=("about",))
    if following is not None:
        console.print(f"the first {limit} of more (--limit)")


@case.command("show")
@click.argument("case_id")
@click.option("--lang", type=click.Choice(_LANGUAGES), default=_LANGUAGES[0], show_default=True)
def show_(case_id: str, lang: str) -> None:
    """Show a case: its findings, and all that was done. Numbers in what people wrote are masked."""
    with database(settings()) as (known, store):
        services, act = _opened(known, store)
        desk = Desk(services, act)
        found = desk.whole(case_id)
        names = desk.names_of(people_of(found))
        told = whole(found, names, services.engine.policy, lang, day_of(act.at))
        events = history(found, names)
    case_ = found.kept.case
    _pairs(
        {
            "case": case_.id,
            "about": _about(found.kept, found.entry),
            "region": case_.region,
            "unit": case_.unit,
            "cooperating": ", ".join(case_.cooperating),
            "state": f"{case_.state}, {case_.severity}{', overdue' if told['overdue'] else ''}",
            "due": f"{case_.due}, told to: {', '.join(told['told']) or 'nobody'}; next {told['next_step'] or 'never'}",
            "owner": names.get(found.kept.owner or "", "nobody"),
        }
    )
    console.print()
    for finding in told["findings"]:
        message = finding["message"]
        console.print(
            f"{finding['rule']}  {finding['clause']}  {finding['severity']}  {finding['state']}  due {finding['due']}",
            style="bold",
            markup=False,
        )
        console.print(f"  {message['title']}\n  {message['text']}\n  {message['what_to_do']}", markup=False)
    console.print()
    show(("when", "what", "by", "said"), [_event(each) for each in events], prose=("said",))


def _opened(known: Any, store: Store) -> tuple[Services, Act]:
    services = Services.open(store, known)
    return services, Act(OPERATOR, services.clock.now())


def _pairs(values: Mapping[str, str]) -> None:
    width = max(map(len, values))
    for name, value in values.items():
        console.print(f"{name:{width}}  {value}", markup=False)


def _about(kept: Kept, entry: AnyEntry | None) -> str:
    if entry is None:
        return kept.case.household
    of = entry.household
    if isinstance(of, Site):
        return of.name or of.id
    return " ".join(filter(None, (of.text("registry_no"), head_name(of)))) or of.id


def _event(each: Mapping[str, Any]) -> tuple[str, str, str, str]:
    what = " ".join(filter(None, (each["kind"], each["why"], each["step"], each["state"])))
    owner = f"to {each['owner']['name']}" if each["owner"] else ""
    shown = f"[{len(each['evidence'])} shown]" if each["evidence"] else ""
    said = " ".join(filter(None, (owner, each["note"], shown, "not settled yet" if each["pending"] else "")))
    return f"{each['at'].astimezone(SHANGHAI):%Y-%m-%d %H:%M}", what, each["name"] or each["by"] or "", said
