"""Children go to a school nearby (三(一): 按照就近入学原则做好转学衔接工作)."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import FOREVER, Span
from ledger.model import Person, Spell
from validators.rule import Case, Outcome, Severity, rule
from validators.schooling import COHORT, Pupil, evidence, pupil, school_name

_NEAR = "schooling.nearby_metres"


@rule(
    "schooling/too-far",
    clause="三(一)",
    severity=Severity.MINOR,
    parameters=(*COHORT, _NEAR, "schooling.move_days_before"),
)
def too_far(person: Person, case: Case) -> Iterator[Outcome]:
    """A child goes to and fro every day, farther than is near, to the school that it changed to in the move or since.

    Boarders are no case, nor children who stay at the old school: whether they want a seat here is asked apart. Minor:
    nearness is a principle, and how far is near the notice does not say.
    """
    track = person.tracks.get("schooling")
    if track is None or not track.spells or "distance_km" not in track.spells[-1].fields:
        return
    found = pupil(person, case)
    spell = found.present if found is not None else None
    if (
        found is None
        or spell is None
        or spell.fields.get("boarding") is not False
        or _of_before(found, spell)
    ):
        return
    distance = spell.fields.get("distance_km")
    near = found.setting(_NEAR, spell.start)
    if isinstance(distance, int | float) and distance * 1000 > near:
        yield Outcome(
            subject=person.id,
            episode=f"school:{spell.key}",
            values={"school": school_name(spell), "distance": distance, "near": near / 1000},
            span=Span(spell.start, FOREVER),
            evidence=evidence(found, spell),
        )


def _of_before(found: Pupil, spell: Spell) -> bool:
    """Tell whether a school was begun too long before the move to be part of it."""
    move_in = found.case.household.move_in
    if move_in is None:
        return True
    return spell.start < move_in - timedelta(days=found.setting("schooling.move_days_before", move_in))
