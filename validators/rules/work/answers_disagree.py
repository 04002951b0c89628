"""精准掌握: what was told of a person's work on one form does not agree with another (五(一))."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from core.spans import FOREVER, Span, add_months, age_on, next_day
from ledger.model import Household, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.work._record import norms
from validators.verdict import NO, YES
from validators.work import JOB, STANDARD, Standard, child, in_school, known_until, of_labour_age

_AT_WORK = frozenset({"1", "2", "3", "4"})
_HIRED = frozenset({"1", "2", "4"})
_UNABLE = frozenset({"lost", "none"})
_LIGHT_OR_UNABLE = frozenset({"weak", *_UNABLE})
_PAID = frozenset({"unit", "flexible", "public_post"})
_POST_AGES = (16, 70)


@rule(
    "work/answers-disagree",
    clause="五(一)",
    severity=Severity.INFORMATION,
    subject="household",
    parameters=STANDARD,
)
def answers_disagree(household: Household, case: Case) -> Iterator[Outcome]:
    """Answers that do not go together, as the national system checks them; either may be right, so somebody asks again.

    A form warns of what stands on one card; this sees across forms and rounds. Of a person: healthy, in no school, of
    labour age and said unable to work; unable, and worked; in school, and at work; 特困供养, and hired; a public
    post under 16 or from 70 on, or outside the banner. Of a household: wages with nobody at work, and the reverse.
    """
    known = [day for person in household.persons if (day := known_until(person)) is not None]
    if not known:
        return
    norm = norms(case, max(known))
    for person in household.persons:
        if person.left is not None:
            continue
        for name, disagree in _OF_PERSONS.items():
            if disagree(person, norm):
                yield _outcome(person.id, name, person)
    yield from _wages(household, max(known), norm)


def _healthy_unable(person: Person, norm: Standard) -> bool:
    health, skill = person.facts.get("health"), person.facts.get("skill_class")
    if health is None or skill is None or health.value != ("healthy",) or skill.value not in _LIGHT_OR_UNABLE:
        return False
    return of_labour_age(person, skill.said.on, norm) is YES and in_school(person, FOREVER) is NO


def _unable_works(person: Person, _: Standard) -> bool:
    months = person.number("work.months12")
    return person.text("skill_class") in _UNABLE and months is not None and months > 0


def _pupil_works(person: Person, _: Standard) -> bool:
    grade = person.text("in_school")
    return grade not in {None, "none"} and person.text("admin_status") in _AT_WORK


def _tekun_works(person: Person, _: Standard) -> bool:
    state = person.facts.get("admin_status")
    if state is None or state.value not in _HIRED:
        return False
    spells = person.track("category").spells
    return any(spell.text("category") == "tekun" and state.said.on in spell.days for spell in spells)


def _post_age(person: Person, _: Standard) -> bool:
    birth, (first, end) = person.birth_date, _POST_AGES
    if birth is None:
        return False
    posts = [spell for spell in person.track(JOB).spells if spell.text("kind") == "public_post"]
    return any(age_on(birth, spell.start) < first or age_on(birth, spell.days.end) >= end for spell in posts)


def _post_outside(person: Person, _: Standard) -> bool:
    posts = (spell for spell in person.track(JOB).spells if spell.text("kind") == "public_post")
    return any(spell.text("where") not in {None, "county"} for spell in posts)


_OF_PERSONS: Mapping[str, Callable[[Person, Standard], bool]] = {
    "healthy_unable": _healthy_unable,
    "pupil_works": _pupil_works,
    "post_age": _post_age,
    "post_outside": _post_outside,
    "tekun_works": _tekun_works,
    "unable_works": _unable_works,
}


def _wages(household: Household, on: date, norm: Standard) -> Iterator[Outcome]:
    """Yield wages of a year in which nobody worked, and paid work in a year without wages."""
    wages = household.facts.get("income.wage")
    if wages is None or not isinstance(wages.value, int | float):
        return
    day = wages.said.on
    year = Span(next_day(add_months(day, -12)), day)
    members = [person for person in household.persons if day in person.life and not child(person, on, norm)]
    paid = any(
        spell.text("kind") in _PAID and spell.days.meets(year)
        for person in members
        for spell in person.track(JOB).spells
    )
    idle = bool(members) and all(person.number("work.months12") == 0 for person in members)
    if wages.value > 0 and idle and not paid:
        yield _outcome(household.id, "wage_without_work", None)
    if wages.value == 0 and paid:
        yield _outcome(household.id, "work_without_wage", None)


def _outcome(subject: str, name: str, person: Person | None) -> Outcome:
    ops = {fact.said.op for fact in person.facts.values()} | set(person.track(JOB).ops) if person else set()
    return Outcome(subject, name, values={}, variant=(name,), evidence=tuple(sorted(ops)))
