"""建立安置点居民会议、居民代表会议和居民协商议事会议制度: the residents of a site have not met for long."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span, add_months, next_day
from ledger.model import Fact, Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, milder, ops, overdue, stated

_MONTHS = "site.meeting_months"


@rule("site/meeting-overdue", clause="四(二)", severity=Severity.MINOR, subject="site", parameters=(_MONTHS,))
def meeting_overdue(site: Site, case: Case) -> Iterator[Outcome]:
    """The last residents' meeting of which somebody told lies more than some months back; or there was never one.

    Where there was never one (`never`) the months run from the day the first households moved in; when that is not
    known, nothing is told.
    """
    seen, last, never = _last(site, case)
    if seen is None or last is None:
        return
    months = int(case.parameters.at(_MONTHS, on=last, region=site.region).value)
    deadline = add_months(last, months)
    variant = overdue(seen, deadline, case)
    if variant is not None:
        yield Outcome(
            subject=site.id,
            episode="meeting",
            values={"last": last, "months": months},
            span=Span(next_day(deadline)),
            variant=(*(("never",) if never else ()), *variant),
            severity=milder(Severity.MINOR, variant),
            evidence=ops(seen),
        )


def _last(site: Site, case: Case) -> tuple[Fact | None, date | None, bool]:
    """Return the statement that counts, the day from which the months run, and whether there was never a meeting."""
    held = stated(site, "meetings.last_on", case)
    if held is not None:
        return held, site.day("meetings.last_on"), False
    return answered(site, "meetings.held", ("no",), case), site.day("occupied_from"), True
