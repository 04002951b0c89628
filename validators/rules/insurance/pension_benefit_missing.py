"""应保尽保: a person of pension age receives no pension."""

from collections.abc import Iterator

from core.spans import Span, add_months, birthday
from ledger.model import Person
from validators.insurance import KINDS, PENSION
from validators.rule import Case, Outcome, Severity, rule


@rule(
    "insurance/pension-benefit-missing",
    clause="三(三)",
    severity=Severity.MAJOR,
    parameters=("insurance.pension.benefit_age", "insurance.pension.benefit_months"),
)
def pension_benefit_missing(person: Person, case: Case) -> Iterator[Outcome]:
    """A month or more after turning 60 the person was said to receive no pension, and no pension is in payment.

    Years still missing for the pension may be paid back: that is advice, so nothing is yielded before 60.
    """
    said, birth = person.facts.get("pension.benefit"), person.birth_date
    if said is None or said.value != "no" or birth is None or person.left is not None:
        return
    at = case.parameters.at
    age = at("insurance.pension.benefit_age", on=said.said.on).value
    start = birthday(birth, age)
    due = add_months(start, at("insurance.pension.benefit_months", on=said.said.on).value)
    track = person.track(KINDS[PENSION])
    if said.said.on < due or any(spell.fields.get("state") == "in_payment" for spell in track.spells):
        return
    if case.today.reached(due):
        yield Outcome(
            subject=person.id,
            episode=f"{PENSION}:{start.isoformat()}",
            values={"branch": PENSION, "age": age, "since": start},
            span=Span(start),
            evidence=(said.said.op,),
        )
