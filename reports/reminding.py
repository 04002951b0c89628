"""Reminds of a report that was not sent, and tells that one is overdue: news for those who have to sign or send it.

News and note are written in one transaction, and the note stays: each is told once of a month, however often somebody
looks, whatever was killed meanwhile, and whether the report was restated since.
"""

from collections.abc import Collection
from datetime import date

from access import ACTIONS
from core.principal import Role
from reports.moment import REMIND_DAY, is_late, last_day_to_send
from reports.repository import Head, ReportRepository, ReportState
from store import Session
from store.paging import areas
from sync.notify import outbox
from sync.notify.outbox import BANNER_UNIT, CITY_DIGITS, COORDINATING_UNIT, Awaited, News
from sync.services import Services

_NOTES = {News.REPORT_DUE: "reminded_at", News.REPORT_OVERDUE: "overdue_at"}


def remind(services: Services, head: Head, today: date) -> News | None:
    """Tell of a report what the day asks for; return what was told now.

    Args:
        services: the process's.
        head: the version of last month's report that counts, of somebody who sends one.
        today: in Asia/Shanghai.
    """
    kind = _wanted(head, today)
    if kind is None:
        return None
    repository, now = ReportRepository(services.store), services.clock.now()
    about = Awaited(head.id, head.month, head.region, head.unit or BANNER_UNIT, last_day_to_send(head.month))
    item = outbox.Item(kind, about, _hearers(repository, head, kind))

    def work(session: Session) -> bool:
        told = repository.awaited(head, _NOTES[kind], now, session)
        if told:
            outbox.write(services.store, [item], now, session)
        return told

    return kind if services.store.transaction(work) else None


def _wanted(head: Head, today: date) -> News | None:
    if head.state is ReportState.SENT:
        return None
    if is_late(head.month, today):
        return News.REPORT_OVERDUE
    return News.REPORT_DUE if today.day >= REMIND_DAY else None


def _hearers(repository: ReportRepository, head: Head, kind: News) -> list[str]:
    """Return the keys of who is to act: who may sign, or send what is signed, and the officers of the unit.

    They are those of the report's own region; where it has none, of every region that holds it. That a report is
    overdue is told to all of these, and to the city's 发改, to whom it should have gone (九(一)).
    """
    roles = ACTIONS["reports:send" if head.state is ReportState.SIGNED else "reports:sign"]
    own = outbox.of_officers(head.unit or BANNER_UNIT, head.region)
    if kind is News.REPORT_DUE:
        return [*outbox.of_roles(roles, _where(repository, head.region, roles)), *own]
    city = outbox.of_officers(COORDINATING_UNIT, head.region[:CITY_DIGITS])
    return [*outbox.of_roles(roles, areas(head.region)), *own, *city]


def _where(repository: ReportRepository, region: str, roles: Collection[Role]) -> list[str]:
    return [region] if repository.has_signers(region, roles) else areas(region)
