"""Orders in the database, which is the worker's list: what waits, what is being made, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.ids import uuid7
from core.jsonvalue import JsonObject
from reports.freezing import Wanted
from store import Document, Session, Store
from store.paging import Place, page, within

LEASE = timedelta(minutes=5)
"""How long an order is nobody else's; whoever makes it says now and then that it still does."""
KEPT = timedelta(days=90)


class OrderState(StrEnum):
    """How far an order has come."""

    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"


class OrderedError(Exception):
    """The same report is ordered already."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of a report.

    Attributes:
        id: its id.
        wanted: which report.
        state: see `OrderState`.
        by, at: who ordered it, and when.
        tries: how often it was begun.
        counted: households counted so far, of `households`.
        report: id of the version that is being made, or was.
        problem: RFC 9457, when it failed.
    """

    id: str
    wanted: Wanted
    state: OrderState
    by: str
    at: datetime
    tries: int = 0
    counted: int = 0
    households: int = 0
    report: str | None = None
    problem: JsonObject | None = None

    @property
    def made(self) -> str | None:
        """The id of the report, once it is there."""
        return self.report if self.state is OrderState.DONE else None


class OrderRepository:
    """Orders by region; open ones by the instant from which they are anybody's.

    Args:
        store: the database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- for who orders

    def insert(self, order: Order, session: Session) -> None:
        """Keep a new order.

        Raises:
            OrderedError: one of the same report is open.
        """
        wanted = order.wanted
        document: Document = {
            "_id": order.id,
            "month": wanted.month,
            "region": wanted.region,
            "unit": wanted.unit,
            "draft": wanted.draft,
            "state": order.state.value,
            "by": order.by,
            "at": order.at,
            "open": True,
            "until": order.at,
            "tries": 0,
            "counted": 0,
            "households": order.households,
            "report": None,
            "problem": None,
        }
        try:
            self._store["report_orders"].insert_one(document, session=session)
        except DuplicateKeyError as error:
            raise OrderedError from error

    def open_one(self, wanted: Wanted) -> Order | None:
        """Return the order of a report that is not closed."""
        query = {"month": wanted.month, "region": wanted.region, "unit": wanted.unit, "open": True}
        found = self._store["report_orders"].find_one(query)
        return None if found is None else _order(found)

    def get(self, order: str) -> Order | None:
        """Return an order."""
        found = self._store["report_orders"].find_one({"_id": order})
        return None if found is None else _order(found)

    def page(
        self, region: str, units: Sequence[str] | None, *, place: Place | None, limit: int
    ) -> tuple[list[Order], Place | None]:
        """Return a page of the orders of a region, newest first, and the next page's place."""
        query: Document = {"region": within(region)}
        if units is not None:
            query["unit"] = {"$in": list(units)}
        found, following = page(
            self._store,
            "report_orders",
            query,
            keys=("at", "_id"),
            place=place,
            limit=limit,
            newest_first=True,
        )
        return [_order(each) for each in found], following

    # --- for who makes it

    def claim(self, now: datetime) -> Order | None:
        """Take the order that has waited longest, for a while, and count the attempt.

        The report that an earlier attempt began is still named in it; the new attempt's comes with `begins`.
        """
        taken: Document = {
            "$set": {"state": OrderState.MAKING.value, "until": now + LEASE},
            "$inc": {"tries": 1},
        }
        found = self._store["report_orders"].find_one_and_update(
            {"open": True, "until": {"$lte": now}},
            taken,
            sort=[("until", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _order(found)

    def begins(self, order: Order) -> Order:
        """Give an attempt the id of the version that it is to make, and return the order."""
        report = uuid7()
        self._set(order, {"report": report, "counted": 0})
        return replace(order, report=report)

    def goes_on(self, order: Order, counted: int, now: datetime) -> None:
        """Note how many households were counted, and that it is still being made."""
        self._set(order, {"counted": counted, "until": now + LEASE})

    def close(self, order: Order, now: datetime, problem: JsonObject | None = None) -> None:
        """Note that an order is done, or what failed."""
        state = OrderState.DONE if problem is None else OrderState.FAILED
        values: Document = {"state": state.value, "problem": problem, "expires_at": now + KEPT}
        if problem is not None:
            values["report"] = None
        self._set(order, values, {"open": "", "until": ""})

    def _set(self, order: Order, values: Document, gone: Mapping[str, str] | None = None) -> None:
        """Change an order, unless somebody else took it meanwhile."""
        change: Document = {"$set": values} | ({"$unset": dict(gone)} if gone else {})
        self._store["report_orders"].update_one({"_id": order.id, "open": True, "tries": order.tries}, change)


def _order(document: Mapping[str, Any]) -> Order:
    return Order(
        document["_id"],
        Wanted(document["month"], document["region"], document["unit"], document["draft"]),
        OrderState(document["state"]),
        document["by"],
        document["at"],
        document["tries"],
        document["counted"],
        document["households"],
        document["report"],
        document["problem"],
    )
