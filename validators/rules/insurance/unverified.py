"""应保尽保 needs knowledge: whether the person is covered has not been verified for too long, or never."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import FOREVER, Span, Spans, add_months, birthday, next_day
from ledger.model import Household, Person, Track, Value
from validators.insurance import (
    KINDS,
    MEDICAL,
    PENSION,
    UNCONFIRMED,
    Obligation,
    absent_days,
    obligation,
)
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.insurance._break import PARAMETERS, lasting


@rule(
    "insurance/unverified",
    clause="三(三)",
    severity=Severity.MINOR,
    parameters=(
        *PARAMETERS,
        "insurance.pension.benefit_months",
        "insurance.unverified.first_days",
        "insurance.medical.refresh_days",
        "insurance.pension.refresh_days",
    ),
    version=2,
)
def unverified(person: Person, case: Case) -> Iterator[Outcome]:
    """Obliged days of which nothing is known go on for longer than a statement may be old, one finding a branch.

    Never asked, or asked and not known: so many days after moving in or joining. Said to be insured elsewhere: at once.
    Of who is old enough, whether a pension is paid, when nobody could say. Not raised for the dead and those who left,
    nor beside a break that was found and goes on: whoever mends it asks. Minor: not knowing is no violation.
    """
    if person.left is not None:
        return
    for branch, kind in KINDS.items():
        track = person.track(kind)
        if _fresh(branch, track, case) or _open_ended(branch, track):
            continue
        days = (track.covered.end, track.absent.end, case.household.move_in, person.joined, person.birth_date)
        on = max(filter(None, days), default=FOREVER)
        duty = obligation(person, branch, case.parameters, on=on)
        if not duty.possible:
            continue
        first, due, asked = _unknown(person, branch, duty, case)
        within = next((span for span in duty.possible if due in span), None)
        if within is None or not case.today.reached(due) or case.today.reached(next_day(within.end)):
            continue
        if lasting(person, branch, case) is not None:
            continue
        yield _outcome(
            person, branch, track, Span(first, within.end), _variants(person, branch, duty, first, asked)
        )
    yield from _benefit(person, case)


def _benefit(person: Person, case: Case) -> Iterator[Outcome]:
    """Yield the person of pension age of whom nobody who was asked since that age could say if a pension is paid."""
    birth, said = person.birth_date, person.facts.get("pension.benefit")
    if birth is None or said is None:
        return
    at = case.parameters.at
    start = birthday(birth, at("insurance.pension.benefit_age", on=said.said.on).value)
    due = add_months(start, at("insurance.pension.benefit_months", on=said.said.on).value)
    track = person.track(KINDS[PENSION])
    paid = any(spell.fields.get("state") == "in_payment" for spell in track.spells)
    if paid or said.value == "yes" or (said.value == "no" and said.said.on >= due):
        return
    since = max(due, _anchor(person, case.household))
    wait: int = at("insurance.unverified.first_days", on=since).value
    if case.today.reached(since + timedelta(days=wait + 1)):
        yield _outcome(person, PENSION, track, Span(start), ("benefit",))


def _fresh(branch: str, track: Track, case: Case) -> bool:
    """Tell at a glance of cover that is known to a day that is not old yet."""
    end = track.covered.end
    if end is None or end.year >= date.max.year - 1 or (track.absent.end or date.min) > end:
        return end == FOREVER
    days: int = case.parameters.at(f"insurance.{branch}.refresh_days", on=next_day(end)).value
    return not case.today.reached(end + timedelta(days=days + 1))


def _open_ended(branch: str, track: Track) -> bool:
    """Tell of a retiree's medical cover and of a pension in payment: they need no renewal, until said otherwise."""
    for spell in track.spells:
        retired = spell.fields.get("member_type") == "retiree" and spell.fields.get("scheme") == "emp"
        lasting = retired if branch == MEDICAL else spell.fields.get("state") == "in_payment"
        if lasting and spell.end is None and (track.absent.end or date.min) <= spell.days.end:
            return True
    return False


def _unknown(person: Person, branch: str, duty: Obligation, case: Case) -> tuple[date, date, bool]:
    """Return the first unknown day of the duty, the day on which that is a finding, and whether it was known before.

    The last day on which a statement is fresh is its day plus the days of refreshing.
    """
    days = person.track(KINDS[branch]).covered | (absent_days(person, branch) & duty.sure)
    if branch == PENSION:
        days |= person.track("schooling").covered
    last = days.end
    asked = last is not None and last >= duty.since
    start = next_day(last) if last is not None and asked else _anchor(person, case.household)
    left_over = duty.possible & Spans.between(start, FOREVER)
    if left_over.start is None:
        return FOREVER, FOREVER, asked
    first = left_over.start
    name = f"insurance.{branch}.refresh_days" if asked else "insurance.unverified.first_days"
    wait: int = case.parameters.at(name, on=first).value + (0 if asked else 1)
    due = first + timedelta(days=wait) if first.year < date.max.year - 1 else FOREVER
    reason = person.facts.get(f"{KINDS[branch]}.reason")
    if reason is not None and reason.value in UNCONFIRMED and first <= reason.said.on:
        due = min(due, reason.said.on)
    return first, due, asked


def _anchor(person: Person, household: Household) -> date:
    """Return the later of moving in and joining, from when somebody could have asked."""
    return max(filter(None, (household.move_in, person.joined)), default=date.min)


def _variants(person: Person, branch: str, duty: Obligation, first: date, asked: bool) -> tuple[str, ...]:
    variants = {"stale" if asked else "never_asked"}
    reason = person.facts.get(f"{KINDS[branch]}.reason")
    if reason is not None and reason.value in UNCONFIRMED and first <= reason.said.on:
        variants.add("elsewhere")
    if first not in duty.sure:
        variants.add("study")
    return tuple(sorted(variants))


def _outcome(person: Person, branch: str, track: Track, span: Span, variants: tuple[str, ...]) -> Outcome:
    values: dict[str, Value] = {"branch": branch}
    return Outcome(
        subject=person.id,
        episode=f"{branch}:{span.start.isoformat()}",
        values=values,
        span=span,
        variant=variants,
        evidence=tuple(sorted(set(track.ops))),
    )
