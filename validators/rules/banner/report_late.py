"""各责任单位(旗区)于每月5日前报送进展情况: the report of a month was not sent in time."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span, add_months, next_day
from ledger.model import Record, Site
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.banner._told import first_told

_DAY, _INCLUDED, _FROM = "banner.report_day", "banner.report_day_included", "banner.report_from"
_ISSUED = date(2019, 12, 24)  # the notice's own day: what is in force on it is read


@rule(
    "banner/report-late",
    clause="九(一)",
    severity=Severity.CRITICAL,
    subject="banner",
    parameters=(_DAY, _INCLUDED, _FROM),
)
def report_late(banner: Site, case: Case) -> Iterator[Outcome]:
    """Yield each month whose report was not sent by the 5th of the next month, 24:00 in Shanghai (reading 11).

    Months count from the first of which the ledger holds a report, else from the one in which it first heard of the
    banner; what was reported before that, outside Ruhu, is not known. A report sent late is late no longer.
    """
    month = _first_month(banner, case)
    if month is None:
        return
    sent = {each.text("month"): each for each in banner.records("report")}
    while True:
        following = add_months(month, 1)
        day = int(case.parameters.at(_DAY, on=following).value)
        last = following.replace(day=day)
        late = (
            next_day(last)
            if case.parameters.at(_INCLUDED, on=following, region=banner.region).value
            else last
        )
        if not case.today.reached(late):
            return
        report = sent.get(f"{month:%Y-%m}")
        if report is None or not _was_sent(report, case):
            yield _outcome(banner, month, report, late)
        month = following


def _first_month(banner: Site, case: Case) -> date | None:
    """Return the first day of the first month that is owed, or None when nothing is known of the banner."""
    named = [f"{text}-01" for each in banner.records("report") if (text := each.text("month"))]
    known = [date.fromisoformat(text) for text in named]
    told = first_told(banner)
    start = min(known, default=None if told is None else told.replace(day=1))
    return None if start is None else max(start, case.parameters.at(_FROM, on=_ISSUED).value)


def _was_sent(report: Record, case: Case) -> bool:
    day = report.day("sent_on")
    return day is not None and case.today.reached(day)


def _outcome(banner: Site, month: date, report: Record | None, late: date) -> Outcome:
    frozen = report is not None and report.day("frozen_on") is not None
    return Outcome(
        subject=banner.id,
        episode=f"report:{month:%Y-%m}",
        values={"month": f"{month:%Y-%m}", "late": late},
        span=Span(late),
        variant=("frozen",) if frozen else (),
        evidence=() if report is None else tuple(sorted(report.ops)),
    )
