"""在自愿的前提下有序流转: a plot was let to others against the household's will."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops


@rule("rights/land-not-voluntary", clause="七(四)", severity=Severity.MAJOR, subject="household")
def land_not_voluntary(household: Household, case: Case) -> Iterator[Outcome]:
    """A plot is let to others, and the household says that it was not of its own will."""
    for plot in household.records("plot"):
        let = answered(plot, "state", ("transferred",), case)
        unwilling = answered(plot, "own_will", ("no",), case)
        if let is not None and unwilling is not None:
            yield Outcome(
                subject=plot.id,
                episode="will",
                values={"kind": plot.text("kind") or "", "mode": plot.text("mode") or "other"},
                span=Span(unwilling.said.on),
                evidence=ops(let, unwilling),
            )
