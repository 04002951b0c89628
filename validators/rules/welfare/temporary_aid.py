"""对遭遇突发性、紧迫性、临时性生活困难的搬迁家庭，要及时给予临时救助: no aid came in time."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, ops, overdue, stated

_DAYS = "welfare.aid_days"


@rule(
    "welfare/temporary-aid",
    clause="三(三)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_DAYS,),
)
def temporary_aid(household: Household, case: Case) -> Iterator[Outcome]:
    """A sudden hardship since the move, and no aid was received within some days of it, whether applied for or not.

    To give aid is the office's duty (及时给予), so it does not wait for an application. `not_applied` when the
    household said that it did not apply; minor and `unverified` when nobody has asked since the days ran out.
    """
    for shock in household.records("shock"):
        told, happened = stated(shock, "on", case), shock.day("on")
        before_move = household.move_in is not None and happened is not None and happened < household.move_in
        if told is None or happened is None or before_move or shock.day("aid_on"):
            continue
        days = int(case.parameters.at(_DAYS, on=happened, region=household.region).value)
        deadline = happened + timedelta(days=days)
        applied = shock.facts.get("applied")
        variant = overdue(applied or told, deadline, case)
        if variant is not None:
            asked = ("not_applied",) if shock.text("applied") == "no" else ()
            yield Outcome(
                subject=shock.id,
                episode="aid",
                values={"happened": happened, "days": days},
                span=Span(next_day(deadline)),
                variant=(*asked, *variant),
                severity=milder(Severity.MAJOR, variant),
                evidence=ops(told, applied),
            )
