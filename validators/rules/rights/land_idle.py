"""鼓励和引导搬迁户有序流转: a plot lies idle, and the household wants help in letting it."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops

_SEASONS = "rights.idle_seasons"


@rule(
    "rights/land-idle", clause="七(四)", severity=Severity.MAJOR, subject="household", parameters=(_SEASONS,)
)
def land_idle(household: Household, case: Case) -> Iterator[Outcome]:
    """A plot lies idle for more than some seasons, and the household wants help. Who wants none is left alone."""
    for plot in household.records("plot"):
        idle = answered(plot, "state", ("idle",), case)
        wants = answered(plot, "wants_help", ("yes",), case)
        seasons = plot.number("idle_seasons")
        if idle is None or wants is None or seasons is None:
            continue
        allowed = case.parameters.at(_SEASONS, on=idle.said.on, region=household.region).value
        if seasons > allowed:
            yield Outcome(
                subject=plot.id,
                episode="idle",
                values={"kind": plot.text("kind") or "", "seasons": int(seasons)},
                span=Span(idle.said.on),
                evidence=ops(idle, wants, plot.facts.get("idle_seasons")),
            )
