"""在搬迁入住后一年内至少接受一次专业技能培训: the year is over, or nearly, without one (五(二))."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import FOREVER, Span, next_day
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.training import TRAINING_DUTY, WISH, TrainingDuty, training_duty
from validators.verdict import NO
from validators.work import willing

_REMIND = "work.training.remind_days"


@rule("work/training-due", clause="五(二)", severity=Severity.CRITICAL, parameters=(*TRAINING_DUTY, _REMIND))
def training_due(person: Person, case: Case) -> Iterator[Outcome]:
    """Somebody of the registered poor, able and willing in the year after the move, had no skills training in it.

    Critical when the year is over; before, reminders (major). Variants: `overdue`, `due_90`, `due_30`; `early_mover`
    when the year had passed before the notice was issued. 同步搬迁 households and the unwilling are outside, also who
    wants it no more. A training after the year ends the finding; the report still counts it as late.
    """
    if WISH not in person.facts or person.left is not None:
        return
    duty = training_duty(person, case.household, case.parameters)
    if duty is None or duty.done_on is not None or duty.perhaps or willing(person, WISH, FOREVER) is NO:
        return
    variant = _stage(duty, case)
    if variant is None:
        return
    wish = person.facts[WISH].said
    yield Outcome(
        subject=person.id,
        episode=f"training:{duty.since.isoformat()}",
        values={"since": duty.since, "end": duty.due, "known_until": wish.on},
        span=Span(min(duty.since, duty.due), duty.due),
        variant=tuple(sorted({variant} | ({"early_mover"} if duty.early else set()))),
        severity=Severity.CRITICAL if variant == "overdue" else Severity.MAJOR,
        due=duty.due,
        evidence=(wish.op,),
    )


def _stage(duty: TrainingDuty, case: Case) -> str | None:
    """Return how near the end of the year is; None while it is far."""
    if case.today.reached(next_day(duty.due)):
        return "overdue"
    first, last = sorted(
        case.parameters.at(_REMIND, on=duty.due, region=case.household.region).value, reverse=True
    )
    if case.today.reached(duty.due - timedelta(days=last)):
        return "due_30"
    return "due_90" if case.today.reached(duty.due - timedelta(days=first)) else None
