"""An interview's record is odd: an old form, a wrong clock, a late arrival, an end before its start."""

from collections.abc import Iterator

from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, limit, number, outcome


@rule(
    "fieldwork/record",
    clause="九(一)",
    severity=Severity.INFORMATION,
    subject="household",
    at_door=False,
    parameters=("fieldwork.clock_off_minutes", "fieldwork.late_days"),
)
def record(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield interviews whose form, clock or way to the server was odd (Q18); no answer is worth less."""
    for flag in flags(household, "Q18"):
        clock_off, late = number(flag, "clock_off"), number(flag, "late_days")
        variant = {name for name in ("old_form", "backwards") if flag.values.get(name) is True}
        if clock_off is not None and abs(clock_off) > limit(case, flag, "clock_off_minutes"):
            variant.add("clock")
        if late is not None and late >= limit(case, flag, "late_days"):
            variant.add("late")
        if variant:
            yield outcome(
                household, flag, {"clock_off": clock_off or 0, "late_days": late or 0}, tuple(sorted(variant))
            )
