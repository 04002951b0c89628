"""做好转移接续: the same person is insured twice for the same days."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._overlap import outcome_of, overlaps, runs


@rule("insurance/double-cover", clause="三(三)", severity=Severity.MINOR)
def double_cover(person: Person, case: Case) -> Iterator[Outcome]:
    """Resident cover paid on or after the first day of employee cover, or one scheme at two places (重复参保).

    Minor: nobody is without cover; the premium paid twice is to be stopped or refunded.
    """
    for overlap in overlaps(person):
        if not overlap.prepaid and runs(overlap, person, case.today):
            yield outcome_of(person, overlap)
