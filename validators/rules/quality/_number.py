"""What a resident ID number tells of its holder (GB 11643): day of birth and sex. The number goes into no finding."""

from datetime import date
from typing import NamedTuple

from ledger.model import Person
from ledger.persons import resident_id

_BORN = slice(6, 14)
_SEX = 16


class Told(NamedTuple):
    """Day of birth and sex (GB/T 2261.1) by the number."""

    born: date
    sex: str


def by_number(person: Person) -> Told | None:
    """Return what the number tells; None without a number that is right."""
    number = resident_id(person.text("resident_id"))
    if number is None:
        return None
    day = number[_BORN]
    born = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    return Told(born, "1" if int(number[_SEX]) % 2 else "2")
