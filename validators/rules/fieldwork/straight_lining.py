"""One choice was ticked all the way down a battery of questions."""

from collections.abc import Iterator

from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, limit, number, outcome


@rule(
    "fieldwork/straight-lining",
    clause="九(一)",
    severity=Severity.MINOR,
    subject="household",
    at_door=False,
    parameters=("fieldwork.scale_items", "fieldwork.scale_run_percent"),
)
def straight_lining(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield interviews with a run of one choice over nearly all of a battery (Q15)."""
    for flag in flags(household, "Q15"):
        run, items = number(flag, "run") or 0, number(flag, "items") or 0
        enough = items >= limit(case, flag, "scale_items")
        if enough and run * 100 > items * limit(case, flag, "scale_run_percent"):
            yield outcome(household, flag, {"run": run, "items": items})
