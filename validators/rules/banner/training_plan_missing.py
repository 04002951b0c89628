"""各旗区制定就业培训计划，计划要精准到户、精准到人: a banner has no training plan for the year."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span, next_day
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, milder, overdue

_BY = "banner.training_plan_by"


@rule(
    "banner/training-plan-missing",
    clause="五(二)",
    severity=Severity.MAJOR,
    subject="banner",
    parameters=(_BY,),
)
def training_plan_missing(banner: Site, case: Case) -> Iterator[Outcome]:
    """There is no plan that names households and persons by a day of the year.

    Of a year in which nobody was asked, it is told as not verified, if the last known plan is an earlier year's.
    """
    told = answered(banner, "training_plan", ("yes", "no"), case)
    if told is None:
        return
    planned = (banner.day("training_plan.on") or told.said.on).year if told.value == "yes" else None
    year = told.said.on.year if planned is None else planned + 1
    by = str(case.parameters.at(_BY, on=date(year, 1, 1), region=banner.region).value)
    last = date.fromisoformat(f"{year}-{by}")
    variant = overdue(told, last, case)
    if variant is not None:
        yield Outcome(
            subject=banner.id,
            episode=f"plan:{year}",
            values={"year": year},
            span=Span(next_day(last)),
            variant=variant,
            severity=milder(Severity.MAJOR, variant),
            evidence=(told.said.op,),
        )
