"""攻坚期内原则上不允许出租；稳定脱贫后出租应报苏木乡镇（街道办事处）审核许可: a dwelling is let."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Grade, Household
from validators.dwelling import changed_on, dwelling_of
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import SUSPECTED, answered, ops

_CAMPAIGN_END = "dwelling.campaign_end"


@rule(
    "dwelling/lease",
    clause="二(二)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_CAMPAIGN_END,),
)
def lease(household: Household, case: Case) -> Iterator[Outcome]:
    """The dwelling was let during the campaign without an exception (`campaign`), or later without a permit.

    Leasing is not selling: no year of the restriction counts here. The ban of the campaign is for the dwellings of
    registered poor households. What a document or an office did not show is `suspected`.
    """
    dwelling = dwelling_of(household)
    let = None if dwelling is None else answered(dwelling, "leased", ("yes",), case)
    if dwelling is None or let is None:
        return
    began, _ = changed_on(dwelling, "lease_from", let)
    campaign = began <= case.parameters.at(_CAMPAIGN_END, on=began, region=household.region).value
    if campaign and household.text("relocation_kind") == "accompanying":
        return
    if dwelling.text("lease_exception" if campaign else "lease_permit"):
        return
    suspected = (SUSPECTED,) if let.said.grade < Grade.DOCUMENT else ()
    yield Outcome(
        subject=dwelling.id,
        episode=f"lease:{'campaign' if campaign else 'permit'}",
        values={"began": began},
        span=Span(began),
        variant=(*(("campaign",) if campaign else ()), *suspected),
        evidence=ops(let, dwelling.facts.get("lease_from")),
    )
