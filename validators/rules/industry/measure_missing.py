"""小型安置点逐人逐户一对一落实具体措施: a household of a small site has no measure in force."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.surroundings import LARGE, at_large_site


@rule(
    "industry/measure-missing",
    clause="八(一)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=LARGE,
)
def measure_missing(household: Household, case: Case) -> Iterator[Outcome]:
    """The household said that no measure is in force for it, and its site is none of the large ones.

    Large sites have a plan of their own instead (八(一)a); which are large is decided as for every other clause.
    """
    track = household.track("measure")
    if track.now != "no" or track.asked is None or not case.today.reached(track.asked.on):
        return
    if not at_large_site(household, case, track.asked.on):
        yield Outcome(
            subject=household.id,
            episode="measure",
            values={"site": household.text("site") or ""},
            span=Span(track.asked.on),
            evidence=(track.asked.op,),
        )
