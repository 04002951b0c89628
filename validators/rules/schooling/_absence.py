"""Which days a child was out of school, and which one rule speaks of them.

Only days known to be out of school count: `absent` days of the track, and days after the child last attended, as far as
somebody vouched for them. An `Absence` is one stretch of them: days of which nothing is known may lie inside it, and
never count.

Each absence has one owner, so no day is reported twice. The first line that fits counts:

1. a note that the case is to be handled by hand: `schooling/by-hand`, and no other rule speaks of the absence;
2. over, between two schools around the move: `schooling/transfer-gap`; over otherwise: nobody, the child is back;
3. lasting, a valid alternative (deferral, …) ran out before it and no school came between:
   `schooling/alternative-expired`;
4. lasting, no school before it, or the stage before was finished: `schooling/not-enrolled`;
5. lasting, the old school was left around the move: `schooling/transfer-open`, also when it outlasts the terms of
   dropping out (variant `dropout`), so that the case stays one case until the child is in school;
6. lasting otherwise: `schooling/suspected-dropout`, and instead of it `schooling/dropout` once it lasts long enough.

A lasting absence that is too short to count because nobody said since when is left to `schooling/unverified`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from core.spans import FOREVER, NO_DAYS, Span, Spans, add_months, next_day
from ledger.model import Person, Spell
from validators.rule import Case
from validators.schooling import (
    ALTERNATIVE,
    COHORT,
    EXCUSES,
    SCHOOLING,
    Excuse,
    Pupil,
    excuses,
    known_away_until,
    pupil,
)

MOVE = ("schooling.move_days_before", "schooling.move_days_after")
"""Parameters that `left_in_move` asks for."""
ABSENCE = (*COHORT, *EXCUSES, *MOVE)
"""Parameters that `owned` asks for."""
DROPOUT = ("schooling.dropout_months",)
"""Parameters that `dropped_out` asks for, beside those of `ABSENCE`."""


class Owner(StrEnum):
    """The rule that speaks of an absence; BACK: none, the child is in school again."""

    BY_HAND = "by_hand"
    GAP = "gap"
    BACK = "back"
    EXPIRED = "expired"
    NOT_ENROLLED = "not_enrolled"
    OPEN = "open"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Absence:
    """One stretch of days known to be out of school, without a valid alternative.

    Attributes:
        days: the known days, within compulsory age; never empty.
        span: from its first day to its last; open when it lasts.
        before: the last school before it; None: none is known.
        after: the school that ended it.
        expired: the valid alternative that ran out before it.
        lasting: still so at the last that was said.
        owner: the one rule that speaks of it.
    """

    days: Spans
    span: Span
    before: Spell | None
    after: Spell | None
    expired: Excuse | None
    lasting: bool
    owner: Owner = Owner.BACK

    @property
    def last(self) -> date:
        """The last known day."""
        return self.days.end or self.span.start

    @property
    def left_on(self) -> date:
        """The first day out of the school before: the day after its stated end, or the first known day."""
        if self.before is None or self.before.end is None:
            return self.span.start
        return min(self.span.start, next_day(self.before.end))


def owned(person: Person, case: Case, *owners: Owner) -> Iterator[tuple[Pupil, Absence]]:
    """Yield a child's absences of which one of these is the owner; quickly nothing for who was never out of school."""
    if _never_out(person):
        return
    found = pupil(person, case)
    if found is None:
        return
    for absence in absences(found):
        if absence.owner in owners:
            yield found, absence


def _never_out(person: Person) -> bool:
    """Tell quickly that nobody ever said that a person was out of school."""
    track = person.tracks.get(SCHOOLING)
    return track is None or not (
        track.absent or any("last_attended" in spell.fields for spell in track.spells)
    )


def _owner(pupil: Pupil, absence: Absence) -> Owner:
    """Return the one rule that speaks of an absence (see the table above)."""
    before = absence.before
    if pupil.by_hand:
        return Owner.BY_HAND
    if not absence.lasting:
        known = before is not None and absence.after is not None
        return Owner.GAP if known and left_in_move(pupil, absence) else Owner.BACK
    if absence.expired is not None:
        return Owner.EXPIRED
    if before is None or before.text("leave_reason") == "finished":
        return Owner.NOT_ENROLLED
    return Owner.OPEN if left_in_move(pupil, absence) else Owner.LEFT


def left_in_move(pupil: Pupil, absence: Absence) -> bool:
    """Tell whether the school before was left in the move: by the stated reason, else by the day."""
    reason = absence.before.text("leave_reason") if absence.before else None
    move_in = pupil.case.household.move_in
    if reason in {"moved", "dropped"} or move_in is None:
        return reason == "moved"
    earliest = move_in - timedelta(days=pupil.setting("schooling.move_days_before", move_in))
    latest = move_in + timedelta(days=pupil.setting("schooling.move_days_after", move_in))
    return earliest <= absence.left_on <= latest


def suspected(pupil: Pupil, missed: Spans) -> bool:
    """Tell whether missed days of term make a suspected dropout: more than the days of grace."""
    return missed.start is not None and missed.days > pupil.setting("schooling.suspected_days", missed.start)


def dropped_out(pupil: Pupil, missed: Spans) -> bool:
    """Tell whether missed days of term outlast the days of grace by the further months, calendar months."""
    if missed.start is None:
        return False
    grace = pupil.setting("schooling.suspected_days", missed.start)
    months = pupil.setting("schooling.dropout_months", missed.start)
    further = missed.start + timedelta(days=grace)
    return missed.days > grace + (add_months(further, months) - further).days


def absences(pupil: Pupil) -> tuple[Absence, ...]:
    """Return the child's absences, by first day."""
    if _never_out(pupil.person):
        return ()
    return pupil.case.parameters.once(("schooling.absences", pupil.person.id), lambda: _absences(pupil))


def _absences(pupil: Pupil) -> tuple[Absence, ...]:
    away, attended = unattended(pupil)
    found = excuses(pupil)
    given_up = pupil.person.track(ALTERNATIVE).absent
    excused = NO_DAYS
    for excuse in found:
        excused |= excuse.days - given_up
    out = ((pupil.track.absent | away) & Spans((pupil.bound,))) - excused
    held = (pupil.track.covered - away) | attended | excused
    return tuple(_absence(pupil, days, held, found) for days in _stretches(out, held))


def unattended(pupil: Pupil) -> tuple[Spans, Spans]:
    """Return the days after the child last attended a school, and the days before that in the same school."""
    away, attended, elsewhere = NO_DAYS, NO_DAYS, NO_DAYS
    for spell in pupil.schools:
        last = spell.day("last_attended")
        if last is None:
            elsewhere |= Spans((spell.days,))
        else:
            attended |= Spans.between(spell.start, last)
            until = known_away_until(pupil, spell, last)
            away |= Spans.between(next_day(last), until) if until is not None else NO_DAYS
    return away - attended - elsewhere, attended


def _stretches(out: Spans, held: Spans) -> Iterator[Spans]:
    """Yield the days out of school, parted where the child was known in school or excused between them."""
    group: list[Span] = []
    for span in out:
        if group and held & Spans.between(group[-1].end, span.start):
            yield Spans(group)
            group = []
        group.append(span)
    if group:
        yield Spans(group)


def _absence(pupil: Pupil, days: Spans, held: Spans, found: tuple[Excuse, ...]) -> Absence:
    first, last = days.start or date.min, days.end or date.min
    before = max((s for s in pupil.schools if s.start < first), key=lambda s: s.start, default=None)
    after = next((spell for spell in pupil.schools if spell.start > last), None)
    expired = max((e for e in found if e.until < first), key=lambda e: e.until, default=None)
    if expired is not None and held & Spans.between(next_day(expired.until), first):
        expired = None
    lasting = after is None and not held & Spans.between(next_day(last), FOREVER)
    absence = Absence(days, Span(first, FOREVER if lasting else last), before, after, expired, lasting)
    return replace(absence, owner=_owner(pupil, absence))
