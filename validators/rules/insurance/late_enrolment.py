"""应保尽保: the person was enrolled, but later than the duty began."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._break import PARAMETERS, Shape, breaks, outcome_of


@rule("insurance/late-enrolment", clause="三(三)", severity=Severity.MINOR, parameters=PARAMETERS, version=2)
def late_enrolment(person: Person, case: Case) -> Iterator[Outcome]:
    """Obliged days without cover lie before the first known cover and none before them.

    Over, so a matter of record: minor; major around the move or in a category of support.
    The months of waiting for benefits (from 2025, newborns excepted) are told.
    """
    for gap in breaks(person, case, Shape.LATE):
        yield outcome_of(person, gap, case, Severity.MINOR, ended=True)
