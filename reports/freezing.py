"""Freezes the report of a month, restates it when data came late, and makes it again from the log to verify it.

Version 1 takes the state at the instant of freezing. Each later version is a restatement (ADR 26): the same day, with
what was said no later than that day and came since. A version never changes; the draft, version 0, may be made anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.clock import day_of
from core.ids import uuid7
from core.problems import Conflict, Unprocessable
from reports.cells import Cells, Difference, differences
from reports.making import (
    Progress,
    Scope,
    cells_of,
    definitions_digest,
    names_of_unit,
    settle_all,
    total,
)
from reports.moment import Moment, before, month_days
from reports.repository import DRAFT_VERSION, Head, Report, ReportRepository, ReportState
from sync.services import Services

_GIVEN_UP = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: of a month and a region, of all indicators or of one responsible unit's; frozen or a draft."""

    month: str
    region: str
    unit: str = ""
    draft: bool = False


def make(  # noqa: PLR0913 - what is made, for whom, when, and who is told
    services: Services,
    wanted: Wanted,
    by: str,
    now: datetime,
    progress: Progress | None = None,
    report_id: str | None = None,
) -> Report:
    """Make and keep the next version of a report: its draft, the first frozen version, or a restatement.

    Args:
        services: the process's.
        wanted: which.
        by: user id; "" for the clock.
        now: the instant; what was not settled by then is left to a restatement.
        progress: told how many households were counted so far.
        report_id: id of the version; None: a new one.

    Raises:
        Unprocessable: the month is not over, or there is no such unit.
        Conflict: somebody else makes the same version, or a draft is wanted of what is frozen.
    """
    repository = ReportRepository(services.store)
    frozen = refuse_unmakeable(services, wanted, now)
    for left in repository.begun_before(now - _GIVEN_UP):
        repository.drop(left)
    if wanted.draft:
        for each in repository.versions(wanted.month, wanted.region, wanted.unit):
            repository.drop(each.id)
    settle_all(services, now, progress)
    return _make(services, wanted, frozen, _Stamp(report_id or uuid7(), by, now), progress)


def cut(services: Services, whole: Report, unit: str, now: datetime) -> Report:
    """Keep a responsible unit's first report, cut out of its region's: its figures were counted with all others.

    It speaks of the same moment, and the lists behind its cells are those of the whole.

    Args:
        services: the process's.
        whole: a frozen report of all indicators.
        unit: the responsible unit.
        now: the instant.

    Raises:
        Conflict: somebody else makes it, or has.
    """
    repository, report_id = ReportRepository(services.store), uuid7()
    cells = _of_unit(services, whole.cells, unit)
    head = replace(
        whole.head, id=report_id, unit=unit, version=1, state=ReportState.FROZEN, digest=cells.digest, restates=None,
        made_by="", made_at=now, signatures=(), sent_by=None, sent_at=None, reminded_at=None, overdue_at=None,
    )  # fmt: skip
    repository.begin(report_id, month=head.month, region=head.region, unit=unit, version=head.version, at=now)
    report = Report(head, cells)
    repository.finish(report)
    return report


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The id of a version, who makes it, and when."""

    id: str
    by: str
    at: datetime


def _make(
    services: Services, wanted: Wanted, frozen: list[Head], stamp: _Stamp, progress: Progress | None
) -> Report:
    repository = ReportRepository(services.store)
    version = DRAFT_VERSION if wanted.draft else len(frozen) + 1
    at = services.clock.now()  # after settling: what was settled just now counts
    moment = Moment(at, day_of(at))
    if frozen:
        moment = replace(frozen[0].moment, known_until=at)
    repository.begin(
        stamp.id,
        month=wanted.month,
        region=wanted.region,
        unit=wanted.unit,
        version=version,
        at=stamp.at,
    )
    try:
        last = repository.newest(before(wanted.month), wanted.region, wanted.unit)
        scope = Scope(wanted.month, wanted.region, moment)
        totals = total(services, scope, repository.lists(stamp.id), progress)
        cells = _of_unit(services, cells_of(totals, wanted.region, last.cells if last else None), wanted.unit)
        head = Head(
            stamp.id,
            wanted.month,
            wanted.region,
            wanted.unit,
            version,
            ReportState.DRAFT if wanted.draft else ReportState.FROZEN,
            moment,
            services.engine.policy.version,
            definitions_digest(),
            totals.households,
            cells.digest,
            frozen[-1].id if frozen else None,
            last.head.id if last else None,
            stamp.id,
            stamp.by,
            stamp.at,
        )
        report = Report(head, cells)
        repository.finish(report)
    except BaseException:
        repository.drop(stamp.id)
        raise
    return report


def refuse_unmakeable(services: Services, wanted: Wanted, now: datetime) -> list[Head]:
    """Check that a report can be made, and return the versions that are frozen.

    Raises:
        Unprocessable: the month is not over, or there is no such unit.
        Conflict: a draft is wanted of what is frozen.
    """
    if day_of(now) <= month_days(wanted.month).end and not wanted.draft:
        raise Unprocessable(errors=[{"at": "/month", "message": "a month that is over"}])
    if wanted.unit and wanted.unit not in services.engine.policy.units:
        raise Unprocessable(errors=[{"at": "/unit", "message": "a unit of /policy/units"}])
    versions = ReportRepository(services.store).versions(wanted.month, wanted.region, wanted.unit)
    frozen = [each for each in versions if each.version > DRAFT_VERSION]
    if wanted.draft and frozen:
        raise Conflict("The report of this month is frozen; freeze it again to restate it.")
    return frozen


def _of_unit(services: Services, cells: Cells, unit: str) -> Cells:
    return cells.only(names_of_unit(unit, services.engine.policy)) if unit else cells


@dataclass(frozen=True, slots=True)
class Verified:
    """What making a report again from the log gave.

    Attributes:
        head: the version that was verified.
        differing: the cells that differ.
        lists_differ: parts behind which there are other objects, though the sums may be equal.
        same_policy, same_definitions: False when rules, parameters or indicators are others now, so that differences
            do not tell against the data.
    """

    head: Head
    differing: tuple[Difference, ...]
    lists_differ: tuple[str, ...]
    same_policy: bool
    same_definitions: bool

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differing and not self.lists_differ


def verify(services: Services, report: Report, progress: Progress | None = None) -> Verified:
    """Make a frozen version again from the log alone, as of its moment, and compare cell by cell."""
    head = report.head
    scope = Scope(head.month, head.region, head.moment, from_log=True)
    totals = total(services, scope, progress=progress)
    again = _of_unit(services, cells_of(totals, head.region, None), head.unit)
    names = again.digests.keys() | report.cells.digests.keys()
    return Verified(
        head,
        tuple(differences(report.cells, again)),
        tuple(sorted(n for n in names if again.digests.get(n, 0) != report.cells.digests.get(n, 0))),
        head.policy == services.engine.policy.version,
        head.indicators == definitions_digest(),
    )
