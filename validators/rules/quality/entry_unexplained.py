"""Who is new in the household and no newborn has come from somewhere (Q2)."""

from collections.abc import Iterator

from core.spans import Span, birthday
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.quality._round import first_met, first_round, is_registered

_AGE = "quality.newborn_years"


@rule("quality/entry-unexplained", clause="九(一)", severity=Severity.MINOR, parameters=(_AGE,))
def entry_unexplained(person: Person, case: Case) -> Iterator[Outcome]:
    """A person first met after the household's first round, old enough to be no newborn, without how they joined."""
    met, birth, household = first_met(person), person.birth_date, case.household
    if person.left is not None or met is None or birth is None or "entry.event" in person.facts:
        return
    begun = case.parameters.once(("quality.first_round", household.id), lambda: first_round(household))
    if begun is None or met <= begun or not case.today.reached(met) or is_registered(person):
        return
    years = int(case.parameters.at(_AGE, on=met).value)
    if birthday(birth, years) <= met:
        yield Outcome(
            subject=person.id,
            episode="entry",
            values={"met": met},
            span=Span(met),
            evidence=(person.history("away")[0].said.op,),
        )
