"""不得因搬迁出现断保: a break of cover that is over stays on record."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._break import PARAMETERS, Shape, breaks, is_lapse, outcome_of


@rule(
    "insurance/lapse-ended",
    clause="三(三)",
    severity=Severity.MINOR,
    parameters=(*PARAMETERS, "insurance.medical.bridge_months", "insurance.pension.bridge_months"),
    version=2,
)
def lapse_ended(person: Person, case: Case) -> Iterator[Outcome]:
    """Cover ended, and was resumed; or the person died or left during the break, which stops at that date.

    Nothing is left to mend but its consequences, such as bills of those months: minor, major around the move or in a
    category of support. A break within the bridge, which is paid back: information, minor there.
    """
    for gap in breaks(person, case, Shape.ENDED):
        bridge = case.parameters.at(f"insurance.{gap.branch}.bridge_months", on=gap.span.start).value
        severity = Severity.MINOR if is_lapse(gap, bridge) else Severity.INFORMATION
        yield outcome_of(person, gap, case, severity, ended=True)
