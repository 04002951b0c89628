"""Whether a child is in school must be known (三(一): 精准掌握搬迁群众子女就学需求). Unknown is not a violation."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import FOREVER, Span, Spans, next_day
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.schooling._absence import ABSENCE, DROPOUT, Absence, Owner, absences
from validators.schooling import Excuse, Pupil, evidence, excuses, pupil

_OUT = frozenset({Owner.NOT_ENROLLED, Owner.OPEN, Owner.LEFT})


@rule(
    "schooling/unverified",
    clause="三(一)",
    severity=Severity.MINOR,
    parameters=(
        *ABSENCE,
        *DROPOUT,
        "schooling.unverified_days",
        "schooling.stale_days",
        "schooling.transfer_teaching_days",
    ),
)
def unverified(person: Person, case: Case) -> Iterator[Outcome]:
    """Nobody knows whether a child of school age is in school, or what was said of it lacks the proof it needs.

    Variants: `never_asked` some days after arrival or entry; `stale` when the last that is known is too old; `no_proof`
    for schooling where the parents work, or a deferral or suspension, without its paper; `since_unknown` (major) when
    the child was found out of school and nobody said since when, so that no rule can count the days.
    """
    found = pupil(person, case)
    if found is None or found.by_hand or not case.today.reached(found.bound.start):
        return
    unproved = _unproved(found)
    if unproved is not None:
        yield _outcome(found, "no_proof", unproved.spell.start, unproved.ground)
        return
    lasting = next((a for a in absences(found) if a.lasting), None)
    if lasting is not None:
        if lasting.owner in _OUT and _since_unknown(found, lasting):
            yield _outcome(found, "since_unknown", lasting.span.start)
        return
    yield from _unknown(found)


def _unproved(found: Pupil) -> Excuse | None:
    """Return the last claimed alternative without its proof, if no school is known after it began."""
    last = max(excuses(found), key=lambda excuse: excuse.spell.start, default=None)
    if (
        last is None
        or last.proved
        or found.track.covered & Spans.between(next_day(last.spell.start), FOREVER)
    ):
        return None
    return last


def _since_unknown(found: Pupil, absence: Absence) -> bool:
    """Tell whether the days that may have been missed before the first known one are more than those that count."""
    before = absence.before
    if before is None:
        return False
    last_known = max(before.start, found.track.covered.end or date.min)
    gap = Spans.between(next_day(max(last_known, found.bound.start)), absence.last) - absence.days
    allowed = found.setting("schooling.transfer_teaching_days", absence.span.start)
    known = found.teaching_days(absence.days)
    return known <= allowed and known + found.teaching_days(gap) > allowed


def _unknown(found: Pupil) -> Iterator[Outcome]:
    """Yield the child of whom nothing is known for too long."""
    track, move_in = found.track, found.case.household.move_in
    known = max(
        (day for day in (track.covered.end, track.absent.end, _excused_until(found)) if day), default=None
    )
    if known is None:
        since = max(found.bound.start, found.person.joined or date.min, move_in or date.min)
        days, variant = found.setting("schooling.unverified_days", since), "never_asked"
    else:
        since = max(found.bound.start, known)
        days, variant = found.setting("schooling.stale_days", since), "stale"
    if since <= found.bound.end and found.case.today.reached(since + timedelta(days=days + 1)):
        yield _outcome(found, variant, since)


def _excused_until(found: Pupil) -> date | None:
    """Return the last day of the child's alternatives; one without end holds as long as somebody vouched for it."""
    return max(
        (excuse.spell.days.end if excuse.until == FOREVER else excuse.until for excuse in excuses(found)),
        default=None,
    )


def _outcome(found: Pupil, variant: str, since: date, ground: str = "") -> Outcome:
    return Outcome(
        subject=found.person.id,
        episode=f"{variant}:{since.isoformat()}",
        values={"since": since, "ground": ground},
        span=Span(since, FOREVER),
        variant=(variant,),
        severity=Severity.MAJOR if variant == "since_unknown" else None,
        evidence=evidence(found),
    )
