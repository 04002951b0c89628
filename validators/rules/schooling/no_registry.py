"""A school opens a registry for each pupil within a month of enrolment (三(一): 及时办理入学手续)."""

from collections.abc import Iterator

from core.spans import FOREVER, Span, add_months, next_day
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.schooling import COHORT, evidence, pupil, school_name


@rule(
    "schooling/no-registry",
    clause="三(一)",
    severity=Severity.MAJOR,
    parameters=(*COHORT, "schooling.new_registry_months"),
)
def no_registry(person: Person, case: Case) -> Iterator[Outcome]:
    """A pupil has no student registry, and the time to open one is over; kindergartens are left out."""
    track = person.tracks.get("schooling")
    if track is None or not track.spells or track.spells[-1].text("registry.state") != "none":
        return
    found = pupil(person, case)
    spell = found.present if found is not None else None
    if found is None or spell is None or spell is not track.spells[-1]:
        return
    due = add_months(spell.start, found.setting("schooling.new_registry_months", spell.start))
    if case.today.reached(next_day(due)):
        yield Outcome(
            subject=person.id,
            episode=f"school:{spell.key}",
            values={"school": school_name(spell)},
            span=Span(spell.start, FOREVER),
            due=due,
            evidence=evidence(found, spell),
        )
