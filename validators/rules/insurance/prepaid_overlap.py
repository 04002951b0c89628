"""做好转移接续: a resident's premium was paid ahead, then the person took a job with cover."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._overlap import outcome_of, overlaps, runs


@rule("insurance/prepaid-overlap", clause="三(三)", severity=Severity.INFORMATION)
def prepaid_overlap(person: Person, case: Case) -> Iterator[Outcome]:
    """Resident cover that was paid before the first day of employee cover runs beside it: nobody did wrong."""
    for overlap in overlaps(person):
        if overlap.prepaid and runs(overlap, person, case.today):
            yield outcome_of(person, overlap)
