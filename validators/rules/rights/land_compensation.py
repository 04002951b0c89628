"""维持搬迁户依法享有的土地政策性补偿不变: compensation for a plot goes to whoever took it over."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered


@rule("rights/land-compensation", clause="七(四)", severity=Severity.MAJOR, subject="household")
def land_compensation(household: Household, case: Case) -> Iterator[Outcome]:
    """The policy compensation for a plot of the household is received by the taker."""
    for plot in household.records("plot"):
        taken = answered(plot, "compensation_to", ("taker",), case)
        if taken is not None:
            yield Outcome(
                subject=plot.id,
                episode="compensation",
                values={"kind": plot.text("kind") or ""},
                span=Span(taken.said.on),
                evidence=(taken.said.op,),
            )
