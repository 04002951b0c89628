"""开展搬迁群众入住新环境适应性教育培训: a household had none long after moving in."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, milder, overdue

_DAYS = "community.adaptation_days"


@rule(
    "community/adaptation-training",
    clause="四(三)",
    severity=Severity.MINOR,
    subject="household",
    parameters=(_DAYS,),
)
def adaptation_training(household: Household, case: Case) -> Iterator[Outcome]:
    """Nobody of the household had the training for life at the new place within some days of moving in."""
    none = answered(household, "adaptation.received", ("no",), case)
    move_in = household.move_in
    if none is None or move_in is None:
        return
    days = int(case.parameters.at(_DAYS, on=move_in, region=household.region).value)
    deadline = move_in + timedelta(days=days)
    variant = overdue(none, deadline, case)
    if variant is not None:
        yield Outcome(
            subject=household.id,
            episode="adaptation",
            values={"days": days},
            span=Span(next_day(deadline)),
            variant=variant,
            severity=milder(Severity.MINOR, variant),
            evidence=(none.said.op,),
        )
