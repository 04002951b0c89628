"""The outbox: what somebody is to hear of, written in the transaction of what it tells.

News says that something happened to a case, never what: it holds ids, codes and days, nothing of a person. Who hears
it is said by keys: a user's own (`u/<user>`), an officer's of a unit in a region (`o/<unit>/<region>`), a role's in a
region (`r/<role>/<region>`). Whoever has a key and the region reads it; nobody is written to one by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from core.ids import uuid7
from core.principal import Principal, Role
from store import Document, Session, Store
from store.paging import Place, areas, page
from validators.cases import Case

CITY_DIGITS, BANNER_DIGITS = 4, 6
COORDINATING_UNIT = "development_reform"
"""The unit that follows up for the city where none of the city's is responsible (九(一))."""
BANNER_UNIT = "banner"
_MOST_UNREAD = 100
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class News(StrEnum):
    """What happened to a case."""

    OPENED = "case-opened"
    GREW = "case-grew"
    REOPENED = "case-reopened"
    CLOSED = "case-closed"
    ASSIGNED = "case-assigned"
    COMMENTED = "case-commented"
    OVERDUE = "case-overdue"


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news.

    Attributes:
        kind: see `News`.
        case: the case.
        to: keys of who is to hear it.
        by: user id of who did it; None: the rules or the calendar.
        step: to whom `case-overdue` tells it.
    """

    kind: News
    case: Case
    to: Sequence[str]
    by: str | None = None
    step: str | None = None


def write(store: Store, items: Iterable[Item], at: datetime, session: Session) -> None:
    """Put news into the outbox, in the transaction of what it tells."""
    documents = [_document(item, at) for item in items]
    if documents:
        store["notifications"].insert_many(documents, session=session)


def _document(item: Item, at: datetime) -> Document:
    case = item.case
    return {
        "_id": uuid7(),
        "at": at,
        "kind": item.kind.value,
        "case": case.id,
        "unit": case.unit,
        "region": case.region,
        "areas": areas(case.region),
        "due": case.due.isoformat(),
        "step": item.step,
        "by": item.by,
        "to": list(dict.fromkeys(item.to)),
        "fan": True,
    }


# --- who hears


def of_user(user: str | None) -> list[str]:
    """Return the key of a user, if there is one."""
    return [] if user is None else [f"u/{user}"]


def of_unit(case: Case) -> list[str]:
    """Return the keys of the officers of a case's unit, in every region that holds the case."""
    return [f"o/{case.unit}/{area}" for area in areas(case.region)]


def of_step(step: str, case: Case) -> list[str]:
    """Return the keys of those to whom a step of escalation tells a case.

    - `supervisor`: the supervisors of every region that holds it;
    - `banner`: the banner government: its officers, and the coordinators of the banner;
    - `city`: the responsible unit of the city (for what is the banner's own: who follows up by 九(一)), and the
      coordinators of the city.
    """
    city, banner = case.region[:CITY_DIGITS], case.region[:BANNER_DIGITS]
    if step == "supervisor":
        return [f"r/{Role.SUPERVISOR}/{area}" for area in areas(case.region)]
    if step == "banner":
        return [f"o/{BANNER_UNIT}/{banner}", f"r/{Role.COORDINATOR}/{banner}"]
    unit = COORDINATING_UNIT if case.unit == BANNER_UNIT else case.unit
    return [f"o/{unit}/{city}", f"r/{Role.COORDINATOR}/{city}"]


def keys_of(principal: Principal) -> list[str]:
    """Return the keys under which somebody hears news."""
    if principal.role is Role.OFFICER:
        return [f"u/{principal.user}", f"o/{principal.unit}/{principal.region}"]
    return [f"u/{principal.user}", f"r/{principal.role}/{principal.region}"]


class Feed:
    """The news of one caller.

    Args:
        store: the database.
        principal: who asks.
    """

    def __init__(self, store: Store, principal: Principal) -> None:
        self._store = store
        self._by = principal

    def page(self, *, limit: int, place: Place | None) -> tuple[list[Document], Place | None]:
        """Return a page of news, newest first, each with `read`, and the place of the next page."""
        mark = self._mark()
        found, following = page(
            self._store, "notifications", self._mine(), keys=("at", "_id"), place=place, limit=limit,
            newest_first=True,
        )  # fmt: skip
        return [each | {"read": (each["at"], each["_id"]) <= mark} for each in found], following

    def unread(self) -> int:
        """Return how much news the caller has not read, up to a hundred."""
        at, last = self._mark()
        later = {"$or": [{"at": {"$gt": at}}, {"at": at, "_id": {"$gt": last}}]}
        return self._store["notifications"].count_documents(self._mine() | later, limit=_MOST_UNREAD)

    def read_up_to(self, notification: str) -> bool:
        """Mark a piece of news and all before it as read; tell whether it is one of the caller's."""
        found = self._store["notifications"].find_one(self._mine() | {"_id": notification}, {"at": 1})
        if found is None:
            return False
        if (found["at"], found["_id"]) > self._mark():
            place = {"at": found["at"], "notification": found["_id"]}
            self._store["notification_marks"].update_one({"_id": self._by.user}, {"$set": place}, upsert=True)
        return True

    def _mine(self) -> dict[str, Any]:
        query: dict[str, Any] = {"to": {"$in": keys_of(self._by)}}
        if self._by.region:
            query["areas"] = self._by.region
        return query

    def _mark(self) -> tuple[datetime, str]:
        found = self._store["notification_marks"].find_one({"_id": self._by.user}) or {}
        return found.get("at", _LONG_AGO), found.get("notification", "")
