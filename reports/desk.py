"""The monthly reports as one caller sees and handles them: made, signed by two, sent, looked into."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from access import audit
from access.model import Act
from core.principal import Role
from core.problems import Conflict, NotAllowed, NotFound
from reports.cells import Difference, differences, parts_of
from reports.freezing import Wanted, make
from reports.indicators import all_indicators
from reports.making import names_of_unit
from reports.repository import Behind, Head, Report, ReportRepository, ReportState
from reports.telling import tell
from store import Session
from store.paging import Place
from sync.services import Services
from validators.policy import Policy

_SIGNERS = 2
_ASKED = 200


@dataclass(frozen=True, slots=True)
class Restatement:
    """How a version differs from the one that was frozen first.

    Attributes:
        first: the version that was frozen first. newest: the newest one.
        differing: cells that are not the same in `first` and in the version that was asked for.
    """

    first: Head
    newest: Head
    differing: tuple[Difference, ...]


class Reports:
    """The reports of the caller's region and what lies in it; an officer sees whole reports and those of the own unit.

    Args:
        services: the process's.
        act: who asks, and when.
    """

    def __init__(self, services: Services, act: Act) -> None:
        self._services, self._act = services, act
        self._store = services.store
        self._repository = ReportRepository(services.store)

    # --- reading

    def page(
        self, region: str | None, month: str | None, *, limit: int, place: Place | None = None
    ) -> tuple[list[Head], Place | None]:
        """Return a page of versions, newest month first, and the next page's place.

        Raises:
            NotAllowed: the region lies outside the caller's.
        """
        if region is not None:
            self._must_cover(region)
        return self._repository.page(
            region or self._act.by.region, self._units, month, place=place, limit=limit
        )

    def head(self, report_id: str) -> Head:
        """Return a version without its cells.

        Raises:
            NotFound: there is none that the caller may see.
        """
        found = self._repository.head(report_id)
        if found is None or not self._may_see(found):
            raise NotFound
        return found

    def report(self, report_id: str) -> Report:
        """Return a version.

        Raises:
            NotFound: there is none that the caller may see.
        """
        self.head(report_id)
        found = self._repository.get(report_id)
        if found is None:
            raise NotFound
        return found

    def restatement(self, report_id: str) -> Restatement:
        """Return how a version differs from the one that was frozen first.

        Raises:
            NotFound: there is none that the caller may see.
            Conflict: it is a draft.
        """
        report = self.report(report_id)
        head = report.head
        versions = [v for v in self._repository.versions(head.month, head.region, head.unit) if v.version]
        if head.state is ReportState.DRAFT:
            raise Conflict("A draft restates nothing.")
        first = report if versions[0].id == head.id else self.report(versions[0].id)
        return Restatement(first.head, versions[-1], tuple(differences(first.cells, report.cells)))

    def behind(
        self, report_id: str, name: str, *, role: str, limit: int, place: Place | None = None
    ) -> tuple[list[Behind], Place | None]:
        """Return a page of the objects behind a part that lie in the caller's region, and the next page's place.

        An officer sees only those of households in which the own unit has, or had, a finding.

        Args:
            report_id: the version.
            name: of the part, such as `12.covered`.
            role: `numerator`, `denominator` or `unknown`: which objects.
            limit: at most so many.
            place: of the last object seen.

        Raises:
            NotFound: there is no such version that the caller may see, or no such part in it.
        """
        head = self.head_within(report_id)
        parts = parts_of(all_indicators()) if not head.unit else names_of_unit(head.unit, self._policy)
        if name not in parts:
            raise NotFound
        bound = max(head.region, self._act.by.region, key=len)
        rows = self._repository.behind(head.lists, name, bound, place=place)
        fitting = ((here, row) for here, row in rows if _fits(row, role))
        found = list(islice(self._concerned(fitting), limit + 1))
        more = len(found) > limit
        return [row for _, row in found[:limit]], found[limit - 1][0] if more else None

    def head_within(self, report_id: str) -> Head:
        """Return a version whose region and the caller's have households in common: the lists are cut to the caller's.

        Raises:
            NotFound: there is none.
        """
        found = self._repository.head(report_id)
        mine = self._act.by.region
        if found is None or not (found.region.startswith(mine) or mine.startswith(found.region)):
            raise NotFound
        if self._units is not None and found.unit not in self._units:
            raise NotFound
        return found

    def _concerned(self, rows: Iterable[tuple[Place, Behind]]) -> Iterator[tuple[Place, Behind]]:
        if self._act.by.role is not Role.OFFICER:
            yield from rows
            return
        source = iter(rows)
        while part := list(islice(source, _ASKED)):
            known = self._services.findings.concerned(self._act.by.unit or "", {row.entry for _, row in part})
            yield from ((here, row) for here, row in part if row.entry in known)

    def people(self, head: Head) -> dict[str, str]:
        """Return the names of those who made, signed and sent a version, by user id."""
        return self._repository.names_of(head)

    # --- handling

    def freeze(self, wanted: Wanted) -> Report:
        """Make the next version of a report; see `reports.freezing.make`.

        Raises:
            NotAllowed: the region lies outside the caller's.
            Unprocessable, Conflict: as `make` says.
        """
        self._must_cover(wanted.region)
        report = make(self._services, wanted, self._act.by.user, self._act.at)
        head = report.head
        detail = {"month": head.month, "unit": head.unit, "version": head.version, "digest": head.digest}
        self._record("reports:freeze", head, detail)
        tell(self._services, self._act.by, head, self._act.at)
        return report

    def sign(self, report_id: str) -> Head:
        """Answer for a frozen version; it is signed once two persons do, who froze it among them.

        Raises:
            NotFound: there is none that the caller may see.
            Conflict: it is a draft, was sent, or the caller answers for it already.
        """
        head = self.head(report_id)
        if head.state is not ReportState.FROZEN:
            raise Conflict(f"The report is {head.state}; only a frozen one is signed.")
        answering = {head.made_by} - {""} | {each.by for each in head.signatures}
        if self._act.by.user in answering:
            raise Conflict("You answer for this report already; a second person signs it.")
        signed = len(answering) + 1 >= _SIGNERS
        change = {
            "$push": {"signatures": {"by": self._act.by.user, "at": self._act.at}},
            "$set": {"state": (ReportState.SIGNED if signed else ReportState.FROZEN).value},
        }
        self._change(head, change, "reports:sign")
        return self.head(report_id)

    def send(self, report_id: str) -> Head:
        """Say that a signed version was sent to the city's 发改, now.

        Raises:
            NotFound: there is none that the caller may see.
            Conflict: it is not signed, or was sent.
        """
        head = self.head(report_id)
        if head.state is not ReportState.SIGNED:
            raise Conflict(f"The report is {head.state}; a signed one is sent.")
        change = {
            "$set": {
                "state": ReportState.SENT.value,
                "sent_by": self._act.by.user,
                "sent_at": self._act.at,
            }
        }
        self._change(head, change, "reports:send")
        sent = self.head(report_id)
        tell(self._services, self._act.by, sent, self._act.at)
        return sent

    def _change(self, head: Head, change: Mapping[str, object], action: str) -> None:
        def work(session: Session) -> bool:
            changed = self._repository.note(head.id, head.state, change, session)
            if changed:
                self._record(action, head, {"month": head.month, "version": head.version}, session)
            return changed

        if not self._store.transaction(work):
            raise Conflict("Somebody else changed the report meanwhile; read it again.")

    # --- inside

    @property
    def _policy(self) -> Policy:
        return self._services.engine.policy

    @property
    def _units(self) -> Sequence[str] | None:
        return ("", self._act.by.unit or "") if self._act.by.role is Role.OFFICER else None

    def _may_see(self, head: Head) -> bool:
        mine = self._act.by.covers(head.region)
        return mine and (self._units is None or head.unit in self._units)

    def _must_cover(self, region: str) -> None:
        if not self._act.by.covers(region):
            raise NotAllowed(f"Region {region} lies outside yours ({self._act.by.region}).")

    def _record(
        self, action: str, head: Head, detail: dict[str, object], session: Session | None = None
    ) -> None:
        audit.record(
            self._store, self._act, action, f"report/{head.id}", head.region, detail, session=session
        )


def _fits(row: Behind, role: str) -> bool:
    if role == "numerator":
        return row.num != 0
    return row.den != 0 if role == "denominator" else row.unknown != 0
