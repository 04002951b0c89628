"""对有创业意愿且有一定创业条件的搬迁群众,及时开展创业培训 (五(三))."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule

_DAYS = "work.startup.days"


@rule("work/startup-not-trained", clause="五(三)", severity=Severity.MAJOR, parameters=(_DAYS,))
def startup_not_trained(person: Person, case: Case) -> Iterator[Outcome]:
    """Somebody wants to start a business, has some of the conditions, and had no startup training in time."""
    wants, conditions = person.facts.get("startup.wants"), person.facts.get("startup.conditions")
    trained = person.facts.get("startup.trained")
    if wants is None or conditions is None or trained is None or person.left is not None:
        return
    if (wants.value, conditions.value, trained.value) != ("yes", "yes", "no"):
        return
    if person.day("startup.trained_on") is not None:
        return
    since = max(_first_told(person, name) for name in ("startup.wants", "startup.conditions"))
    days = case.parameters.at(_DAYS, on=since, region=case.household.region).value
    if case.today.reached(since + timedelta(days=days + 1)):
        yield Outcome(
            subject=person.id,
            episode=f"wish:{since.isoformat()}",
            values={"since": since, "days": days},
            span=Span(since),
            evidence=tuple(sorted({wants.said.op, conditions.said.op, trained.said.op})),
        )


def _first_told(person: Person, name: str) -> date:
    """Return the day on which what still stands was first told."""
    return person.history(name)[-1].said.on
