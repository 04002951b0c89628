"""What the labour ledger must hold of a person (五(一)), shared by the rules on missing and on stale records."""

from datetime import date

from core.spans import birthday
from ledger.model import Person
from validators.rule import Case
from validators.verdict import NO
from validators.work import STANDARD, Standard, able, in_school, standard

RECORD = (*STANDARD, "work.record.first_days")
"""Parameters that `owed_since` asks for."""


def owed_since(person: Person, case: Case) -> date | None:
    """Return the day since when a record is owed, or None when none is owed (any more).

    Owed of members of labour age from the move, from joining or from coming of age on; not of pupils and students, nor
    of those without ability to work. Of whom nobody stated the date of birth, only if the register calls them able.
    """
    move_in = case.household.move_in
    if move_in is None or person.left is not None:
        return None
    since = max(move_in, person.joined or move_in)
    norm = norms(case, since)
    birth = person.birth_date
    if birth is not None:
        since = max(since, birthday(birth, norm.first_age))
        if not case.today.reached(since) or case.today.reached(birthday(birth, norm.last_age + 1)):
            return None
    elif person.text("skill_class") not in norm.able:
        return None
    return None if able(person, date.max, norm) is NO or in_school(person, date.max) else since


def norms(case: Case, on: date) -> Standard:
    """Return what counts on a day where the household lives."""
    return standard(case.parameters, on, case.household.region)
