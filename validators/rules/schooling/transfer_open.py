"""A child who left the old school in the move must be in a school (三(一): 不能让一个学生因搬迁而辍学)."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.schooling._absence import ABSENCE, DROPOUT, Owner, dropped_out, owned
from validators.schooling import evidence, school_name


@rule(
    "schooling/transfer-open",
    clause="三(一)",
    severity=Severity.CRITICAL,
    parameters=(*ABSENCE, *DROPOUT, "schooling.transfer_teaching_days"),
)
def transfer_open(person: Person, case: Case) -> Iterator[Outcome]:
    """A child left school in the move, has lost more teaching days than allowed, and was in no school when last asked.

    It stays one case until the child is in school; when it outlasts the time of a dropout it says so (`dropout`).
    """
    for pupil, absence in owned(person, case, Owner.OPEN):
        lost = pupil.teaching_days(absence.days)
        if lost > pupil.setting("schooling.transfer_teaching_days", absence.span.start) and absence.before:
            dropout = dropped_out(pupil, pupil.missed(absence.days))
            yield Outcome(
                subject=person.id,
                episode=f"after:{absence.before.key}",
                values={
                    "days": lost,
                    "old_school": school_name(absence.before),
                    "known_until": absence.last,
                },
                span=absence.span,
                variant=("dropout",) if dropout else (),
                evidence=evidence(pupil, absence.before),
            )
