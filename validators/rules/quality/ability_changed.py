"""A disability does not go away, and who has lost the ability to work does not hold a job (Q9)."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span
from ledger.model import Fact, Grade, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops

_DISABLED, _HEALTHY = "disabled", "healthy"
_LOST = "lost"
_EMPLOYED = ("1", "2", "3", "4")


@rule("quality/ability-changed", clause="九(一)", severity=Severity.MINOR)
def ability_changed(person: Person, case: Case) -> Iterator[Outcome]:
    """Disabled before and healthy now (`health`), or without ability to work and at work (`works`).

    What exactly was told of a person's health stands in the ledger and not in the finding. What the office corrected
    is settled.
    """
    told = person.history("health")
    now = told[-1] if told else None
    if now is not None and now.said.grade is not Grade.OFFICE and case.today.reached(now.said.on):
        before = next((fact for fact in reversed(told[:-1]) if _holds(fact, _DISABLED)), None)
        if before is not None and _holds(now, _HEALTHY):
            yield _outcome(person, "health", now.said.on, (before, now))
    lost, works = (
        answered(person, "skill_class", (_LOST,), case),
        answered(person, "admin_status", _EMPLOYED, case),
    )
    if lost is not None and works is not None and works.said.on >= _since(person, lost):
        yield _outcome(person, "works", works.said.on, (lost, works))


def _holds(fact: Fact, code: str) -> bool:
    return isinstance(fact.value, tuple) and code in fact.value


def _since(person: Person, lost: Fact) -> date:
    """Return the day on which it was first told that the ability is lost."""
    told = [fact for fact in person.history("skill_class") if fact.value == _LOST]
    return told[-1].said.on if told else lost.said.on


def _outcome(person: Person, what: str, on: date, facts: tuple[Fact, ...]) -> Outcome:
    return Outcome(
        subject=person.id, episode=what, values={}, span=Span(on), variant=(what,), evidence=ops(*facts)
    )
