"""严格落实技能培训各项补贴政策: the subsidy of a training was not paid (五(二))."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule

_DAYS = "work.training.subsidy_days"


@rule("work/training-subsidy-unpaid", clause="五(二)", severity=Severity.MAJOR, parameters=(_DAYS,))
def training_subsidy_unpaid(person: Person, case: Case) -> Iterator[Outcome]:
    """Of what is due for a training less was paid, more than so many days after it ended. Not asked is not unpaid."""
    if person.left is not None:
        return
    for training in person.records("training"):
        due, paid, end = training.number("subsidy_due"), training.number("subsidy_paid"), training.day("end")
        if due is None or paid is None or end is None or paid >= due:
            continue
        days = case.parameters.at(_DAYS, on=end, region=case.household.region).value
        if case.today.reached(end + timedelta(days=days + 1)):
            yield Outcome(
                subject=person.id,
                episode=f"training:{training.id}",
                values={"course": training.text("course") or "", "ended": end, "owed": _yuan(due - paid)},
                span=Span(end),
                evidence=tuple(sorted(set(training.ops))),
            )


def _yuan(amount: float) -> int | float:
    return int(amount) if amount == int(amount) else round(amount, 2)
