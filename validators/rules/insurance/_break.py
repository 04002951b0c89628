"""What the rules about breaks of cover share: variants, severity, unit and values of an outcome."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from core.spans import FOREVER, Span, age_on, next_day
from ledger.model import Person, Value
from validators.insurance import GAPS, KINDS, MEDICAL, PENSION, Gap, gaps
from validators.rule import Case, Outcome, Severity

PARAMETERS = (
    *GAPS,
    "insurance.move_window.days_before",
    "insurance.move_window.days_after",
    "insurance.medical.enrolment_from",
    "insurance.medical.enrolment_to",
    "insurance.medical.categories",
    "insurance.pension.categories",
    "insurance.medical.waiting",
)
"""Parameters that each rule about breaks declares."""

_GRAVER = {
    Severity.INFORMATION: Severity.MINOR,
    Severity.MINOR: Severity.MAJOR,
    Severity.MAJOR: Severity.CRITICAL,
    Severity.CRITICAL: Severity.CRITICAL,
}
_LIGHTER = {
    Severity.CRITICAL: Severity.MAJOR,
    Severity.MAJOR: Severity.MINOR,
    Severity.MINOR: Severity.INFORMATION,
    Severity.INFORMATION: Severity.INFORMATION,
}
_NO_PAPERS, _EMPLOYER_DID_NOT_PAY = "4", "5"


def breaks(person: Person, case: Case) -> Iterator[Gap]:
    """Yield the breaks of both branches."""
    for branch in (MEDICAL, PENSION):
        for gap in gaps(person, branch, case.parameters):
            if case.today.reached(gap.span.end):
                yield gap


def is_lapse(gap: Gap, bridge_months: int) -> bool:
    """Tell whether a break after cover outlasts the bridge.

    A resident's pension premium may be paid until the end of the year, so after such cover the year must be over too.
    """
    days = gap.longest
    if gap.branch == PENSION and gap.before is not None and gap.before.fields.get("scheme") == "res":
        return days.end.year > days.start.year and days.outlasts(months=bridge_months)
    return days.outlasts(months=bridge_months)


def outcome_of(person: Person, gap: Gap, case: Case, severity: Severity) -> Outcome:
    """Return the outcome of one break.

    Args:
        person: who is without cover.
        gap: the break.
        case: what the rule was given.
        severity: of an open break outside the move window and outside the categories of support. One step graver
            within either (不得因搬迁出现断保、漏保; 确保所有搬迁贫困人口应保尽保); one step lighter when cover has been
            resumed or the person has left: then it is a matter of record.
    """
    span, branch = gap.span, gap.branch
    values: dict[str, Value] = {"branch": branch, "months": gap.longest.whole_months}
    variants: set[str] = set()
    due: date | None = None
    unit: str | None = None
    if _around_move(span, case):
        variants.add("move")
    category = _category(person, span, case, branch)
    if category is not None:
        variants.add("category")
        values["category"] = category
    if variants:
        severity = _GRAVER[severity]
    is_open = not gap.covered_after and person.left is None
    if is_open:
        variants |= _reasons(person, gap, values)
        if "employer" in variants:
            unit = "hrss"
        if branch == MEDICAL and (due := _enrolment_closes(span, case)) is not None:
            variants.add("window_open")
            values["closes"] = due
    else:
        severity = _LIGHTER[severity]
        variants.add("resumed" if gap.covered_after else "left")
        if (waiting := _waiting_months(person, gap, case)) > 0:
            variants.add("waiting")
            values["waiting_months"] = waiting
    track = person.tracks[KINDS[branch]]
    return Outcome(
        subject=person.id,
        episode=f"{branch}:{span.start.isoformat()}",
        values=values,
        span=Span(span.start, FOREVER if is_open else span.end),
        variant=tuple(sorted(variants)),
        severity=severity,
        unit=unit,
        due=due,
        evidence=tuple(sorted(set(track.ops))),
    )


def _around_move(span: Span, case: Case) -> bool:
    """Tell whether the break meets the window around the move."""
    moved = case.household.move_in
    if moved is None:
        return False
    at = case.parameters.at
    before = at("insurance.move_window.days_before", on=span.start).value
    after = at("insurance.move_window.days_after", on=span.start).value
    return span.meets(Span(moved - timedelta(days=before), moved + timedelta(days=after)))


def _category(person: Person, span: Span, case: Case, branch: str) -> str | None:
    """Return the first category of support that the break meets."""
    track = person.tracks.get("category")
    if track is None:
        return None
    supported = case.parameters.at(f"insurance.{branch}.categories", on=span.end).value
    for spell in track.spells:
        category = spell.text("category")
        if category in supported and span.meets(spell.days):
            return category
    return None


def _reasons(person: Person, gap: Gap, values: dict[str, Value]) -> set[str]:
    """Add the reason the person gave; return the variants that follow from it and from the last spell."""
    found: set[str] = set()
    reason = person.text(f"{KINDS[gap.branch]}.reason")
    if reason is not None:
        values["reason"] = reason
        found.add("papers" if reason == _NO_PAPERS else "reason")
    last = gap.before
    suspended = last is not None and (last.text("scheme"), last.text("state")) == ("emp", "suspended")
    if reason == _EMPLOYER_DID_NOT_PAY or (suspended and reason != _NO_PAPERS):
        found.discard("reason")
        found.add("employer")
    return found


def _enrolment_closes(span: Span, case: Case) -> date | None:
    """Return the last day of the residents' enrolment that is open now, None when none is."""
    region = case.household.region
    for year in range(span.end.year - 1, date.max.year - 1):
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
        if closes >= span.end and not case.today.reached(next_day(closes)):
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
