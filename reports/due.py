"""What the calendar asks of reports: made on the 1st, reminded of from the 3rd, overdue after the 5th (九(一)).

Whose reports are due is read from the database each time, so a wake-up call that was lost costs an hour and no report:
whatever is missing of the last month is made whenever somebody looks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import structlog

from access import SYSTEM
from core.clock import day_of
from core.problems import Conflict
from reports.freezing import Wanted, cut, make
from reports.indicators import all_indicators
from reports.making import units_of
from reports.moment import month_before
from reports.orders.work import meanwhile
from reports.reminding import remind
from reports.repository import Head, Report, ReportRepository, ReportState
from reports.telling import tell
from sync.notify.outbox import News
from sync.services import Services

_CITY = 4
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Round:
    """What one look at the calendar did: reports made, reminded of, told to be overdue, given up for now."""

    made: int = 0
    reminded: int = 0
    overdue: int = 0
    failed: int = 0


def senders(services: Services) -> Iterator[tuple[str, str]]:
    """Yield (region, unit) of whoever sends a report each month: each banner, and each responsible unit of the city.

    Both the banners and the city's units report (各责任单位(旗区), DOMAIN §0.11). The city's own report of all
    indicators is made beside them and sent by nobody.
    """
    banners = ReportRepository(services.store).banners()
    for city, _ in groupby(banners, key=lambda banner: banner[:_CITY]):
        yield city, ""
        for unit in responsible_units(services):
            yield city, unit
    for banner in banners:
        yield banner, ""


def responsible_units(services: Services) -> list[str]:
    """Return the city's units that are responsible for an indicator, in the order of the list of units."""
    policy = services.engine.policy
    responsible = {unit for each in all_indicators() for unit in units_of(each, policy)} - {"banner"}
    return [unit for unit in policy.units if unit in responsible]


def look(services: Services, beat: Callable[[], None] | None = None) -> Round:
    """Make what is missing of last month's reports, and tell those of whom a report is awaited.

    Args:
        services: the process's.
        beat: called after each report, for whoever watches.
    """
    done = Round()
    today = day_of(services.clock.now())
    month = month_before(today)
    repository = ReportRepository(services.store)
    for region, unit in senders(services):
        head = _newest(repository, month, region, unit)
        if head is None:
            head = _make(services, Wanted(month, region, unit), done)
        if head is not None and is_sender(head):
            told = remind(services, head, today)
            done.reminded += told is News.REPORT_DUE
            done.overdue += told is News.REPORT_OVERDUE
            tell(services, SYSTEM, head, services.clock.now())
        if beat is not None:
            beat()
    return done


def is_sender(head: Head) -> bool:
    """Tell whether a report is one that is sent: of a banner, or of a unit of the city."""
    return bool(head.unit) or len(head.region) > _CITY


def _newest(repository: ReportRepository, month: str, region: str, unit: str) -> Head | None:
    frozen = [head for head in repository.versions(month, region, unit) if head.version]
    sent = [head for head in frozen if head.state is ReportState.SENT]
    found = sent or frozen
    return found[-1] if found else None


def _make(services: Services, wanted: Wanted, done: Round) -> Head | None:
    try:
        made = _made(services, wanted).head
    except Conflict:
        return None  # somebody makes it just now
    except Exception:  # noqa: BLE001 - one report that cannot be made must not hinder the others; the next look tries again
        _log.exception("report_failed", region=wanted.region, month=wanted.month)
        done.failed += 1
        return None
    done.made += 1
    return made


def _made(services: Services, wanted: Wanted) -> Report:
    """Make a report; one of a unit is cut out of its region's, which is counted once for all of them."""
    repository, now = ReportRepository(services.store), services.clock.now()
    whole = repository.newest(wanted.month, wanted.region) if wanted.unit else None
    return (
        cut(services, whole, wanted.unit, now)
        if whole is not None
        else make(services, wanted, "", now, meanwhile(services))
    )
