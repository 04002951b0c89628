"""旧房拆除可预留1年的过渡期: the year is about to end."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Household
from validators.dwelling import TRANSITION, transition_ends
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.old_house._standing import is_protected, standing
from validators.stated import ops

_REMIND, _AGAIN = "old_house.remind_days", "old_house.remind_again_days"


@rule(
    "old_house/due-soon",
    clause="六(一)",
    severity=Severity.INFORMATION,
    subject="household",
    parameters=(*TRANSITION, _REMIND, _AGAIN),
)
def due_soon(household: Household, case: Case) -> Iterator[Outcome]:
    """An old house stands in its transition, and the year ends in 90 days; in 30 days it is minor (`soon`).

    A house without a transition is due already and is not reminded of. After the last day `old_house/overdue` speaks.
    """
    for house in household.records("old_house"):
        state = standing(house, case)
        if state is None or is_protected(house) or house.text("transition") == "no":
            continue
        last = transition_ends(household, case)
        if last is None or case.today.reached(next_day(last)):
            continue
        first, again = (
            last - timedelta(days=int(case.parameters.at(name, on=last, region=household.region).value))
            for name in (_REMIND, _AGAIN)
        )
        if not case.today.reached(first):
            continue
        soon = case.today.reached(again)
        yield Outcome(
            subject=house.id,
            episode="reminder",
            values={"last": last},
            span=Span(first, last),
            variant=("soon",) if soon else (),
            severity=Severity.MINOR if soon else None,
            due=last,
            evidence=ops(state, house.facts.get("transition")),
        )
