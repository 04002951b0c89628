"""经测算符合条件的，继续享受低保: the allowance stopped at the move, and the income was not calculated anew."""

from collections.abc import Iterator

from core.spans import Span, next_day
from ledger.model import Household
from validators.household import MOVE_DAYS, allowance_breaks
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered


@rule(
    "rights/dibao-stopped",
    clause="七(三)",
    severity=Severity.CRITICAL,
    subject="household",
    parameters=(MOVE_DAYS,),
)
def dibao_stopped(household: Household, case: Case) -> Iterator[Outcome]:
    """The allowance ended around the move, has not come back, and nobody calculated the income anew before.

    When the income was calculated and lies above the standard, to stop is in order.
    """
    for each in allowance_breaks(household, case):
        unmeasured = answered(household, "dibao.recalculated", ("no",), case)
        stopped = next_day(each.before.stated_end)
        if unmeasured is not None and each.after is None and case.today.reached(stopped):
            yield Outcome(
                subject=household.id,
                episode=f"dibao:{stopped.isoformat()}",
                values={"known_until": each.known_until},
                span=Span(stopped),
                evidence=tuple(sorted({*each.before.ops, unmeasured.said.op})),
            )
