"""What the rules about breaks of cover share: variants, severity, unit and values of an outcome."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import Enum

from core.spans import FOREVER, Span, age_on, next_day
from ledger.model import Person, Track, Value
from validators.insurance import GAPS, KINDS, MEDICAL, Gap, gaps
from validators.rule import Case, Outcome, Severity
from validators.rules.insurance._employer import MONTHS, owed_since

PARAMETERS = (
    *GAPS,
    "insurance.move_window.days_before",
    "insurance.move_window.days_after",
    "insurance.medical.enrolment_from",
    "insurance.medical.enrolment_to",
    "insurance.medical.categories",
    "insurance.pension.categories",
    "insurance.medical.waiting",
    MONTHS,
)
"""Parameters that each rule about breaks declares."""

_GRAVER = {
    Severity.INFORMATION: Severity.MINOR,
    Severity.MINOR: Severity.MAJOR,
    Severity.MAJOR: Severity.CRITICAL,
}
_NO_PAPERS, _EMPLOYER_DID_NOT_PAY = "4", "5"


class Shape(Enum):
    """Where a break lies among the known days of cover.

    A break is over when cover was resumed or the duty ended: the person left, turned 60, began to study or to serve.
    What is over is a matter of record under rules of its own, so that a later visit that finds the person covered
    closes the finding about the break.
    """

    INTERRUPTED = "cover before, none since"
    UNCOVERED = "no cover known at all"
    ENDED = "cover before, and over"
    LATE = "no cover before, but after"


def breaks(person: Person, case: Case, shape: Shape) -> Iterator[Gap]:
    """Yield the breaks of one shape, of both branches."""
    for branch, kind in KINDS.items():
        track = person.tracks.get(kind)
        if track is None or not track.absent or not _possible(shape, track, left=person.left is not None):
            continue
        for gap in _gaps(person, branch, case):
            if _shape(gap, over=_duty_over(person, gap, case)) is shape and case.today.reached(gap.span.end):
                yield gap


def lasting(person: Person, branch: str, case: Case) -> Gap | None:
    """Return the break of a branch that goes on as far as is known, None when there is none."""
    for shape in (Shape.INTERRUPTED, Shape.UNCOVERED):
        for gap in breaks(person, case, shape):
            if gap.branch == branch and not year_over(gap, case):
                return gap
    return None


def year_over(gap: Gap, case: Case) -> bool:
    """Tell whether a year in which a resident's pension could still be paid has gone by, and nobody knows if it was."""
    return gap.year_open and case.today.reached(date(gap.span.end.year + 1, 1, 1))


def _gaps(person: Person, branch: str, case: Case) -> list[Gap]:
    """Return the breaks of a branch, computed once a judgement for all rules that read them."""
    parameters = case.parameters
    return parameters.once(("insurance.gaps", person.id, branch), lambda: gaps(person, branch, parameters))


def _possible(shape: Shape, track: Track, *, left: bool) -> bool:
    """Tell at a glance whether a track may have a break of a shape."""
    first, last = track.covered.start, track.covered.end
    absent_from, absent_to = track.absent.start, track.absent.end
    if absent_from is None or absent_to is None:
        return False
    if first is None or last is None:
        return shape is Shape.UNCOVERED and not left
    if shape is Shape.LATE:
        return absent_from < first
    if shape is Shape.ENDED:
        return first < absent_to
    if shape is Shape.UNCOVERED:
        return False
    return last < absent_to and not left


def _duty_over(person: Person, gap: Gap, case: Case) -> bool:
    """Tell whether the duty of which the break is a part has ended since, though it was never made good."""
    return person.left is not None or case.today.reached(next_day(gap.duty_to))


def _shape(gap: Gap, *, over: bool) -> Shape | None:
    if gap.covered_before:
        return Shape.ENDED if gap.covered_after or over else Shape.INTERRUPTED
    if gap.covered_after:
        return Shape.LATE
    return None if over else Shape.UNCOVERED


def is_lapse(gap: Gap, bridge_months: int) -> bool:
    """Tell whether a break after cover outlasts the bridge.

    A resident's pension premium may be paid until the end of the year, so after such cover the year must be over too.
    """
    days = gap.longest
    if not days.outlasts(months=bridge_months):
        return False
    if gap.branch == MEDICAL or gap.before is None or gap.before.fields.get("scheme") != "res":
        return True
    resumed = next_day(days.end)
    last = resumed if resumed == gap.resumed_on else days.end
    return last.year > days.start.year


def outcome_of(person: Person, gap: Gap, case: Case, severity: Severity, *, ended: bool = False) -> Outcome:
    """Return the outcome of one break.

    While this year's premium of a resident's pension may still be paid, and no employer owes it, it is a reminder
    (`year_open`): nothing makes it graver, and it is due with the year.

    Args:
        person: who is without cover.
        gap: the break.
        case: what the rule was given.
        severity: outside the move window and outside the categories of support; one step graver within either
            (不得因搬迁出现断保、漏保; 确保所有搬迁贫困人口应保尽保).
        ended: the break is over.
    """
    span, branch = gap.span, gap.branch
    category = _category(person, span, case, branch)
    values: dict[str, Value] = {"branch": branch, "months": gap.longest.whole_months, "category": category}
    variants = _record(person, gap, case, values) if ended else _reasons(person, gap, case, values)
    reminder = gap.year_open and not ended and "employer" not in variants
    graver = _graver(span, category, case, reminder=reminder)
    if graver and not reminder:
        severity = _GRAVER[severity]
    variants |= {"year_open"} | graver if reminder else graver
    track = person.track(KINDS[branch])
    if not ended:
        closes = None if variants & {"papers", "employer"} else _enrolment_closes(gap, case)
        values["closes"] = closes or ""
        if closes is not None:
            variants.add("window_open")
    return Outcome(
        subject=person.id,
        episode=f"{branch}:{span.start.isoformat()}",
        values=values,
        span=span if ended else Span(span.start, FOREVER),
        variant=tuple(sorted(variants)),
        severity=severity,
        unit="hrss" if "employer" in variants else None,
        due=date(span.end.year, 12, 31) if reminder else None,
        evidence=tuple(sorted(set(_first_told(gap, track) if ended else track.ops))),
    )


def _graver(span: Span, category: str, case: Case, *, reminder: bool) -> set[str]:
    """Return what makes a break graver: the move, and a category of support."""
    found = {"category"} if category else set[str]()
    return found | {"move"} if _around_move(span, case) and not reminder else found


def _around_move(span: Span, case: Case) -> bool:
    """Tell whether the break meets the window around the move."""
    moved = case.household.move_in
    if moved is None:
        return False
    at = case.parameters.at
    before = at("insurance.move_window.days_before", on=span.start).value
    after = at("insurance.move_window.days_after", on=span.start).value
    return span.meets(Span(moved - timedelta(days=before), moved + timedelta(days=after)))


def _category(person: Person, span: Span, case: Case, branch: str) -> str:
    """Return the first category of support that the break meets, "" when it meets none."""
    track = person.tracks.get("category")
    if track is None:
        return ""
    supported = case.parameters.at(f"insurance.{branch}.categories", on=span.end).value
    for spell in track.spells:
        category = spell.text("category")
        if category is not None and category in supported and span.meets(spell.days):
            return category
    return ""


def _record(person: Person, gap: Gap, case: Case, values: dict[str, Value]) -> set[str]:
    """Add the months of waiting for benefits; return the variant of a break that is over."""
    waiting = values["waiting_months"] = _waiting_months(person, gap, case)
    if not gap.covered_after:
        return {"left"} if person.left is not None else {"duty_over"}
    return {"waiting"} if waiting else set()


def _first_told(gap: Gap, track: Track) -> tuple[str, ...]:
    """Return the ops that told of the break before it was over, else the first that did.

    A visit that finds the person covered again is no evidence that the break is still there.
    """
    said = [each for spell in (gap.before, gap.after) if spell is not None for each in spell.said]
    early = tuple(each.op for each in said if each.on <= gap.span.end)
    if early or not said:
        return early or track.ops
    return (min(said, key=lambda each: (each.on, each.op)).op,)


def _reasons(person: Person, gap: Gap, case: Case, values: dict[str, Value]) -> set[str]:
    """Add the reason the person gave; return the variant that follows from it, or from an employer who owes cover."""
    reason = values["reason"] = person.text(f"{KINDS[gap.branch]}.reason") or ""
    if reason == _NO_PAPERS:
        return {"papers"}
    if reason == _EMPLOYER_DID_NOT_PAY or _suspended_by_employer(gap) or _owes(person, gap, case):
        return {"employer"}
    return {"reason"} if reason else set()


def _suspended_by_employer(gap: Gap) -> bool:
    """Tell whether an employer's cover was suspended before the break; flexible workers pay for themselves."""
    last = gap.before
    suspended = last is not None and (last.text("scheme"), last.text("state")) == ("emp", "suspended")
    return suspended and last is not None and last.text("member_type") != "flexible"


def _owes(person: Person, gap: Gap, case: Case) -> bool:
    """Tell whether an employer owes cover by now: a contract runs for long enough, and nobody said that it is paid."""
    jobs = [job for job in person.track("job").spells if job.text("employer_insures") != "yes"]
    return any((since := owed_since(job, case)) is not None and since <= gap.span.end for job in jobs)


def _enrolment_closes(gap: Gap, case: Case) -> date | None:
    """Return the last day of the residents' enrolment in medical cover that is open now, None when none is.

    It is a reminder, no deadline of the finding: the unit calls on the person before that.
    """
    if gap.branch != MEDICAL:
        return None
    known_to = gap.span.end
    region = case.household.region
    for year in range(known_to.year - 1, date.max.year - 1):
        on = date(year, 12, 31)
        opens = _in_year(
            case.parameters.at("insurance.medical.enrolment_from", on=on, region=region).value, year
        )
        if not case.today.reached(opens):
            return None
        closes = _in_year(
            case.parameters.at("insurance.medical.enrolment_to", on=on, region=region).value, year
        )
        if closes < opens:
            closes = _in_year(f"{closes.month:02}-{closes.day:02}", year + 1)
        if closes >= known_to and not case.today.reached(next_day(closes)):
            return closes
    return None


def _in_year(month_day: str, year: int) -> date:
    return date.fromisoformat(f"{year}-{month_day}")


def _waiting_months(person: Person, gap: Gap, case: Case) -> int:
    """Return the months a resident waits for benefits after enrolling late or again.

    From 2025 only, and counting only days from then on: fixed months, one more for each whole year of the break, not
    less than a floor after a long break; newborns do not wait.
    """
    resumed, birth = gap.resumed_on, person.birth_date
    if gap.branch != MEDICAL or resumed is None or gap.after is None or gap.after.text("scheme") != "res":
        return 0
    if gap.after.text("member_type") == "newborn" or (birth is not None and age_on(birth, resumed) < 1):
        return 0
    rule = case.parameters.at("insurance.medical.waiting", on=resumed)
    return _waiting_by(rule.value, Span(max(min(rule.since, gap.span.end), gap.span.start), gap.span.end))


def _waiting_by(table: Mapping[str, int], counted: Span) -> int:
    years = counted.whole_months // 12
    months = table["fixed_months"] + table["months_per_year"] * years
    return max(months, table["long_break_months"]) if years >= table["long_break_years"] else months
