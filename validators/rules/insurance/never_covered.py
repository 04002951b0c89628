"""不得出现漏保: nobody ever enrolled the person."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._break import PARAMETERS, Shape, breaks, outcome_of


@rule("insurance/never-covered", clause="三(三)", severity=Severity.MAJOR, parameters=PARAMETERS, version=2)
def never_covered(person: Person, case: Case) -> Iterator[Outcome]:
    """No cover of any scheme is known, and it is known that there was none since the duty began.

    Critical around the move or in a category of support (应保尽保), else major. A newborn has the grace after birth.
    """
    for gap in breaks(person, case, Shape.UNCOVERED):
        if gap.past_known:
            yield outcome_of(person, gap, case, Severity.MAJOR)
