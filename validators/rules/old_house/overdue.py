"""过渡期满后必须拆除: an old house stands after the year that the notice allows."""

from collections.abc import Iterator

from core.spans import Span, next_day
from ledger.model import Household
from validators.dwelling import TRANSITION, transition_ends
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.old_house._standing import is_protected, standing
from validators.stated import milder, ops, overdue


@rule(
    "old_house/overdue",
    clause="六(一)",
    severity=Severity.CRITICAL,
    subject="household",
    parameters=TRANSITION,
)
def old_house_overdue(household: Household, case: Case) -> Iterator[Outcome]:
    """An old house that ought to go stands, wholly or in part, after the transition of a year at most.

    Critical when it was seen standing after that day, major when nobody has looked since (`unverified`). A house that
    the banner government recognised as protected is none. `lived_in` when somebody lives in it.
    """
    for house in household.records("old_house"):
        state = standing(house, case)
        if state is None or is_protected(house):
            continue
        last = transition_ends(household, case)
        variant = None if last is None else overdue(state, last, case)
        if last is not None and variant is not None:
            lived_in_by = house.text("lived_in_by") or "nobody"
            lived_in = lived_in_by != "nobody"
            yield Outcome(
                subject=house.id,
                episode="overdue",
                values={"state": str(state.value), "last": last, "lived_in_by": lived_in_by},
                span=Span(next_day(last)),
                variant=(*(("lived_in",) if lived_in else ()), *variant),
                severity=milder(Severity.CRITICAL, variant),
                evidence=ops(state, house.facts.get("lived_in_by")),
            )
