"""不得因搬迁出现断保: cover that was there, and was broken off for longer than the bridge."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._break import PARAMETERS, Shape, breaks, is_lapse, outcome_of


@rule(
    "insurance/lapse",
    clause="三(三)",
    severity=Severity.MAJOR,
    parameters=(*PARAMETERS, "insurance.medical.bridge_months", "insurance.pension.bridge_months"),
    version=2,
)
def lapse(person: Person, case: Case) -> Iterator[Outcome]:
    """Cover of a scheme ended and its break outlasts the bridge in force on its first day.

    三(三) is graded critical or major: critical when the break meets the window around the move (不得因搬迁出现断保) or
    the person was in a category of support (确保所有搬迁贫困人口应保尽保), else major.
    """
    for gap in breaks(person, case, Shape.INTERRUPTED):
        bridge = case.parameters.at(f"insurance.{gap.branch}.bridge_months", on=gap.span.start).value
        if is_lapse(gap, bridge):
            yield outcome_of(person, gap, case, Severity.MAJOR)
