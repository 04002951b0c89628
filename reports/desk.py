"""The monthly reports as one caller sees and handles them: made, signed by two, sent, looked into."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from access import audit
from access.model import Act
from core.ids import uuid7
from core.principal import Role
from core.problems import Conflict, NotAllowed, NotFound
from reports.cells import Difference, differences, parts_of
from reports.freezing import Wanted, refuse_unmakeable
from reports.indicators import all_indicators
from reports.making import names_of_unit
from reports.orders.repository import Order, OrderedError, OrderRepository, OrderState
from reports.repository import Behind, Head, Report, ReportRepository, ReportState
from reports.telling import tell
from store import Session
from store.paging import Place, within
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

    def order(self, wanted: Wanted) -> Order:
        """Order the next version of a report, which a worker makes; return the order, the open one if there is one.

        Raises:
            NotAllowed: the region lies outside the caller's.
            Unprocessable: the month is not over, or there is no such unit.
            Conflict: a draft is wanted of what is frozen, or a version that is no draft is being made of it.
        """
        self._must_cover(wanted.region)
        refuse_unmakeable(self._services, wanted, self._act.at)
        orders = OrderRepository(self._store)
        households = self._store["households"].count_documents({"region": within(wanted.region)})
        order = Order(
            uuid7(), wanted, OrderState.WAITING, self._act.by.user, self._act.at, households=households
        )

        def work(session: Session) -> None:
            orders.insert(order, session)
            self._ordered(order, session)

        try:
            self._store.transaction(work)
        except OrderedError:
            return self._again(orders, wanted)
        self._services.wake_reporter()
        return order

    def orders(self, *, limit: int, place: Place | None = None) -> tuple[list[Order], Place | None]:
        """Return a page of orders, newest first, and the next page's place."""
        return OrderRepository(self._store).page(self._act.by.region, self._units, place=place, limit=limit)

    def ordered(self, order_id: str) -> Order:
        """Return an order.

        Raises:
            NotFound: there is none that the caller may see.
        """
        found = OrderRepository(self._store).get(order_id)
        if found is None or not self._act.by.covers(found.wanted.region):
            raise NotFound
        if self._units is not None and found.wanted.unit not in self._units:
            raise NotFound
        return found

    def _again(self, orders: OrderRepository, wanted: Wanted) -> Order:
        """Return the open order of the same report; who orders it again is in the trail, too."""
        found = orders.open_one(wanted)
        if found is None:
            raise Conflict("The order of this report was closed just now; look at it, and order again.")
        if found.wanted != wanted:
            raise Conflict(
                "Another version of this report is being made; order again when it is there.", order=found.id
            )
        self._ordered(found)
        return found

    def _ordered(self, order: Order, session: Session | None = None) -> None:
        wanted = order.wanted
        detail = {"month": wanted.month, "unit": wanted.unit, "draft": wanted.draft}
        target = f"report-order/{order.id}"
        audit.record(self._store, self._act, "reports:freeze", target, wanted.region, detail, session=session)

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
