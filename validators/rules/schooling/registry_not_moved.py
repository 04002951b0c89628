"""The student registry follows the child: four parties have ten working days each (三(一): 及时办理入学手续)."""

from collections.abc import Iterator

from core.spans import FOREVER, Span, next_day
from ledger.model import Person, Spell
from validators.rule import Case, Outcome, Severity, rule
from validators.schooling import COHORT, Pupil, evidence, pupil, school_name


@rule(
    "schooling/registry-not-moved",
    clause="三(一)",
    severity=Severity.MAJOR,
    parameters=(*COHORT, "schooling.registry_amber_working_days", "schooling.registry_working_days"),
)
def registry_not_moved(person: Person, case: Case) -> Iterator[Outcome]:
    """The registry is still at another school than the one the child attends, too long after its first day there.

    Minor (`amber`) after the time of one party, major (`overdue`) after that of all. Kindergartens are left out; a
    child who stays at the school of the registry needs no move.
    """
    track = person.tracks.get("schooling")
    if track is None or not track.spells:
        return
    last = track.spells[-1]
    if last.text("registry.state") in {"moved", "none", "unknown"} or last.end is not None:
        return
    found = pupil(person, case)
    spell = found.present if found is not None else None
    if found is None or spell is None or not _elsewhere(found, spell):
        return
    amber = case.calendar.add_working_days(
        spell.start, found.setting("schooling.registry_amber_working_days", spell.start)
    )
    if not case.today.reached(next_day(amber)):
        return
    allowed = found.setting("schooling.registry_working_days", spell.start)
    due = case.calendar.add_working_days(spell.start, allowed)
    overdue = case.today.reached(next_day(due))
    yield Outcome(
        subject=person.id,
        episode=f"school:{spell.key}",
        values={
            "school": school_name(spell),
            "registry_school": _registry_school(found, spell),
            "allowed": allowed,
        },
        span=Span(spell.start, FOREVER),
        variant=("overdue",) if overdue else ("amber",),
        severity=None if overdue else Severity.MINOR,
        due=due,
        evidence=evidence(found, spell),
    )


def _elsewhere(found: Pupil, spell: Spell) -> bool:
    """Tell whether the registry is known to be at another school than the one attended."""
    registry = spell.text("registry.school")
    if registry is not None:
        return registry not in {spell.text("school_name"), spell.text("school_code")}
    changed = len(found.schools) > 1 or spell.text("transfer.state") in {"applied", "accepted", "done"}
    return changed and spell.text("registry.state") in {"not_moved", "moving"}


def _registry_school(found: Pupil, spell: Spell) -> str:
    """Return the school of the registry as stated, else the school before."""
    before = found.schools[-2] if len(found.schools) > 1 else None
    return spell.text("registry.school") or school_name(before)
