"""保障后续扶持工作资金投入: money that was allotted lies unspent."""

from collections.abc import Iterator

from core.spans import Span, add_months, next_day
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, number, ops, overdue, stated

_MONTHS, _PERCENT = "banner.fund_months", "banner.fund_unspent_percent"
_WHOLE = 100


@rule(
    "banner/fund-unspent",
    clause="九(二)",
    severity=Severity.MINOR,
    subject="banner",
    parameters=(_MONTHS, _PERCENT),
)
def fund_unspent(banner: Site, case: Case) -> Iterator[Outcome]:
    """More than some percent of the money is unspent some months after it was allotted."""
    for fund in banner.records("fund"):
        allotted, paid = stated(fund, "allotted", case), stated(fund, "paid", case)
        on = fund.day("allotted_on")
        if allotted is None or paid is None or on is None:
            continue
        total, spent = number(allotted), number(paid)
        months = int(case.parameters.at(_MONTHS, on=on, region=banner.region).value)
        percent = float(case.parameters.at(_PERCENT, on=on, region=banner.region).value)
        if (total - spent) * _WHOLE <= total * percent:
            continue
        deadline = add_months(on, months)
        variant = overdue(paid, deadline, case)
        if variant is not None:
            yield Outcome(
                subject=fund.id,
                episode="unspent",
                values={
                    "source": fund.text("source") or "",
                    "allotted": total,
                    "unspent": total - spent,
                    "on": on,
                    "months": months,
                },
                span=Span(next_day(deadline)),
                variant=variant,
                severity=milder(Severity.MINOR, variant),
                evidence=ops(allotted, paid),
            )
