"""对就业转失业的,及时办理失业登记: a loss of work is not registered in time (五(一))."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.work._loss import LOSS, evidence, lasting_losses, unregistered

_DAYS = "work.loss.register_days"


@rule("work/job-loss-not-registered", clause="五(一)", severity=Severity.MAJOR, parameters=(*LOSS, _DAYS))
def job_loss_not_registered(person: Person, case: Case) -> Iterator[Outcome]:
    """A loss of work was said not to be registered, more than so many days after it. Not asked is not unregistered."""
    for loss, lost in lasting_losses(person, case):
        if not unregistered(loss):
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
