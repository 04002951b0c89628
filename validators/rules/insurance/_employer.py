"""What an employer owes: cover in the employee schemes, from so many months of a written contract on."""

from datetime import date

from core.spans import add_months
from ledger.model import Spell
from validators.rule import Case

MONTHS = "insurance.employee_cover.months"
_NOT_EMPLOYED = frozenset({"own_business", "farming"})
_EMPLOYEE = frozenset({"41", "42", "43"})


def owed_since(job: Spell, case: Case) -> date | None:
    """Return the day from which the employer of a job that goes on owes cover; None when nobody owes any."""
    employed = job.text("kind") not in _NOT_EMPLOYED and job.text("status") in {None, *_EMPLOYEE}
    if job.text("contract") != "written" or job.end is not None or not employed:
        return None
    months = case.parameters.at(MONTHS, on=job.start, region=case.household.region).value
    return add_months(job.start, months)
