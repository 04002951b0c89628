"""契约型、分红型、股权型利益联结: what a contract promised was not received in time, or not all of it."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, ops, overdue, stated

_DAYS = "industry.return_days"


@rule(
    "industry/return-unpaid",
    clause="八(二)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_DAYS,),
)
def return_unpaid(household: Household, case: Case) -> Iterator[Outcome]:
    """A written contract promised a return, and less was received some days after it was due.

    Nothing said of what was received is unknown; `unverified` when it was told before the days ran out.
    """
    for link in household.records("link"):
        received, due_on = stated(link, "received", case), link.day("due_on")
        promised, got = link.number("promised"), link.number("received")
        if received is None or due_on is None or promised is None or got is None or got >= promised:
            continue
        if link.text("contract") != "yes":
            continue
        days = int(case.parameters.at(_DAYS, on=due_on, region=household.region).value)
        deadline = due_on + timedelta(days=days)
        variant = overdue(received, deadline, case)
        if variant is not None:
            yield Outcome(
                subject=link.id,
                episode=f"return:{due_on.isoformat()}",
                values={
                    "partner": link.text("partner") or "",
                    "promised": promised,
                    "received": got,
                    "due_on": due_on,
                },
                span=Span(next_day(deadline)),
                variant=variant,
                severity=milder(Severity.MAJOR, variant),
                evidence=ops(received, link.facts.get("promised")),
            )
