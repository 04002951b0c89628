"""Insurance continuity (三(三)): who is to be covered on which days, what is known, and the breaks between.

Pure arithmetic on days that the rules of `validators/rules/insurance` share; no rule is in it. The voluntary stays
voluntary: cover of any scheme at any place is cover. A day of which nothing is known is never part of a break.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from core.spans import FOREVER, NO_DAYS, Span, Spans, birthday, previous_day
from ledger.model import Person, Spell, Track
from validators.rule import Parameters

MEDICAL = "medical"
PENSION = "pension"
KINDS = {MEDICAL: "insurance.medical", PENSION: "insurance.pension"}
OBLIGATION = (
    "insurance.observed_from",
    "insurance.exempt_grounds",
    "insurance.grace_days.release",
    "insurance.grace_days.study",
    "insurance.pension.first_age",
    "insurance.pension.first_year_optional",
    "insurance.pension.benefit_age",
    "insurance.pension.study_age",
)
"""Parameters that a rule declares when it asks for `obligation`."""
GAPS = (*OBLIGATION, "insurance.grace_days.newborn")
"""Parameters that a rule declares when it asks for `gaps`."""
UNCONFIRMED = frozenset({"7", "8"})  # insured elsewhere, to be verified; enrolled, in the waiting period
"""Reasons for no cover that say there is some."""


@dataclass(frozen=True, slots=True)
class Obligation:
    """The days on which a person is to be covered.

    Attributes:
        sure: days of the duty beyond doubt.
        possible: those, and days on which the person may have been in full-time study.
        since: first day of the duty had the person always been in the household; date.max: no duty at all.
    """

    sure: Spans
    possible: Spans
    since: date


NO_OBLIGATION = Obligation(NO_DAYS, NO_DAYS, FOREVER)


@dataclass(frozen=True, slots=True)
class Gap:
    """One break of cover: obliged days known to be without cover, with no known cover between them.

    Attributes:
        branch: `medical` or `pension`.
        span: first to last of these days.
        longest: the longest unbroken stretch of them.
        covered_before, covered_after: some day before, or after, is known to be covered.
        before, after: the spell on that side; None also when cover was stated without a spell.
        past_known: it is known to reach back to the first day of the duty.
        resumed_on: first known day of cover after it.
        duty_to: last day of the stretch of duty in which it lies; FOREVER as long as nothing ends the duty.
    """

    branch: str
    span: Span
    longest: Span
    covered_before: bool
    covered_after: bool
    before: Spell | None
    after: Spell | None
    past_known: bool
    resumed_on: date | None
    duty_to: date

    @property
    def year_open(self) -> bool:
        """Whether it is no more than a year's premium of the resident pension, not paid in that year so far.

        It may be paid on any day of the year, so only a year that is over is a break.
        """
        resident = self.before is not None and self.before.fields.get("scheme") == "res"
        return self.branch == PENSION and resident and self.longest.start.year == self.span.end.year


def absent_days(person: Person, branch: str) -> Spans:
    """Return the days known to be without cover.

    A reason such as 外地已参保待核实 makes the stretch it was given for doubtful, so unknown.
    """
    track = person.tracks.get(KINDS[branch])
    if track is None or not track.absent:
        return NO_DAYS
    reason = person.facts.get(f"{KINDS[branch]}.reason")
    if reason is None or reason.value not in UNCONFIRMED:
        return track.absent
    return track.absent - Spans(span for span in track.absent if reason.said.on in span)


def obligation(person: Person, branch: str, params: Parameters, *, on: date) -> Obligation:
    """Return the days on which a person is to be covered.

    Life in the household, for pension from the year after turning 16 to the day before 60; without military service
    and prison and the grace after release; for pension without full-time study and the grace after it, so that the
    summer between two schools is no break. Until the study age, days of which nobody knows whether the person studied
    are possible only.

    Args:
        person: whose duty.
        branch: `medical` or `pension`.
        params: the rule's parameters, `OBLIGATION` among them.
        on: the day whose ages and grounds of exemption count.
    """
    since: date = params.at("insurance.observed_from", on=on).value
    birth = person.birth_date
    end = person.left or FOREVER
    study_until = since
    if birth is not None and birth > since:
        since = birth
    if branch == PENSION:
        if birth is None:
            return NO_OBLIGATION
        first = birthday(birth, params.at("insurance.pension.first_age", on=on).value)
        if params.at("insurance.pension.first_year_optional", on=on).value:
            first = date(first.year + 1, 1, 1)
        since = max(since, first)
        end = min(end, previous_day(birthday(birth, params.at("insurance.pension.benefit_age", on=on).value)))
        study_until = birthday(birth, params.at("insurance.pension.study_age", on=on).value)
    start = since if person.joined is None else max(since, person.joined)
    if start > end:
        return NO_OBLIGATION
    possible = Spans((Span(start, end),))
    if "exemption" in person.tracks or person.text("away") is not None:
        possible -= Spans(_exempt(person, branch, params, on))
    if branch == MEDICAL:
        return Obligation(possible, possible, since)
    grace = timedelta(days=params.at("insurance.grace_days.study", on=on).value)
    return _without_study(person, possible, study_until, since, grace)


def _without_study(
    person: Person, days: Spans, study_until: date, since: date, grace: timedelta
) -> Obligation:
    """Take out the days of study and of grace after it; under the study age only days known out of school are sure."""
    schooling, medical = person.tracks.get("schooling"), person.tracks.get(KINDS[MEDICAL])
    if schooling is not None:
        days -= schooling.covered
        if schooling.absent:
            ends = (span.end for span in schooling.covered if span.end < FOREVER - grace)
            days -= Spans(Span(end, end + grace) for end in ends) & schooling.absent
    if medical is not None:
        student = [spell.days for spell in medical.spells if spell.fields.get("member_type") == "student"]
        if student:
            days -= Spans(student)
    if not days or days.start is None or days.start >= study_until:
        return Obligation(days, days, since)
    doubtful = Spans.between(days.start, previous_day(study_until))
    if schooling is not None:
        doubtful -= schooling.absent
    return Obligation(days - doubtful, days, since)


def _exempt(person: Person, branch: str, params: Parameters, on: date) -> Iterator[Span]:
    """Yield military service and prison with the days of grace; an open end lasts until it is known to be over."""
    grounds = params.at("insurance.exempt_grounds", on=on).value
    track = person.track("exemption")
    for spell in track.spells:
        if spell.fields.get("ground") in grounds:
            end = spell.end or _known_over(spell, track)
            if end != FOREVER:
                end += timedelta(days=params.at("insurance.grace_days.release", on=max(end, on)).value)
            yield Span(spell.start, end)
    told = person.history("away")
    absent = person.track(KINDS[branch]).absent
    for away, back in pairwise((*told, None)):
        if away is not None and away.value in grounds and away.said.on not in track.covered:
            # Since when is not known: the stretch without cover that reaches that day may be all service.
            start = next((span.start for span in absent if away.said.on in span), away.said.on)
            end = FOREVER
            if back is not None:
                end = previous_day(back.said.on)
                end += timedelta(days=params.at("insurance.grace_days.release", on=max(end, on)).value)
            yield Span(start, max(start, end))


def _known_over(spell: Spell, track: Track) -> date:
    over = next((span.start for span in track.absent if span.start > spell.days.end), None)
    return FOREVER if over is None else previous_day(over)


def gaps(person: Person, branch: str, params: Parameters) -> list[Gap]:
    """Return the breaks of cover of one person, in order.

    A child enrolled within the grace after birth is covered from birth, so the days before are no break; after the
    grace the break runs from birth. The n-th day of grace is n days after birth (the day of birth does not count).
    """
    absent = absent_days(person, branch)
    if absent.end is None or (branch == PENSION and _too_young(person, params, absent.end)):
        return []
    duty = obligation(person, branch, params, on=absent.end)
    missing = duty.sure & absent
    if not missing:
        return []
    track = person.track(KINDS[branch])
    found = [_gap(branch, track, duty, pieces) for pieces in _breaks(missing, track.covered, duty)]
    birth = person.birth_date
    if branch == MEDICAL and birth is not None and found[0].span.end.year <= birth.year + 1:
        grace = params.at("insurance.grace_days.newborn", on=max(birth, duty.since)).value
        if found[0].span.end <= birth + timedelta(days=grace):
            del found[0]
    return found


def _too_young(person: Person, params: Parameters, day: date) -> bool:
    birth = person.birth_date
    return birth is None or birthday(birth, params.at("insurance.pension.first_age", on=day).value) > day


def _breaks(missing: Spans, covered: Spans, duty: Obligation) -> Iterator[list[Span]]:
    """Yield the stretches without cover that belong to one break: between them only unknown days of the duty."""
    pieces: list[Span] = []
    for piece in missing:
        if pieces:
            between = Span(pieces[-1].end, piece.start)
            one_duty = any(s.start <= between.start and between.end <= s.end for s in duty.possible)
            if not one_duty or any(s.meets(between) for s in covered):
                yield pieces
                pieces = []
        pieces.append(piece)
    yield pieces


def _gap(branch: str, track: Track, duty: Obligation, pieces: list[Span]) -> Gap:
    span = Span(pieces[0].start, pieces[-1].end)
    covered = track.covered
    before = [spell for spell in track.spells if spell.start < span.start]
    return Gap(
        branch,
        span,
        max(pieces, key=lambda piece: piece.days),
        covered.start is not None and covered.start < span.start,
        covered.end is not None and covered.end > span.end,
        max(before, key=lambda spell: spell.days.end, default=None),
        next((spell for spell in track.spells if spell.start > span.end), None),
        any(s.start <= duty.since and span.start in s for s in track.absent),
        next((s.start for s in covered if s.start > span.end), None),
        next(s.end for s in duty.possible if span.end in s),
    )
