"""A pupil who is absent without reason for more than a week is a suspected dropout (三(一): 严格履行控辍保学责任)."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.schooling._absence import ABSENCE, DROPOUT, Owner, dropped_out, owned, suspected
from validators.schooling import evidence, school_name


@rule(
    "schooling/suspected-dropout",
    clause="三(一)",
    severity=Severity.CRITICAL,
    parameters=(*ABSENCE, *DROPOUT),
)
def suspected_dropout(person: Person, case: Case) -> Iterator[Outcome]:
    """A pupil who did not leave in the move is known out of school for more than a week of term, without a reason.

    Days of the calendar within terms count, from the first teaching day missed. Illness is a reason, but only until the
    absence outlasts the time of a dropout: by then a suspension must be on paper.
    """
    if person.text("school.absence_reason") == "illness":
        return
    for pupil, absence in owned(person, case, Owner.LEFT):
        missed = pupil.missed(absence.days)
        if suspected(pupil, missed) and not dropped_out(pupil, missed) and absence.before:
            yield Outcome(
                subject=person.id,
                episode=f"after:{absence.before.key}",
                values={
                    "days": missed.days,
                    "school": school_name(absence.before),
                    "known_until": absence.last,
                },
                span=absence.span,
                evidence=evidence(pupil, absence.before),
            )
