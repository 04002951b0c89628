"""The sex is that of the resident ID number (Q4)."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.quality._number import sex_otherwise
from validators.stated import answered, ops, stated


@rule("quality/sex-against-id", clause="九(一)", severity=Severity.MAJOR)
def sex_against_id(person: Person, case: Case) -> Iterator[Outcome]:
    """Male or female was stated, and digit 17 of the number (odd: male) says otherwise.

    A sex that was told differently at two times is told by `ledger/contradiction`.
    """
    sex, number = answered(person, "sex", ("1", "2"), case), stated(person, "resident_id", case)
    if sex is not None and number is not None and sex_otherwise(person, str(sex.value)):
        yield Outcome(subject=person.id, episode="sex", values={}, evidence=ops(sex, number))
