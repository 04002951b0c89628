"""A child of school age is in a school soon after the term starts or the household arrives (三(一): 及时入学)."""

from collections.abc import Iterator
from datetime import date

from core.spans import FOREVER, Span, next_day
from ledger.model import Person, Spell
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.schooling._absence import ABSENCE, Owner, owned
from validators.schooling import Pupil, evidence, pupil


@rule(
    "schooling/not-enrolled",
    clause="三(一)",
    severity=Severity.CRITICAL,
    parameters=(*ABSENCE, "schooling.enrolment_teaching_days"),
)
def not_enrolled(person: Person, case: Case) -> Iterator[Outcome]:
    """A child of compulsory school age is in no school, more teaching days after term start or arrival than allowed.

    The clock starts on the first day of the first term after the child became bound, the household moved in, or the
    stage before was finished, or on arrival within a term. The child must be known to be in no school on a day after
    the last allowed one, and known in no school since the clock started. A child still in kindergarten is a minor case.
    """
    for found, absence in owned(person, case, Owner.NOT_ENROLLED):
        yield from _late(found, absence.before, absence.last, "entry" if absence.before is None else "")
    kindergarten = _kindergarten(person)
    found_pupil = pupil(person, case) if kindergarten is not None else None
    if kindergarten is None or found_pupil is None or found_pupil.schools or found_pupil.by_hand:
        return
    last = min(kindergarten.days.end, found_pupil.bound.end)
    yield from _late(found_pupil, None, last, "kindergarten", kindergarten)


def _late(
    found: Pupil, before: Spell | None, last: date, episode: str, kindergarten: Spell | None = None
) -> Iterator[Outcome]:
    """Yield the outcome when `last`, a day known out of school, lies beyond the allowed teaching days."""
    start = _clock_start(found, before, last)
    if start is None:
        return
    days = found.case.calendar.teaching_days(Span(start, last), found.case.household.region)
    if days > found.setting("schooling.enrolment_teaching_days", start):
        yield Outcome(
            subject=found.person.id,
            episode=episode or f"after:{before.key if before else ''}",
            values={"days": days, "known_until": last},
            span=Span(start, FOREVER),
            variant=("kindergarten",) if kindergarten else (),
            severity=Severity.MINOR if kindergarten else None,
            evidence=evidence(found, before, kindergarten),
        )


def _clock_start(found: Pupil, before: Spell | None, last: date) -> date | None:
    """Return the day from which enrolment is due, or None when that is later than the last known day."""
    move_in = found.case.household.move_in
    start = max(found.bound.start, found.person.joined or date.min)
    if before is not None:
        start = max(start, next_day(before.days.end))
    if move_in is not None and start < move_in <= last:
        start = move_in
    if start > last:
        return None
    region = found.case.household.region
    if found.case.calendar.term_on(start, region) is not None:
        return start
    term = found.case.calendar.next_term(start, region)
    return None if term is None or term.span.start > last else term.span.start


def _kindergarten(person: Person) -> Spell | None:
    """Return the kindergarten the child is in as the last known of its schooling."""
    track = person.tracks.get("schooling")
    if track is None or not track.spells or track.now == "no":
        return None
    last = track.spells[-1]
    return last if last.text("stage") == "kindergarten" and last.end is None else None
