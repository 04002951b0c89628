"""帮助其尽快再就业: a person who lost work is still out of work (五(一))."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import FOREVER, Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.work._loss import LOSS, evidence, lasting_losses, unhelped, unregistered
from validators.work import JOB, told

_DAYS = "work.loss.back_days"
_OUT = frozenset({"6", "7"})


@rule(
    "work/still-out-of-work", clause="五(一)", severity=Severity.MAJOR, parameters=(*LOSS, _DAYS), version=2
)
def still_out_of_work(person: Person, case: Case) -> Iterator[Outcome]:
    """A person was still out of work when last asked, more than so many days after the loss.

    Who was asked before those days were over may have found work since: that is unknown, and nothing is said. A loss
    that was not registered, or in which nobody helped, is told as that, and not once more as this.
    """
    for loss, lost in lasting_losses(person, case):
        if unregistered(loss) or unhelped(loss):
            continue
        days = case.parameters.at(_DAYS, on=lost, region=case.household.region).value
        known, over = _known_out(person), lost + timedelta(days=days)
        if known is not None and known > over and case.today.reached(known):
            yield Outcome(
                subject=person.id,
                episode=f"lost:{loss.id}",
                values={"lost": lost, "days": days, "known_until": known},
                span=Span(lost),
                evidence=evidence(loss),
            )


def _known_out(person: Person) -> date | None:
    """Return the last day on which the person was known to be out of work and seeking."""
    days = [person.track(JOB).absent.end]
    state = told(person, "admin_status", FOREVER)
    if state is not None and state.value in _OUT:
        days.append(state.said.on)
    return max((day for day in days if day is not None), default=None)
