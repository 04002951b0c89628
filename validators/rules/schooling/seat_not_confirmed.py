"""A seat at the new place is confirmed before the child needs it (三(一): 落实教育学位)."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import FOREVER, Span
from ledger.model import Person, Spell
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.schooling._absence import ABSENCE, Owner, absences
from validators.schooling import Pupil, evidence, pupil

_FINAL_GRADE = 9
_BANNER = 6  # digits of a banner's code (GB/T 2260)


@rule(
    "schooling/seat-not-confirmed",
    clause="三(一)",
    severity=Severity.MAJOR,
    parameters=(
        *ABSENCE,
        "schooling.seat_days_before",
        "schooling.transfer_teaching_days",
        "schooling.enrolment_teaching_days",
    ),
    version=2,
)
def seat_not_confirmed(person: Person, case: Case) -> Iterator[Outcome]:
    """The family wants a seat at the new place, and none is confirmed, from some days before it is needed.

    It is needed from move-in, or from the autumn of entry if that is later. A child who stays at the school of origin
    and wants no seat is no case; nor is grade 9, in which schools take no transfers. A school that began around the
    move or later, or a transfer that was accepted, is a seat. Once the child is known to have lost days of school, the
    rules about absence speak of it, and this one no more.
    """
    wanted = person.facts.get("school.seat_wanted")
    move_in = case.household.move_in
    if (
        wanted is None
        or wanted.value != "yes"
        or "school.seat_confirmed_on" in person.facts
        or move_in is None
    ):
        return
    found = pupil(person, case)
    if found is None or found.by_hand or _has_seat(found, move_in) or _missing_school(found):
        return
    needed = max(move_in, found.bound.start)
    if case.today.reached(needed - timedelta(days=found.setting("schooling.seat_days_before", needed))):
        yield Outcome(
            subject=person.id,
            episode="seat",
            values={"needed": needed},
            span=Span(needed, FOREVER),
            due=needed,
            evidence=tuple(sorted({*evidence(found), wanted.said.op})),
        )


def _has_seat(found: Pupil, move_in: date) -> bool:
    """Tell whether a school at the new place has taken the child, or the child is in grade 9 where it is."""
    around = move_in - timedelta(days=found.setting("schooling.move_days_before", move_in))
    present = found.present
    if present is not None and present.fields.get("grade") == _FINAL_GRADE:
        return True
    return any(
        (spell.start >= around and _here(found, spell))
        or spell.text("transfer.state") in {"accepted", "done"}
        for spell in found.schools
    )


def _here(found: Pupil, spell: Spell) -> bool:
    """Tell whether a school may be at the new place: it is not known to be in another banner."""
    place = spell.text("place")
    return place is None or place[:_BANNER] == found.case.household.region[:_BANNER]


def _missing_school(found: Pupil) -> bool:
    """Tell whether the child is out of school for so long that another rule speaks of it."""
    for absence in absences(found):
        days = "transfer" if absence.owner is Owner.OPEN else "enrolment"
        allowed = found.setting(f"schooling.{days}_teaching_days", absence.span.start)
        if absence.lasting and found.teaching_days(absence.days) > allowed:
            return True
    return False
