"""应保尽保: the person is in no scheme; whether ever before is not known."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._break import PARAMETERS, Shape, breaks, outcome_of


@rule("insurance/not-covered", clause="三(三)", severity=Severity.MAJOR, parameters=PARAMETERS, version=2)
def not_covered(person: Person, case: Case) -> Iterator[Outcome]:
    """No cover of any scheme is known, and the time before is not known either.

    Critical around the move or in a category of support (应保尽保), else major.
    """
    for gap in breaks(person, case, Shape.UNCOVERED):
        if not gap.past_known:
            yield outcome_of(person, gap, case, Severity.MAJOR)
