"""各旗区人民政府要开展易地扶贫搬迁后续扶持工作自查: a banner has not checked itself for a year."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span, add_months, next_day
from ledger.model import Fact, Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops, stated

_MONTHS = "banner.self_check_months"


@rule(
    "banner/self-check-missing",
    clause="九(一)",
    severity=Severity.MAJOR,
    subject="banner",
    parameters=(_MONTHS,),
)
def self_check_missing(banner: Site, case: Case) -> Iterator[Outcome]:
    """The last self-check lies more than some months back, or it was told that none was held (`none`)."""
    none, last = answered(banner, "self_check.held", ("no",), case), _last(banner, case)
    told = none.said.on if last is None and none is not None else None if last is None else last[0]
    if told is None:
        return
    months = int(case.parameters.at(_MONTHS, on=told, region=banner.region).value)
    since = told if last is None else next_day(add_months(told, months))
    if last is not None and none is not None and none.said.on >= since:
        last = None
    fact = none if last is None else last[1]
    if case.today.reached(since):
        yield Outcome(
            subject=banner.id,
            episode="self-check",
            values={"last": told, "months": months},
            span=Span(since),
            variant=("none",) if last is None else (),
            evidence=ops(fact),
        )


def _last(banner: Site, case: Case) -> tuple[date, Fact] | None:
    """Return the day of the last self-check that anybody told of, and who said so."""
    said = [(banner.day("self_check.last_on"), stated(banner, "self_check.last_on", case))]
    said += [(each.day("on"), stated(each, "on", case)) for each in banner.records("self_check")]
    known = [(day, fact) for day, fact in said if day is not None and fact is not None]
    return max(known, key=lambda each: each[0], default=None)
