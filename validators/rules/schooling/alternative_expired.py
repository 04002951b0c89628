"""A valid alternative to school holds until its date; then school, or a new paper (义务教育法 第十一条)."""

from collections.abc import Iterator
from datetime import date

from core.spans import FOREVER, Span, Spans, next_day
from ledger.model import Person, Spell
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.schooling._absence import ABSENCE, Owner, absences, suspected
from validators.schooling import ALTERNATIVE, Pupil, evidence, excuses, pupil, visited_until


@rule(
    "schooling/alternative-expired",
    clause="三(一)",
    severity=Severity.MAJOR,
    parameters=ABSENCE,
)
def alternative_expired(person: Person, case: Case) -> Iterator[Outcome]:
    """A deferral, suspension, home teaching or schooling elsewhere ran out, and nobody showed what came after.

    The day is fixed by the paper, so it comes without a visit. When the child is also known to be out of school for
    more than a week of term since, it is critical (`absent`). Home teaching runs out when the last visit is too long
    ago.
    """
    track = person.tracks.get("schooling")
    taught_at_home = track is not None and any(s.text("placement") == "home" for s in track.spells)
    if ALTERNATIVE not in person.tracks and not taught_at_home:
        return
    found = pupil(person, case)
    if found is None or found.by_hand:
        return
    spell, ground, until = _last(found)
    if spell is None or until == FOREVER:
        return
    first = next_day(until)
    if first in found.bound and case.today.reached(first):
        yield _outcome(found, spell, ground, until)


def _last(found: Pupil) -> tuple[Spell | None, str, date]:
    """Return the child's last alternative, its ground and its last day, unless a school is known after it."""
    present = found.present
    if present is not None and present.text("placement") == "home":
        return present, "home_teaching", visited_until(found, present)
    latest = max(excuses(found), key=lambda excuse: (excuse.until, excuse.spell.start), default=None)
    if latest is None or not latest.proved or latest.until == FOREVER:
        return None, "", FOREVER
    if found.track.covered & Spans.between(next_day(latest.until), FOREVER):
        return None, "", FOREVER
    return latest.spell, latest.ground, latest.until


def _outcome(found: Pupil, spell: Spell, ground: str, until: date) -> Outcome:
    """Return the outcome; critical when the child is known to be out of school since."""
    out = [a for a in absences(found) if a.owner is Owner.EXPIRED]
    absent = any(suspected(found, found.missed(absence.days)) for absence in out)
    return Outcome(
        subject=found.person.id,
        episode=f"alternative:{spell.key}",
        values={"ground": ground, "until": until},
        span=Span(next_day(until), FOREVER),
        variant=("absent",) if absent else (),
        severity=Severity.CRITICAL if absent else None,
        evidence=tuple(sorted({*evidence(found), *spell.ops})),
    )
