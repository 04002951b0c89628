"""Two interviews of one enumerator in two households are nearly the same."""

from collections.abc import Iterator

from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, limit, number, outcome


@rule(
    "fieldwork/near-duplicate",
    clause="九(一)",
    severity=Severity.MINOR,
    subject="household",
    at_door=False,
    parameters=("fieldwork.duplicate_percent", "fieldwork.duplicate_items"),
)
def near_duplicate(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield interviews that share too many answers with another household's (Q14; Kuriakose and Robbins 2015)."""
    for flag in flags(household, "Q14"):
        percent, items = number(flag, "percent") or 0, number(flag, "items") or 0
        enough = items >= limit(case, flag, "duplicate_items")
        if enough and percent >= limit(case, flag, "duplicate_percent"):
            yield outcome(household, flag, {"percent": percent, "items": items})
