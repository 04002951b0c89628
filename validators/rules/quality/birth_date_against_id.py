"""The date of birth is that of the resident ID number (Q3)."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.quality._number import by_number
from validators.stated import ops, stated


@rule("quality/birth-date-against-id", clause="九(一)", severity=Severity.MAJOR)
def birth_date_against_id(person: Person, case: Case) -> Iterator[Outcome]:
    """The date of birth differs from digits 7 to 14 of the number.

    Two dates of birth that were told at two times are told by `ledger/contradiction`.
    """
    told, born = by_number(person), stated(person, "birth_date", case)
    number = stated(person, "resident_id", case)
    if told is not None and born is not None and number is not None and told.born != born.value:
        yield Outcome(subject=person.id, episode="birth-date", values={}, evidence=ops(born, number))
