"""Makes a report: one pass over the entries of a region, as of a moment, in constant memory. Writes only its lists."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from core.clock import day_of
from core.spans import Span
from ledger.model import Site
from reports.cells import Cells, Place, Totals, parts_of
from reports.indicators import Home, Indicator, Line, Spot, all_indicators, part_name
from reports.moment import Moment, month_days
from reports.repository import ListWriter
from reports.states import State, states
from sync.services import Services
from sync.settle import settle, settle_due
from validators.policy import DeclaredParameters, Policy
from validators.rule import Case, Today

Progress = Callable[[int], None]


def settle_all(services: Services, now: datetime, progress: Progress | None = None) -> None:
    """Settle what waits and let the days pass, so that the ledger stands as of now; none is counted meanwhile."""
    while settle(services).households or settle_due(services, day_of(now)).households:
        if progress is not None:
            progress(0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be reported.

    Attributes:
        month: YYYY-MM.
        region: of which region.
        moment: as of when.
        from_log: replay everything from the log.
    """

    month: str
    region: str
    moment: Moment
    from_log: bool = False


def total(
    services: Services, scope: Scope, writer: ListWriter | None = None, progress: Progress | None = None
) -> Totals:
    """Count the indicators of a region.

    Args:
        services: the process's; judged by its policy.
        scope: what is to be reported.
        writer: gets the objects behind the cells.
        progress: told how many households were counted so far.
    """
    totals, month = Totals(), month_days(scope.month)
    counter = _Counter(services.engine.policy, scope.moment, month)
    found = states(services, scope.region, scope.moment, month, from_log=scope.from_log)
    for state in found:
        seen = counter.seen(state)
        place = place_of(state)
        lines = list(counter.lines(seen))
        fresh = seen.fresh
        for name, line in lines:
            totals.add(place, name, line, fresh=fresh)
        totals.households += isinstance(seen, Home)
        if writer is not None:
            writer.add(state.entry.region, state.entry.id, lines, place.site, place.kind or "")
        if progress is not None:
            progress(totals.households)
    if writer is not None:
        writer.flush()
    return totals


class _Counter:
    """Asks every indicator about one entry after another."""

    def __init__(self, policy: Policy, moment: Moment, month: Span) -> None:
        self._policy, self._day, self._month = policy, moment.day, month
        self._at: dict[str, list[Indicator]] = {"household": [], "site": [], "banner": []}
        for each in all_indicators():
            self._at[each.level].append(each)

    def seen(self, state: State) -> Home | Spot:
        """Return an entry as indicators see it; what they compute of a household is shared among them."""
        entry = state.entry
        if isinstance(entry, Site):
            return Spot(entry, self._day, self._month, state.findings)
        parameters = DeclaredParameters("report", self._policy.parameters, {})
        case = Case(entry, Today(self._day), parameters, self._policy.calendar)
        return Home(entry, case, self._day, self._month, state.findings, state.arrivals)

    def lines(self, seen: Home | Spot) -> Iterator[tuple[str, Line]]:
        """Yield the lines of an entry by part name."""
        level = seen.entry.kind if isinstance(seen, Spot) else "household"
        for indicator in self._at[level]:
            for line in indicator.judge(seen):
                yield f"{indicator.number}.{line.part}", line


def place_of(state: State) -> Place:
    """Return where an entry is counted."""
    entry, region = state.entry, state.entry.region
    if isinstance(entry, Site):
        site = entry.id.removeprefix("site:") if entry.kind == "site" else ""
        return Place(region[:6], region[:9] if site else "", site, None)
    return Place(region[:6], region[:9], entry.text("site") or "", entry.text("relocation_kind") or "")


def cells_of(totals: Totals, region: str, last: Cells | None) -> Cells:
    """Return the cells of totals, with last month's values beside them."""
    return totals.cells(region, last, parts_of(all_indicators()))


def names_of_unit(unit: str, policy: Policy) -> list[str]:
    """Return the part names of the indicators for which a unit is responsible, in the order of the report."""
    return [
        part_name(each, part)
        for each in all_indicators()
        if unit in units_of(each, policy)
        for part in each.parts
    ]


def units_of(indicator: Indicator, policy: Policy) -> tuple[str, ...]:
    """Return the units responsible for an indicator: its own, else those of its clause."""
    return indicator.units or policy.clauses[indicator.clause].responsible


def definitions_digest() -> str:
    """Return a digest of what the indicators say of themselves: another one, another definition."""
    told = [
        (
            each.number,
            each.level,
            each.clause,
            each.about,
            [(p.id, p.kind, p.formula, p.scale) for p in each.parts],
        )
        for each in all_indicators()
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()
