"""Every member of the last round is accounted for: still there, or gone, and how (Q1)."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.quality._round import latest_round, told_since


@rule("quality/member-unaccounted", clause="九(一)", severity=Severity.MAJOR, subject="household")
def member_unaccounted(household: Household, case: Case) -> Iterator[Outcome]:
    """The latest round went through the members and told nothing of one who belongs to the household.

    Whoever joined after it, has left, or was told of in another interview since is none.
    """
    latest = latest_round(household)
    if latest is None or not case.today.reached(latest.on):
        return
    for person in household.persons:
        joined_before = person.joined is None or person.joined <= latest.on
        if person.left is None and joined_before and not told_since(person, latest.on):
            yield Outcome(
                subject=person.id,
                episode=f"round:{latest.on.isoformat()}",
                values={"round": latest.on},
                span=Span(latest.on),
                evidence=(latest.op,),
            )
