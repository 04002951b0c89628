"""应拆未拆旧房予以拆除: an old house stands and no transition was granted."""

from collections.abc import Iterator

from core.spans import Span, next_day
from ledger.model import Household
from validators.dwelling import TRANSITION, transition_ends, transition_starts
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.old_house._standing import is_protected
from validators.stated import answered, ops

_STANDING = ("1",)


@rule(
    "old_house/due-now",
    clause="六(一)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=TRANSITION,
)
def due_now(household: Household, case: Case) -> Iterator[Outcome]:
    """No transition was granted for an old house that stands: it is due as soon as the household has moved in.

    The year is an option (可预留), not a right; once it has passed `old_house/overdue` speaks instead. Where nobody
    knows whether a transition was granted, nothing is said before the year has passed.
    """
    for house in household.records("old_house"):
        state = answered(house, "state", _STANDING, case)
        refused = answered(house, "transition", ("no",), case)
        if state is None or refused is None or is_protected(house):
            continue
        start, last = transition_starts(household, case), transition_ends(household, case)
        if last is None or start is None or not case.today.reached(start):
            continue
        if not case.today.reached(next_day(last)):
            yield Outcome(
                subject=house.id,
                episode="due",
                values={"last": last},
                span=Span(start, last),
                evidence=ops(state, refused),
            )
