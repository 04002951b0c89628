"""开展就业帮扶: nobody helps a person who lost work (五(一))."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.work._loss import LOSS, evidence, lasting_losses, unhelped

_DAYS = "work.loss.help_days"


@rule("work/job-loss-no-help", clause="五(一)", severity=Severity.MAJOR, parameters=(*LOSS, _DAYS))
def job_loss_no_help(person: Person, case: Case) -> Iterator[Outcome]:
    """A person who lost work was said to have had no help, more than so many days after the loss.

    Help is placement, guidance, training, a public-service post or a subsidy, of any date.
    """
    for loss, lost in lasting_losses(person, case):
        if not unhelped(loss):
            continue
        days = case.parameters.at(_DAYS, on=lost, region=case.household.region).value
        if case.today.reached(lost + timedelta(days=days + 1)):
            yield Outcome(
                subject=person.id,
                episode=f"lost:{loss.id}",
                values={"lost": lost, "days": days},
                span=Span(lost),
                evidence=evidence(loss),
            )
