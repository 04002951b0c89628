"""An interview was too short or too long for its form and household, at night, or over two days."""

from collections.abc import Iterator

from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, limit, number, outcome


@rule(
    "fieldwork/duration",
    clause="九(一)",
    severity=Severity.MINOR,
    subject="household",
    at_door=False,
    parameters=("fieldwork.duration_short_percent", "fieldwork.duration_long_percent"),
)
def duration(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield interviews whose length or hour calls for a second look (Q11).

    Short is below a share of the median for form and size of household (where too few were made: below a floor that was
    measured against then); long is above a multiple of it.
    """
    for flag in flags(household, "Q11"):
        minutes, short_of, long_of = (number(flag, name) for name in ("minutes", "short_of", "long_of"))
        variant = {name for name in ("hour", "days") if name in flag.values}
        share = limit(case, flag, "duration_short_percent")
        most = limit(case, flag, "duration_long_percent")
        if minutes is not None and short_of is not None and minutes < short_of:
            variant |= {"short"} if minutes * 100 < short_of * share or flag.values.get("floor") else set()
        if minutes is not None and long_of is not None and minutes * 100 > long_of * most:
            variant.add("long")
        if variant:
            told = {"minutes": minutes or 0, "usual": short_of or long_of or 0}
            yield outcome(household, flag, told, tuple(sorted(variant)))
