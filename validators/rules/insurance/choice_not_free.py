"""可自愿参加安置地医疗、养老保险: the place of enrolment was not the person's own choice."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule

_SEVERITY = {"2": Severity.MAJOR, "3": Severity.MINOR}


@rule("insurance/choice-not-free", clause="三(三)", severity=Severity.MAJOR)
def choice_not_free(person: Person, case: Case) -> Iterator[Outcome]:
    """The person was told where to enrol (major), or did not know of a choice (minor).

    Staying insured at the place of origin, or elsewhere, by one's own will is in order (可自愿参加).
    """
    choice = person.facts.get("insurance.enrol_choice")
    if choice is None or person.left is not None or not case.today.reached(choice.said.on):
        return
    severity = _SEVERITY.get(str(choice.value))
    if severity is not None:
        yield Outcome(
            subject=person.id,
            episode="choice",
            values={"choice": str(choice.value)},
            variant=("unaware",) if severity is Severity.MINOR else (),
            severity=severity,
            evidence=(choice.said.op,),
        )
