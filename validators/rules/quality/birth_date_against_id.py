"""The date of birth is that of the resident ID number (Q3)."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.quality._number import born_otherwise
from validators.stated import ops, stated


@rule("quality/birth-date-against-id", clause="九(一)", severity=Severity.MAJOR)
def birth_date_against_id(person: Person, case: Case) -> Iterator[Outcome]:
    """The date of birth differs from digits 7 to 14 of the number.

    Two dates of birth that were told at two times are told by `ledger/contradiction`.
    """
    born, number = stated(person, "birth_date", case), stated(person, "resident_id", case)
    if born is None or number is None or person.birth_date is None:
        return
    if born_otherwise(person, person.birth_date):
        yield Outcome(subject=person.id, episode="birth-date", values={}, evidence=ops(born, number))
