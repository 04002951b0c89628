"""整治拆旧后的宅基地: a plot was cleared, and nobody returned it to crops, trees or grass."""

from collections.abc import Iterator

from core.spans import Span, add_months, next_day
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, milder, ops, overdue

_MONTHS = "old_house.restore_months"
_GONE = ("3",)


@rule(
    "old_house/not-restored",
    clause="六(二)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_MONTHS,),
)
def not_restored(household: Household, case: Case) -> Iterator[Outcome]:
    """The house was pulled down, and its plot is not restored within some months; 六(二) itself sets no time."""
    for house in household.records("old_house"):
        gone = answered(house, "state", _GONE, case)
        cleared = house.day("demolished_on")
        if gone is None or cleared is None or house.day("restored_on"):
            continue
        months = int(case.parameters.at(_MONTHS, on=cleared, region=household.region).value)
        deadline = add_months(cleared, months)
        variant = overdue(gone, deadline, case)
        if variant is not None:
            yield Outcome(
                subject=house.id,
                episode="restoration",
                values={"cleared": cleared, "months": months},
                span=Span(next_day(deadline)),
                variant=variant,
                severity=milder(Severity.MAJOR, variant),
                evidence=ops(gone, house.facts.get("demolished_on")),
            )
