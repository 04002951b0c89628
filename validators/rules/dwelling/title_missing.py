"""有序开展不动产权登记，核发不动产权证: a dwelling has no certificate long after it was handed over."""

from collections.abc import Iterator

from core.spans import Span, add_months, next_day
from ledger.model import Household
from validators.dwelling import dwelling_of
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, milder, ops, overdue

_MONTHS = "dwelling.title_months"


@rule(
    "dwelling/title-missing",
    clause="七(二)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_MONTHS,),
)
def title_missing(household: Household, case: Case) -> Iterator[Outcome]:
    """No certificate was issued within some months of the handover (of moving in, when no handover is recorded).

    Special ways of resettlement are left out (除特殊安置方式外). `obstacle` when it is known what stands in the way.
    """
    dwelling = dwelling_of(household)
    missing = None if dwelling is None else answered(dwelling, "cert", ("no",), case)
    if dwelling is None or missing is None or dwelling.text("special_mode") == "yes":
        return
    handed_over = dwelling.day("handover_on") or household.move_in
    if handed_over is None or dwelling.day("cert_issued_on") or dwelling.text("cert_no"):
        return
    months = int(case.parameters.at(_MONTHS, on=handed_over, region=household.region).value)
    deadline = add_months(handed_over, months)
    variant = overdue(missing, deadline, case)
    if variant is not None:
        obstacle = dwelling.text("cert_obstacle")
        yield Outcome(
            subject=dwelling.id,
            episode="title",
            values={"months": months, "obstacle": obstacle or ""},
            span=Span(next_day(deadline)),
            variant=(*(("obstacle",) if obstacle else ()), *variant),
            severity=milder(Severity.MAJOR, variant),
            evidence=ops(missing, dwelling.facts.get("cert_obstacle")),
        )
