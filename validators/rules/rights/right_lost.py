"""土地承包权、林草地承包权、集体收益分配权和其它惠农惠牧政策权益不变: a right was lost after the move."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.household import head, registration_moved
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops


@rule("rights/right-lost", clause="七(一)", severity=Severity.CRITICAL, subject="household")
def right_lost(household: Household, case: Case) -> Iterator[Outcome]:
    """A right that the household held before the move is not held now, and was not lost before it.

    The day that counts is that of the registration's move, else of moving in; a loss without a day came after it, for
    the right was held before the move. `registration` when the head's registration has moved.
    """
    for right in household.records("right"):
        before = answered(right, "held_before", ("yes",), case)
        now = answered(right, "held", ("no",), case)
        if before is None or now is None:
            continue
        chief = head(household)
        moved = None if chief is None else registration_moved(chief, household)
        since = household.move_in
        lost = right.day("lost_on")
        if lost is not None and since is not None and lost < since:
            continue
        after_registration = moved is not None and (lost is None or lost >= moved.start)
        yield Outcome(
            subject=right.id,
            episode="lost",
            values={"right": right.text("right") or ""},
            span=Span(lost or since or now.said.on),
            variant=("registration",) if after_registration else (),
            evidence=ops(before, now),
        )
