"""做好转移接续: a break short enough to be bridged by paying back."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._break import PARAMETERS, Shape, breaks, is_lapse, outcome_of, year_over


@rule(
    "insurance/lapse-short",
    clause="三(三)",
    severity=Severity.MINOR,
    parameters=(*PARAMETERS, "insurance.medical.bridge_months", "insurance.pension.bridge_months"),
    version=2,
)
def lapse_short(person: Person, case: Case) -> Iterator[Outcome]:
    """Cover of a scheme ended, and the known break is still within the bridge.

    Minor, because it may be paid back and cover be restored; major around the move or in a category of support, while
    there is time to mend it. A resident's pension premium may be paid until the end of the year: until then it is a
    reminder, and once the year is over it is not known whether it was paid.
    """
    for gap in breaks(person, case, Shape.INTERRUPTED):
        bridge = case.parameters.at(f"insurance.{gap.branch}.bridge_months", on=gap.span.start).value
        if not is_lapse(gap, bridge) and not year_over(gap, case):
            yield outcome_of(person, gap, case, Severity.MINOR)
