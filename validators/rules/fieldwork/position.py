"""An interview was not where the household lives, or its position tells nothing."""

from collections.abc import Iterator

from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, limit, number, outcome

_LIMITS = {
    "accuracy": "position_accuracy",
    "from_dwelling": "position_from_dwelling",
    "from_site": "position_from_site",
}


@rule(
    "fieldwork/position",
    clause="九(一)",
    severity=Severity.MINOR,
    subject="household",
    at_door=False,
    parameters=(*(f"fieldwork.{name}" for name in _LIMITS.values()), "fieldwork.position_repeats"),
)
def position(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield interviews made far from dwelling or site, with an imprecise, repeated or made-up position (Q12)."""
    for flag in flags(household, "Q12"):
        over = {
            name
            for name, parameter in _LIMITS.items()
            if (measured := number(flag, name)) is not None and measured > limit(case, flag, parameter)
        }
        households = number(flag, "households")
        if households is not None and households >= limit(case, flag, "position_repeats"):
            over.add("repeated")
        if flag.values.get("mock") is True:
            over.add("mock")
        if over:
            metres = max((number(flag, name) or 0 for name in _LIMITS if name in over), default=0)
            yield outcome(
                household, flag, {"metres": metres, "households": households or 0}, tuple(sorted(over))
            )
