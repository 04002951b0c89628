"""A suspected dropout who stays away for more than a further month is a dropout (三(一): 严格履行控辍保学责任)."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.schooling._absence import ABSENCE, DROPOUT, Owner, dropped_out, owned
from validators.schooling import evidence, school_name


@rule(
    "schooling/dropout",
    clause="三(一)",
    severity=Severity.CRITICAL,
    parameters=(*ABSENCE, *DROPOUT),
)
def dropout(person: Person, case: Case) -> Iterator[Outcome]:
    """A pupil who did not leave in the move is known out of school for more than a week and a further month of term."""
    for pupil, absence in owned(person, case, Owner.LEFT):
        missed = pupil.missed(absence.days)
        if dropped_out(pupil, missed) and absence.before:
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
