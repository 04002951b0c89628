"""加快拆旧复垦后的土地确权颁证: a restored plot was accepted and has no certificate."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, ops, overdue, stated

_DAYS = "old_house.title_days"


@rule(
    "old_house/land-title-missing",
    clause="六(二)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_DAYS,),
)
def land_title_missing(household: Household, case: Case) -> Iterator[Outcome]:
    """A restored plot was accepted, and no certificate was issued within some days of that (加快: no time is set)."""
    for house in household.records("old_house"):
        accepted = stated(house, "accepted_on", case)
        day = house.day("accepted_on")
        if accepted is None or day is None or house.day("title_on") or house.text("title_no"):
            continue
        days = int(case.parameters.at(_DAYS, on=day, region=household.region).value)
        deadline = day + timedelta(days=days)
        seen = max(house.facts.values(), key=lambda fact: fact.said.on)
        variant = overdue(seen, deadline, case)
        if variant is not None:
            yield Outcome(
                subject=house.id,
                episode="title",
                values={"accepted": day, "days": days},
                span=Span(next_day(deadline)),
                variant=variant,
                severity=milder(Severity.MAJOR, variant),
                evidence=ops(accepted),
            )
