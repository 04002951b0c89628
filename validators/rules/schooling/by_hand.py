"""A case that must not be told in a message is handled by a person (三(一): 严格履行控辍保学责任)."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.schooling import COHORT, evidence, pupil


@rule("schooling/by-hand", clause="三(一)", severity=Severity.INFORMATION, parameters=COHORT)
def by_hand(person: Person, case: Case) -> Iterator[Outcome]:
    """A child of school age has a note that the case is to be handled by hand: neither the reason nor days are told."""
    found = pupil(person, case)
    if found is not None and found.by_hand:
        yield Outcome(subject=person.id, episode="by-hand", values={}, evidence=evidence(found))
