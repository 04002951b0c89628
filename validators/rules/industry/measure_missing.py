"""小型安置点逐人逐户一对一落实具体措施: a household of a small site has no measure in force."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule

_LARGE = "industry.large_sites"
_ISSUED = date(2019, 12, 24)


@rule(
    "industry/measure-missing",
    clause="八(一)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_LARGE,),
)
def measure_missing(household: Household, case: Case) -> Iterator[Outcome]:
    """The household said that no measure is in force for it, and its site is none of the large ones.

    Large sites have a plan of their own instead; the notice does not say which are large, so they are listed.
    """
    track = household.track("measure")
    if track.now != "no" or track.asked is None or not case.today.reached(track.asked.on):
        return
    large = case.parameters.at(_LARGE, on=max(track.asked.on, _ISSUED), region=household.region).value
    if household.text("site") not in large:
        yield Outcome(
            subject=household.id,
            episode="measure",
            values={"site": household.text("site") or ""},
            span=Span(track.asked.on),
            evidence=(track.asked.op,),
        )
