"""提供就业、社保、户籍、入学、法律、政策、纠纷调解等服务: a household asked for a service and was not helped."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops

_DAYS = "community.service_days"


@rule(
    "community/service-unsolved",
    clause="四(三)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_DAYS,),
)
def service_unsolved(household: Household, case: Case) -> Iterator[Outcome]:
    """One of the seven services was asked for, and more than some days later the matter was told not to be settled."""
    for service in household.records("service"):
        unsolved = answered(service, "solved", ("no",), case)
        asked = service.day("on")
        if unsolved is None or asked is None:
            continue
        days = int(case.parameters.at(_DAYS, on=asked, region=household.region).value)
        deadline = asked + timedelta(days=days)
        if unsolved.said.on > deadline:
            yield Outcome(
                subject=service.id,
                episode="unsolved",
                values={"service": service.text("service") or "", "asked": asked},
                span=Span(next_day(deadline)),
                evidence=ops(unsolved, service.facts.get("on")),
            )
