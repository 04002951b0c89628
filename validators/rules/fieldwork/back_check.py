"""A back-check by another team found other answers."""

from collections.abc import Iterator

from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, limit, number, outcome


@rule(
    "fieldwork/back-check",
    clause="九(一)",
    severity=Severity.MAJOR,
    subject="household",
    at_door=False,
    parameters=("fieldwork.backcheck_percent",),
)
def back_check(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield interviews of whose back-checked answers too many differ (Q19)."""
    for flag in flags(household, "Q19"):
        percent = number(flag, "percent") or 0
        if percent > limit(case, flag, "backcheck_percent"):
            yield outcome(household, flag, {"percent": percent, "items": number(flag, "items") or 0})
