"""通过入户宣传等方式大力宣传政策: nobody has explained the policies to a household for long."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops, stated

_DAYS = "community.publicity_days"


@rule(
    "community/policy-visit",
    clause="九(三)",
    severity=Severity.INFORMATION,
    subject="household",
    parameters=(_DAYS,),
)
def policy_visit(household: Household, case: Case) -> Iterator[Outcome]:
    """The last visit that explained the policies, of which somebody told, is too long ago.

    A household that was asked what it knows and names no visit counts from moving in (`never`). Any visit that is
    recorded starts the days anew, so this comes by a day passing.
    """
    visited, known = (
        stated(household, "publicity.visited_on", case),
        stated(household, "publicity.known", case),
    )
    last = household.day("publicity.visited_on") if visited is not None else household.move_in
    if last is None or (visited is None and known is None):
        return
    days = int(case.parameters.at(_DAYS, on=last, region=household.region).value)
    first = next_day(last + timedelta(days=days))
    if case.today.reached(first):
        yield Outcome(
            subject=household.id,
            episode="publicity",
            values={"last": last, "days": days},
            span=Span(first),
            variant=("never",) if visited is None else (),
            evidence=ops(visited, known),
        )
