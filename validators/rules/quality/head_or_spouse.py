"""A household has one head, and the head at most one spouse (Q7)."""

from collections.abc import Iterator

from ledger.model import Fact, Household, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops, stated

_HEAD, _SPOUSE = "02", "10"


@rule("quality/head-or-spouse", clause="九(一)", severity=Severity.MINOR, subject="household")
def head_or_spouse(household: Household, case: Case) -> Iterator[Outcome]:
    """No head (`no_head`), `two_heads`, `two_spouses`, or somebody there who was the head and is not (`changed`).

    Nobody is missed while the relation of some member is not known. A head may change when the old one has left.
    """
    there = [person for person in household.persons if person.left is None]
    told = {person.id: stated(person, "relation", case) for person in there}
    known = [fact for fact in told.values() if fact is not None]
    heads = [fact for fact in known if fact.value == _HEAD]
    spouses = [fact for fact in known if fact.value == _SPOUSE]
    if there and not heads and len(known) == len(there):
        yield _outcome(household, "no_head", known)
    if len(heads) > 1:
        yield _outcome(household, "two_heads", heads)
    if len(spouses) > 1:
        yield _outcome(household, "two_spouses", spouses)
    for person in there:
        fact = told[person.id]
        if fact is not None and fact.value != _HEAD and _was_head(person, case):
            yield _outcome(household, "changed", [fact], subject=person.id)


def _was_head(person: Person, case: Case) -> bool:
    return any(
        fact.value == _HEAD and case.today.reached(fact.said.on) for fact in person.history("relation")
    )


def _outcome(household: Household, what: str, facts: list[Fact], subject: str = "") -> Outcome:
    return Outcome(
        subject=subject or household.id, episode=what, values={}, variant=(what,), evidence=ops(*facts)
    )
