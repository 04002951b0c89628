"""稳定劳动关系的可参加城镇职工医疗、养老保险: a contract without employee cover (三(三), 社会保险法 第五十八条)."""

from collections.abc import Iterator

from core.spans import Span, add_months
from ledger.model import Person, Spell
from validators.insurance import KINDS
from validators.rule import Case, Outcome, Severity, rule

_MONTHS = "insurance.employee_cover.months"
_NOT_EMPLOYED = frozenset({"own_business", "farming"})
_EMPLOYEE = frozenset({"41", "42", "43"})


@rule("insurance/employee-cover-missing", clause="三(三)", severity=Severity.MAJOR, parameters=(_MONTHS,))
def employee_cover_missing(person: Person, case: Case) -> Iterator[Outcome]:
    """A written contract of employment has run for so many months, and an employee scheme is known not to cover it.

    Known: the employer was said to pay no insurance, or cover in no scheme or in another one is known of a day of the
    job after those months. What is not known, and what the employer was said to pay, is no failing. To enrol is the
    employer's duty, so the finding goes to those who inspect employers, not to a fund.
    """
    track = person.tracks.get("job")
    if track is None or person.left is not None:
        return
    for job in track.spells:
        if not _employment(job):
            continue
        months = case.parameters.at(_MONTHS, on=job.start, region=case.household.region).value
        after = add_months(job.start, months)
        branches = _missing(person, job, Span(after, job.days.end)) if after <= job.days.end else ()
        if branches and case.today.reached(after):
            yield Outcome(
                subject=person.id,
                episode=f"job:{job.start.isoformat()}:{job.key}",
                values={"branches": branches, "employer": job.text("employer") or "", "months": months},
                span=Span(job.start, job.stated_end),
                evidence=tuple(sorted(set(job.ops))),
            )


def _employment(job: Spell) -> bool:
    """Tell whether a spell is a job under a written contract that goes on."""
    employed = job.text("kind") not in _NOT_EMPLOYED and job.text("status") in {None, *_EMPLOYEE}
    return job.text("contract") == "written" and job.end is None and employed


def _missing(person: Person, job: Spell, days: Span) -> tuple[str, ...]:
    """Return the branches without employee cover on days of a job, as far as that is known."""
    insures = job.text("employer_insures")
    if insures == "yes":
        return ()
    found = []
    for branch, kind in KINDS.items():
        track = person.track(kind)
        employee = any(spell.text("scheme") == "emp" and spell.days.meets(days) for spell in track.spells)
        scheme_known = any(
            spell.text("scheme") in {"res", "other"} and days.end in spell.days for spell in track.spells
        )
        if not employee and (insures == "no" or scheme_known or days.end in track.absent):
            found.append(branch)
    return tuple(found)
