"""做好各类社会保障政策的转移接续: the minimum living allowance paused at the move."""

from collections.abc import Iterator

from core.spans import FOREVER, Span, next_day, previous_day
from ledger.model import Household
from validators.household import MOVE_DAYS, allowance_breaks
from validators.rule import Case, Outcome, Severity, rule

_MONTHS = "welfare.dibao_gap_months"


@rule(
    "welfare/dibao-gap",
    clause="三(三)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(MOVE_DAYS, _MONTHS),
)
def dibao_gap(household: Household, case: Case) -> Iterator[Outcome]:
    """The allowance ended around the move, and was known not to be paid for longer than some months.

    It has come back since, or nobody said whether the income was calculated anew. A stop after a calculation is in
    order; one without it that lasts is `rights/dibao-stopped`.
    """
    measured = household.text("dibao.recalculated")
    for each in allowance_breaks(household, case):
        if measured == "yes" or (measured == "no" and each.after is None):
            continue
        start = next_day(each.before.stated_end)
        months = int(case.parameters.at(_MONTHS, on=start, region=household.region).value)
        known = Span(start, max(start, each.known_until))
        if known.outlasts(months=months) and case.today.reached(known.end):
            yield Outcome(
                subject=household.id,
                episode=f"dibao:{start.isoformat()}",
                values={"months": known.whole_months},
                span=Span(start, previous_day(each.after.start) if each.after else FOREVER),
                evidence=tuple(sorted({*each.before.ops, *(each.after.ops if each.after else ())})),
            )
