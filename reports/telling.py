"""Tells the ledger of a banner when its report was frozen and sent, by an op as everything that changes the ledger.

Rules judge from it whether the report came in time (九(一)). What the ledger knows already is not said again, so
telling twice changes nothing, and what a crash left untold is told by the next look at the calendar.
"""

from datetime import date, datetime

from core.clock import day_of
from core.ids import banner_id
from core.principal import Principal
from forms.op import OpKind
from ledger.model import Record
from reports.repository import Head
from sync.office import submit
from sync.services import Services

_BANNER = 6


def tell(services: Services, principal: Principal, head: Head, now: datetime) -> bool:
    """State in the banner's ledger entry what it does not know yet of a report; tell whether there was something.

    Args:
        services: the process's.
        principal: who freezes or sends.
        head: the report; those of units, of places within a banner and drafts concern no banner's entry.
        now: the instant.
    """
    if len(head.region) != _BANNER or head.unit or not head.version:
        return False
    name = banner_id(head.region)
    entry = services.ledger.entries([name]).get(name)
    if entry is None:
        return False
    record = next((r for r in entry.household.records("report") if r.text("month") == head.month), None)
    days: dict[str, date] = {"frozen_on": day_of(head.made_at)}
    if head.sent_at is not None:
        days["sent_on"] = day_of(head.sent_at)
    untold = {fact: day.isoformat() for fact, day in days.items() if not _knows(record, fact)}
    if not untold:
        return False
    if record is None:
        untold["month"] = head.month
    path = ["record", "report", head.month if record is None else record.id]
    changes = [{"path": path, "fact": fact, "base": None, "value": value} for fact, value in untold.items()]
    submit(services, principal, OpKind.CORRECTION, name, {"changes": changes, "reason": "月度报送"}, now)
    return True


def _knows(record: Record | None, fact: str) -> bool:
    return record is not None and record.day(fact) is not None
