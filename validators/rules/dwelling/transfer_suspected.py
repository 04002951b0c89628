"""安置房所有权20年内不得转让、交易: a dwelling seems to have changed hands. Only ever a suspicion."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Fact, Grade, Household, Record
from validators.dwelling import RESTRICTION, changed_on, dwelling_of, restricted_until
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import SUSPECTED, answered, ops

_SOLD = ("1", "2", "3")


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
    not decided the finding stays `suspected`, and no status of the household changes. Its decision ends the suspicion.
    The day of the sale is sensitive, so it stands in the values, which are sealed (ADR 16); the span begins with the
    statement.
    """
    dwelling = dwelling_of(household)
    if dwelling is None or _decided(dwelling, case):
        return
    told = _told(dwelling, case)
    buyer = answered(dwelling, "occupant", ("buyer",), case)
    seen = told or buyer
    if seen is None:
        return
    free = restricted_until(household, case)
    if free is None:
        return
    day, known = changed_on(dwelling, "transfer_on", seen)
    if day < free:
        sources = ops(told, buyer)
        yield Outcome(
            subject=dwelling.id,
            episode="transfer",
            values={
                "transfer_kind": str(told.value) if told else "buyer",
                "day": day,
                "free": free,
                "sources": len(sources),
            },
            span=Span(seen.said.on),
            variant=(SUSPECTED,) if known else (SUSPECTED, "when_unknown"),
            evidence=sources,
        )


def _told(dwelling: Record, case: Case) -> Fact | None:
    """Return the latest statement that it was sold, unless a document or an office has said otherwise since.

    That the household denies it at a later visit does not end a suspicion.
    """
    for fact in reversed(dwelling.history("transfer_kind")):
        if fact.value in _SOLD:
            return fact if case.today.reached(fact.said.on) else None
        if fact.said.grade >= Grade.DOCUMENT:
            return None
    return None


def _decided(dwelling: Record, case: Case) -> bool:
    """Tell whether the banner government has decided, with a document."""
    decision = answered(dwelling, "decision", ("confirmed", "refuted"), case)
    return decision is not None and decision.said.grade >= Grade.AGENCY and bool(dwelling.text("decision_no"))
