"""流转收益归搬迁户所有: the rent of a plot is due and was not paid, or not all of it."""

from collections.abc import Iterator

from core.spans import Span, next_day
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, ops, overdue, stated


@rule("rights/land-rent-unpaid", clause="七(四)", severity=Severity.MAJOR, subject="household")
def land_rent_unpaid(household: Household, case: Case) -> Iterator[Outcome]:
    """A plot is let, its rent was due, and less than that was received; the day of payment itself is still in time.

    What was received must have been told: nothing said of it is unknown. `unverified` when it was told before the day.
    """
    for plot in household.records("plot"):
        received, due_on = stated(plot, "rent_paid", case), plot.day("rent_due_on")
        due, paid = plot.number("rent_due"), plot.number("rent_paid")
        if received is None or due_on is None or due is None or paid is None or paid >= due:
            continue
        variant = overdue(received, due_on, case) if plot.text("state") == "transferred" else None
        if variant is not None:
            yield Outcome(
                subject=plot.id,
                episode=f"rent:{due_on.isoformat()}",
                values={
                    "kind": plot.text("kind") or "",
                    "rent_due": due,
                    "rent_paid": paid,
                    "due_on": due_on,
                },
                span=Span(next_day(due_on)),
                variant=variant,
                severity=milder(Severity.MAJOR, variant),
                evidence=ops(received, plot.facts.get("rent_due")),
            )
