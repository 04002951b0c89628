"""私下出售、置换或转让安置住房的，旗区人民政府应取消其搬迁资格，收回所有权: the banner government has found so."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Grade, Household
from validators.dwelling import RESTRICTION, buyer_told, dwelling_of, restricted_until, sale_told
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops


@rule(
    "dwelling/transfer-confirmed",
    clause="七(二)",
    severity=Severity.CRITICAL,
    subject="household",
    parameters=RESTRICTION,
    at_door=False,
)
def transfer_confirmed(household: Household, case: Case) -> Iterator[Outcome]:
    """The banner government verified a private sale of a registered poor household's dwelling, by a numbered document.

    Two sources are needed: the decision, and a statement of the transfer that does not come from it, which the
    household may have denied since. The finding asks the banner to act; eligibility and ownership change by its own
    act only, never in this ledger.
    """
    dwelling = dwelling_of(household)
    decision = None if dwelling is None else answered(dwelling, "decision", ("confirmed",), case)
    if dwelling is None or decision is None or household.text("relocation_kind") == "accompanying":
        return
    document = dwelling.text("decision_no")
    sale, buyer = sale_told(dwelling, case), buyer_told(dwelling, case)
    told = buyer if sale is None else sale.fact
    sources = ops(decision, told)
    free = restricted_until(household, case)
    if decision.said.grade < Grade.AGENCY or not document or told is None or len(sources) < 2 or free is None:  # noqa: PLR2004 - two sources
        return
    day = (dwelling.day("transfer_on") if sale is None else sale.day) or told.said.on
    if day < free:
        yield Outcome(
            subject=dwelling.id,
            episode="transfer",
            values={"decision_no": document, "decided": dwelling.day("decision_on") or decision.said.on},
            span=Span(decision.said.on),
            evidence=sources,
        )
