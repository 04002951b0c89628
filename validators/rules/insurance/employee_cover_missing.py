"""稳定劳动关系的可参加城镇职工医疗、养老保险: a contract without employee cover (三(三), 社会保险法 第五十八条)."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Person, Spell
from validators.insurance import KINDS
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._break import PARAMETERS, lasting
from validators.rules.insurance._employer import MONTHS, owed_since


@rule(
    "insurance/employee-cover-missing",
    clause="三(三)",
    severity=Severity.MAJOR,
    parameters=PARAMETERS,
    version=2,
)
def employee_cover_missing(person: Person, case: Case) -> Iterator[Outcome]:
    """A written contract of employment has run for so many months, and an employee scheme is known not to cover it.

    Known: the employer was said to pay no insurance, or cover in no scheme or in another one is known of a day of the
    job after those months. What is not known, and what the employer was said to pay, is no failing. To enrol is the
    employer's duty, so the finding goes to those who inspect employers, not to a fund. Whoever is in no scheme at all
    is a case of a break of cover, which is laid to the employer there and not told twice.
    """
    track = person.tracks.get("job")
    if track is None or person.left is not None:
        return
    for job in track.spells:
        after = owed_since(job, case)
        if after is None or after > job.days.end:
            continue
        branches = _missing(person, job, Span(after, job.days.end), case)
        if branches and case.today.reached(after):
            months = case.parameters.at(MONTHS, on=job.start, region=case.household.region).value
            yield Outcome(
                subject=person.id,
                episode=f"job:{job.start.isoformat()}:{job.key}",
                values={"branches": branches, "employer": job.text("employer") or "", "months": months},
                span=Span(job.start, job.stated_end),
                evidence=tuple(sorted(set(job.ops))),
            )


def _missing(person: Person, job: Spell, days: Span, case: Case) -> tuple[str, ...]:
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
        missing = not employee and (insures == "no" or scheme_known or days.end in track.absent)
        if missing and lasting(person, branch, case) is None:
            found.append(branch)
    return tuple(found)
