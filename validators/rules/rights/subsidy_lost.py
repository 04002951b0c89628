"""继续按规定享受各项农牧业奖补政策: a farm subsidy that was paid before the move is not paid after it, or much less."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from core.spans import Span
from ledger.model import Fact, Household, Record
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops, stated

_DROP = "rights.subsidy_drop"
_WHOLE = 100


@rule(
    "rights/subsidy-lost",
    clause="七(三)",
    severity=Severity.CRITICAL,
    subject="household",
    parameters=(_DROP,),
)
def subsidy_lost(household: Household, case: Case) -> Iterator[Outcome]:
    """A programme paid in the year before the move was not paid in a later year, or by more than some percent less.

    Only where the land is the same: when a plot has shrunk or was returned to forest or grass since, the amounts may
    differ. A year of which nobody said anything is unknown; an amount of 0 says that nothing was paid.
    """
    records = household.records("subsidy")
    move_in = household.move_in
    if not records or move_in is None or _land_changed(household, move_in):
        return
    paid = _paid(records, case)
    allowed = float(case.parameters.at(_DROP, on=move_in, region=household.region).value)
    for (programme, year), fact in sorted(paid.items()):
        before = paid.get((programme, move_in.year - 1))
        if year <= move_in.year or before is None:
            continue
        was, now = float(before.value), float(fact.value)  # type: ignore[arg-type] # _paid keeps numbers only
        if was > 0 and now * _WHOLE < was * (_WHOLE - allowed):
            yield Outcome(
                subject=household.id,
                episode=f"{programme}:{year}",
                values={"programme": programme, "year": year, "was": was, "now": now},
                span=Span(date(year, 1, 1), date(year, 12, 31)),
                variant=("drop",) if now > 0 else (),
                evidence=ops(before, fact),
            )


def _paid(records: tuple[Record, ...], case: Case) -> Mapping[tuple[str, int], Fact]:
    """Return the amounts by programme and year, as far as they were stated."""
    paid = {}
    for record in records:
        amount = stated(record, "amount", case)
        programme, year = record.text("programme"), record.number("year")
        if amount is not None and isinstance(amount.value, (int, float)) and programme and year:
            paid[programme, int(year)] = amount
    return paid


def _land_changed(household: Household, move_in: date) -> bool:
    """Tell whether a plot is known to have become smaller, or to be returned to forest or grass, since the move."""
    for plot in household.records("plot"):
        areas = [float(f.value) for f in plot.history("area_mu") if isinstance(f.value, (int, float))]
        returned = [f for f in plot.history("state") if f.value == "returned" and f.said.on > move_in]
        if any(later < earlier for earlier, later in pairwise(areas)):
            return True
        if returned and len(plot.history("state")) > len(returned):
            return True
    return False
