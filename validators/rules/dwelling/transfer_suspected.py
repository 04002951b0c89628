"""安置房所有权20年内不得转让、交易: a dwelling seems to have changed hands. Only ever a suspicion."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from core.spans import Span
from ledger.model import Grade, Household, Record
from validators.dwelling import RESTRICTION, buyer_told, dwelling_of, restricted_until, sale_told
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import SUSPECTED, answered, ops


@rule(
    "dwelling/transfer-suspected",
    clause="二(二)",
    severity=Severity.CRITICAL,
    subject="household",
    parameters=RESTRICTION,
    at_door=False,
)
def transfer_suspected(household: Household, case: Case) -> Iterator[Outcome]:
    """The dwelling was told to be sold, exchanged or given over (or a buyer lives in it) while it may not be.

    What is said at a door is no evidence for taking a house (DOMAIN §7): the banner government verifies. While it has
    not decided the finding stays `suspected`, and no status of the household changes. Its decision ends the suspicion;
    that one sale was refuted says nothing of another that is dated and told of after the decision.
    The day of the sale is sensitive, so it stands in the values, which are sealed (ADR 16); the span begins with the
    statement.
    """
    dwelling = dwelling_of(household)
    if dwelling is None:
        return
    decided = _decided(dwelling, case)
    if decided is not None and not _sold_since(dwelling, decided):
        return
    after = date.min if decided is None else decided.on
    told, buyer = sale_told(dwelling, case, after), buyer_told(dwelling, case, after)
    sold = None if told is None else told.fact
    seen, free = sold or buyer, restricted_until(household, case)
    if seen is None or free is None:
        return
    stated = dwelling.day("transfer_on") if told is None else told.day
    day = stated or seen.said.on
    if day < free:
        sources = ops(sold, buyer)
        yield Outcome(
            subject=dwelling.id,
            episode="transfer",
            values={
                "transfer_kind": str(sold.value) if sold else "buyer",
                "day": day,
                "free": free,
                "sources": len(sources),
            },
            span=Span(seen.said.on),
            variant=(SUSPECTED,) if stated else (SUSPECTED, "when_unknown"),
            evidence=sources,
        )


class _Decision(NamedTuple):
    """What the banner government found, and the day of it."""

    found: str
    on: date


def _decided(dwelling: Record, case: Case) -> _Decision | None:
    """Return what the banner government has decided, with a document."""
    decision = answered(dwelling, "decision", ("confirmed", "refuted"), case)
    if decision is None or decision.said.grade < Grade.AGENCY or not dwelling.text("decision_no"):
        return None
    return _Decision(str(decision.value), dwelling.day("decision_on") or decision.said.on)


def _sold_since(dwelling: Record, decided: _Decision) -> bool:
    """Tell whether a sale was refuted and another is dated after that."""
    if decided.found != "refuted":
        return False
    return any(
        isinstance(fact.value, date) and fact.value > decided.on for fact in dwelling.history("transfer_on")
    )
