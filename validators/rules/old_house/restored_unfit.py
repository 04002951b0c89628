"""宜耕则耕、宜林则林、宜草则草: a plot was restored as something that it is not fit for."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops, stated


@rule("old_house/restored-unfit", clause="六(二)", severity=Severity.MAJOR, subject="household")
def restored_unfit(household: Household, case: Case) -> Iterator[Outcome]:
    """What the plot was restored as differs from what it is fit for; one fit for nothing is repaired ecologically."""
    for house in household.records("old_house"):
        fit, became = stated(house, "fit", case), stated(house, "restored_as", case)
        if fit is not None and became is not None and fit.value != became.value:
            yield Outcome(
                subject=house.id,
                episode="fit",
                values={"fit": str(fit.value), "restored_as": str(became.value)},
                span=Span(house.day("restored_on") or became.said.on),
                evidence=ops(fit, became),
            )
