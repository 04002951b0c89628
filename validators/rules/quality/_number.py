"""What a resident ID number tells of its holder (GB 11643): day of birth and sex. The number goes into no finding."""

from datetime import date

from ledger.model import Person
from ledger.persons import resident_id

_BORN = slice(6, 14)
_SEX = 16


def born_otherwise(person: Person, born: date) -> bool:
    """Tell whether the number, if it is right, tells another day of birth."""
    number = person.text("resident_id") or ""
    return number[_BORN] != f"{born:%Y%m%d}" and resident_id(number) is not None


def sex_otherwise(person: Person, sex: str) -> bool:
    """Tell whether the number, if it is right, tells the other sex (GB/T 2261.1: 1 male, 2 female)."""
    number = person.text("resident_id") or ""
    odd = number[_SEX : _SEX + 1] in {"1", "3", "5", "7", "9"}
    return odd is not (sex == "1") and resident_id(number) is not None
