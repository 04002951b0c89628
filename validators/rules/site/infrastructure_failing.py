"""按照缺什么补什么原则: water, power, gas, heating, road, pipes or telecommunication is missing or broken for long."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.site._items import failing_since
from validators.stated import answered, milder, overdue

_DAYS = "site.infrastructure_days"
_BROKEN, _MISSING = "2", "4"


@rule(
    "site/infrastructure-failing",
    clause="二(一)",
    severity=Severity.MAJOR,
    subject="site",
    parameters=(_DAYS,),
)
def infrastructure_failing(site: Site, case: Case) -> Iterator[Outcome]:
    """One of the seven items has been missing, or there and broken (`broken`), for more than some days.

    The days count from the day stated, else from the day on which it was first seen so. Being built and not
    applicable are no failings.
    """
    for item in site.records("infrastructure"):
        status = answered(item, "status", (_BROKEN, _MISSING), case)
        if status is None:
            continue
        since = failing_since(item, status)
        days = int(case.parameters.at(_DAYS, on=since, region=site.region).value)
        deadline = since + timedelta(days=days)
        variant = overdue(status, deadline, case)
        if variant is not None:
            yield Outcome(
                subject=item.id,
                episode=f"failing:{status.value}",
                values={"item": item.text("item") or "", "since": since, "days": days},
                span=Span(next_day(deadline)),
                variant=(*(("broken",) if status.value == _BROKEN else ()), *variant),
                severity=milder(Severity.MAJOR, variant),
                evidence=(status.said.op,),
            )
