"""加强后续扶持工作的协调推进和督促检查: a problem that a banner found itself has not been put right."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, overdue, stated

_DAYS = "banner.self_check_days"


@rule(
    "banner/self-check-open", clause="九(一)", severity=Severity.MAJOR, subject="banner", parameters=(_DAYS,)
)
def self_check_open(banner: Site, case: Case) -> Iterator[Outcome]:
    """A problem found in a self-check is open after some days; nobody has told the day on which it was put right."""
    for check in banner.records("self_check"):
        problem, found = stated(check, "problem", case), check.day("on")
        if problem is None or found is None or check.day("closed_on") is not None:
            continue
        days = int(case.parameters.at(_DAYS, on=found, region=banner.region).value)
        deadline = found + timedelta(days=days)
        variant = overdue(problem, deadline, case)
        if variant is not None:
            yield Outcome(
                subject=check.id,
                episode="open",
                values={"problem": str(problem.value), "found": found, "days": days},
                span=Span(next_day(deadline)),
                variant=variant,
                severity=milder(Severity.MAJOR, variant),
                evidence=(problem.said.op,),
            )
