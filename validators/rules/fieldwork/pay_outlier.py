"""Pay lies far from that of others who do the same work in a place of the same kind."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.fieldwork.earnings import PAY, is_outlying
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import limit, number
from validators.stated import ops, stated


@rule(
    "fieldwork/pay-outlier",
    clause="九(一)",
    severity=Severity.MINOR,
    subject="household",
    parameters=("fieldwork.pay_by", "fieldwork.pay_iqr", "fieldwork.pay_deviations"),
)
def pay_outlier(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield members whose pay of a month lies outside the fences of their occupation and place (Q10).

    The fences are 1.5 quartile distances on the logarithm, or else 3 standard deviations, as a parameter says. A flag
    counts while the pay that was measured is the one that stands. The amounts stand in the ledger, not in the finding.
    """
    for flag in household.flags:
        person = household.person(flag.subject) if flag.check == "Q10" else None
        pay = None if person is None or person.left is not None else stated(person, PAY, case)
        if person is None or pay is None or pay.said.op != flag.op:
            continue
        iqrs, deviations = number(flag, "iqrs") or 0, number(flag, "deviations") or 0
        by = str(case.parameters.at("fieldwork.pay_by", on=flag.on, region=case.region).value)
        if is_outlying(
            iqrs, deviations, by, limit(case, flag, "pay_iqr"), limit(case, flag, "pay_deviations")
        ):
            yield Outcome(
                subject=person.id,
                episode=f"Q10:{pay.said.op}",
                values={"persons": int(number(flag, "persons") or 0)},
                span=Span(pay.said.on),
                variant=("low",) if flag.values.get("side") == "low" else (),
                evidence=tuple(sorted({flag.by, *ops(pay)})),
            )
