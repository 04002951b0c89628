"""Makes what was ordered, one after the other. A worker that is killed leaves its order to the next.

While a report is counted, whoever makes it also settles what comes in: one worker may be all there is, and phones wait
for nobody's report. A report speaks of its moment, whatever is settled meanwhile (`reports.states`).
"""

import time
from collections.abc import Callable

import structlog

from access import SYSTEM, Act, audit
from access.model import User
from core.principal import Principal
from core.problems import InternalError, Problem
from reports.freezing import make
from reports.orders.repository import Order, OrderRepository
from reports.repository import Head, ReportRepository
from reports.telling import tell
from store import DatabaseError
from sync.services import Services
from sync.settle import settle

MOST_TRIES = 3
_PAUSE_S = 2.0
_MEANWHILE = 500
_log = structlog.get_logger(__name__)


def work(services: Services) -> int:
    """Make every report that is ordered; return how many orders were closed."""
    orders, closed = OrderRepository(services.store), 0
    while (order := orders.claim(services.clock.now())) is not None:
        _work(services, orders, order)
        closed += 1
    return closed


def meanwhile(services: Services, beat: Callable[[int], None] | None = None) -> Callable[[int], None]:
    """Return what is to be told how many households were counted: every two seconds it settles what came in.

    Args:
        services: the process's.
        beat: told the same, as often.
    """
    last = time.monotonic()

    def counted(count: int) -> None:
        nonlocal last
        if time.monotonic() - last < _PAUSE_S:
            return
        if beat is not None:
            beat(count)
        settle(services, limit=_MEANWHILE)
        last = time.monotonic()

    return counted


def _work(services: Services, orders: OrderRepository, order: Order) -> None:
    made = _made_before(services, order)
    if made is None and order.tries > MOST_TRIES:
        _fail(services, orders, order, InternalError("It was begun three times and never finished."))
        return
    try:
        head = made or _make(services, orders, order)
        _announce(services, order, head)
    except DatabaseError:
        raise  # the order is open still: whoever looks next takes it up
    except Problem as problem:
        _fail(services, orders, order, problem)
    except Exception:  # noqa: BLE001 - one order that cannot be made must not hinder the others
        _log.exception("report_failed", order=order.id, region=order.wanted.region, month=order.wanted.month)
        _fail(services, orders, order, InternalError("The worker's log tells what failed."))
    else:
        orders.close(order, services.clock.now())


def _made_before(services: Services, order: Order) -> Head | None:
    """Return what an earlier attempt finished; drop what it only began."""
    if order.report is None:
        return None
    repository = ReportRepository(services.store)
    head = repository.head(order.report)
    if head is None:
        repository.drop(order.report)
    return head


def _make(services: Services, orders: OrderRepository, order: Order) -> Head:
    taken = orders.begins(order)
    clock = services.clock
    counted = meanwhile(services, lambda count: orders.goes_on(taken, count, clock.now()))
    return make(services, order.wanted, order.by, clock.now(), counted, taken.report).head


def _announce(services: Services, order: Order, head: Head) -> None:
    """Write into the trail what was frozen, and tell the banner's ledger entry."""
    act = Act(_who(services, order.by), services.clock.now())
    detail = {
        "month": head.month, "unit": head.unit, "version": head.version, "digest": head.digest, "order": order.id,
    }  # fmt: skip
    audit.record(services.store, act, "reports:freeze", f"report/{head.id}", head.region, detail)
    tell(services, act.by, head, act.at)


def _fail(services: Services, orders: OrderRepository, order: Order, problem: Problem) -> None:
    orders.close(order, services.clock.now(), problem.to_json())


def _who(services: Services, user: str) -> Principal:
    found = services.store["users"].find_one({"_id": user})
    return SYSTEM if found is None else User.from_document(found).principal
