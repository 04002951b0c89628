"""做好搬迁安置点党员接收、组织关系转移: a membership has not been transferred."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Grade, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, overdue, stated

_DAYS = "community.party_days"


@rule(
    "community/party-membership", clause="四(一)", severity=Severity.MINOR, parameters=(_DAYS,), at_door=False
)
def party_membership(person: Person, case: Case) -> Iterator[Outcome]:
    """The organisation department's list has no day of transfer some days after the household moved in.

    Only that list and the office count; it is never asked at a door, and an answer there is not read.
    """
    listed = stated(person, "party.member", case)
    move_in = case.household.move_in
    if listed is None or listed.value is not True or listed.said.grade < Grade.AGENCY or move_in is None:
        return
    if person.left is not None or person.day("party.transferred_on"):
        return
    days = int(case.parameters.at(_DAYS, on=move_in, region=case.household.region).value)
    deadline = max(move_in, person.joined or move_in) + timedelta(days=days)
    variant = overdue(listed, deadline, case)
    if variant is not None:
        yield Outcome(
            subject=person.id,
            episode="membership",
            values={"days": days},
            span=Span(next_day(deadline)),
            variant=variant,
            severity=milder(Severity.MINOR, variant),
            evidence=(listed.said.op,),
        )
