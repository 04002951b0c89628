"""One enumerator was in two places at once, faster than a car, or in too many households in a day."""

from collections.abc import Iterator

from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, limit, number, outcome


@rule(
    "fieldwork/pace",
    clause="九(一)",
    severity=Severity.MINOR,
    subject="household",
    at_door=False,
    parameters=("fieldwork.pace_speed", "fieldwork.pace_per_day"),
)
def pace(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield what cannot be, or hardly be, in the order of one enumerator's interviews (Q13).

    Two interviews in two households at once are critical. A day is too full above the limit, or above a multiple of the
    median day when it reaches half the limit.
    """
    for flag in flags(household, "Q13"):
        minutes, speed, count = (number(flag, name) for name in ("minutes", "speed", "in_a_day"))
        variant = set()
        if minutes is not None:
            variant.add("at_once")
        if speed is not None and speed > limit(case, flag, "pace_speed"):
            variant.add("fast")
        if count is not None and count * 2 > limit(case, flag, "pace_per_day"):
            variant.add("many")
        if variant:
            told = {"minutes": minutes or 0, "speed": speed or 0, "count": count or 0}
            severity = Severity.CRITICAL if "at_once" in variant else None
            yield outcome(household, flag, told, tuple(sorted(variant)), severity)
