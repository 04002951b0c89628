"""Changing school in the move must not cost more than a few teaching days (三(一): 做好转学衔接工作)."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.schooling._absence import ABSENCE, Owner, owned
from validators.schooling import evidence, school_name


@rule(
    "schooling/transfer-gap",
    clause="三(一)",
    severity=Severity.CRITICAL,
    parameters=(*ABSENCE, "schooling.transfer_teaching_days"),
)
def transfer_gap(person: Person, case: Case) -> Iterator[Outcome]:
    """Between the old school and the new one, around the move, a child lost more teaching days than allowed.

    Only days on which the schools of the region teach count, so a move in the summer costs none.
    """
    for pupil, absence in owned(person, case, Owner.GAP):
        lost = pupil.teaching_days(absence.days)
        allowed = pupil.setting("schooling.transfer_teaching_days", absence.span.start)
        if lost > allowed and absence.before is not None:
            yield Outcome(
                subject=person.id,
                episode=f"after:{absence.before.key}",
                values={
                    "days": lost,
                    "allowed": allowed,
                    "old_school": school_name(absence.before),
                    "new_school": school_name(absence.after),
                },
                span=absence.span,
                evidence=evidence(pupil, absence.before, absence.after),
            )
