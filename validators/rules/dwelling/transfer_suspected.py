"""安置房所有权20年内不得转让、交易: a dwelling seems to have changed hands. Only ever a suspicion."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

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
    told, buyer = _told(dwelling, case, after), _buyer(dwelling, case, after)
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


def _told(dwelling: Record, case: Case, after: date) -> Fact | None:
    """Return the latest statement after a day that it was sold, unless a document or an office said otherwise since.

    That the household denies it at a later visit does not end a suspicion. A history keeps changes only: when nothing
    changed since that day, the fact itself tells whether it was said again.
    """
    latest = dwelling.facts.get("transfer_kind")
    told = [fact for fact in dwelling.history("transfer_kind") if fact.said.on > after]
    if not told and latest is not None and latest.said.on > after:
        told = [latest]
    for fact in reversed(told):
        if fact.value in _SOLD:
            return fact if case.today.reached(fact.said.on) else None
        if fact.said.grade >= Grade.DOCUMENT:
            return None
    return None


def _buyer(dwelling: Record, case: Case, after: date) -> Fact | None:
    """Return the statement after a day that a buyer lives in it."""
    buyer = answered(dwelling, "occupant", ("buyer",), case)
    return buyer if buyer is not None and buyer.said.on > after else None


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
    sold = dwelling.day("transfer_on")
    return decided.found == "refuted" and sold is not None and sold > decided.on
