"""The outbox: what somebody is to hear of, written in the transaction of what it tells.

News says that something happened to a case, or that a report is awaited, never more: it holds ids, codes and days,
nothing of a person. Who hears it is said by keys: a user's own (`u/<user>`), an officer's of a unit in a region
(`o/<unit>/<region>`), or of a unit that cooperates (`c/<unit>/<region>`), a role's in a region (`r/<role>/<region>`).
Whoever has a key and the region reads it; nobody is written to one by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from core.ids import uuid7
from core.principal import Principal, Role
from store import Document, Session, Store
from store.paging import Place, areas, page
from validators.cases import Case, Part

CITY_DIGITS, BANNER_DIGITS = 4, 6
COORDINATING_UNIT = "development_reform"
"""The unit that follows up for the city where none of the city's is responsible (九(一))."""
BANNER_UNIT = "banner"
_MOST_UNREAD = 100
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class News(StrEnum):
    """What happened to a case, or is awaited of a monthly report."""

    OPENED = "case-opened"
    GREW = "case-grew"
    REOPENED = "case-reopened"
    CLOSED = "case-closed"
    ASSIGNED = "case-assigned"
    COMMENTED = "case-commented"
    OVERDUE = "case-overdue"
    REPORT_DUE = "report-due"
    REPORT_OVERDUE = "report-overdue"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A monthly report that somebody has still to sign or to send.

    Attributes:
        id: of the version.
        month: YYYY-MM.
        region: whose report.
        unit: of which unit; the banner government of a banner's.
        due: the last day on which it is in time.
    """

    id: str
    month: str
    region: str
    unit: str
    due: date


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news.

    Attributes:
        kind: see `News`.
        about: the case, or the report.
        to: keys of who is to hear it.
        by: user id of who did it; None: the rules or the calendar.
        step: to whom `case-overdue` tells it.
        helping: cooperating units that hear it, too.
    """

    kind: News
    about: Case | Awaited
    to: Sequence[str]
    by: str | None = None
    step: str | None = None
    helping: Sequence[str] = ()


def write(store: Store, items: Iterable[Item], at: datetime, session: Session) -> None:
    """Put news into the outbox, in the transaction of what it tells."""
    documents = [_document(item, at) for item in items]
    if documents:
        store["notifications"].insert_many(documents, session=session)


def _document(item: Item, at: datetime) -> Document:
    about = item.about
    report = about if isinstance(about, Awaited) else None
    return {
        "_id": uuid7(),
        "at": at,
        "kind": item.kind.value,
        "case": about.id if report is None else None,
        "report": report.id if report is not None else None,
        "month": report.month if report is not None else None,
        "unit": about.unit,
        "region": about.region,
        "areas": areas(about.region),
        "due": about.due.isoformat(),
        "step": item.step,
        "by": item.by,
        "cooperating": list(item.helping),
        "to": list(dict.fromkeys([*item.to, *of_helping(item.helping, about.region)])),
        "fan": True,
    }


# --- who hears


def of_user(user: str | None) -> list[str]:
    """Return the key of a user, if there is one."""
    return [] if user is None else [f"u/{user}"]


def of_unit(case: Case) -> list[str]:
    """Return the keys of the officers of a case's unit, in every region that holds the case."""
    return [f"o/{case.unit}/{area}" for area in areas(case.region)]


def of_helping(units: Iterable[str], region: str) -> list[str]:
    """Return the keys of the officers of cooperating units, in every region that holds a case's."""
    return [f"c/{unit}/{area}" for unit in units for area in areas(region)]


def of_roles(roles: Iterable[Role], regions: Iterable[str]) -> list[str]:
    """Return the keys of all who have one of some roles in one of some regions."""
    return [f"r/{role}/{region}" for region in regions for role in sorted(roles)]


def of_officers(unit: str, region: str) -> list[str]:
    """Return the key of a unit's officers in a region."""
    return [f"o/{unit}/{region}"]


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


def keys_of(principal: Principal, part: Part | None = None) -> list[str]:
    """Return the keys under which somebody hears news, or of those one part: as who cooperates, or otherwise."""
    own, helps = [f"u/{principal.user}", f"r/{principal.role}/{principal.region}"], []
    if principal.role is Role.OFFICER:
        own[1] = f"o/{principal.unit}/{principal.region}"
        helps = [f"c/{principal.unit}/{principal.region}"]
    return {None: own + helps, Part.RESPONSIBLE: own, Part.COOPERATING: helps}[part]


class Feed:
    """The news of one caller.

    Args:
        store: the database.
        principal: who asks.
    """

    def __init__(self, store: Store, principal: Principal) -> None:
        self._store = store
        self._by = principal

    def page(
        self, part: Part | None = None, *, limit: int, place: Place | None
    ) -> tuple[list[Document], Place | None]:
        """Return a page of news, newest first, each with `read` and `part`, and the place of the next page.

        Args:
            part: only what the caller hears as of a unit that cooperates, or only all else.
            limit: at most so many.
            place: of the last piece of news seen.
        """
        mark, own = self._mark(), frozenset(keys_of(self._by, Part.RESPONSIBLE))
        found, following = page(
            self._store, "notifications", self._mine(part), keys=("at", "_id"), place=place, limit=limit,
            newest_first=True,
        )  # fmt: skip
        return [
            each
            | {
                "read": (each["at"], each["_id"]) <= mark,
                "part": Part.COOPERATING if own.isdisjoint(each["to"]) else Part.RESPONSIBLE,
            }
            for each in found
        ], following

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

    def _mine(self, part: Part | None = None) -> dict[str, Any]:
        query: dict[str, Any] = {"to": {"$in": keys_of(self._by, part)}}
        if self._by.region:
            query["areas"] = self._by.region
        return query

    def _mark(self) -> tuple[datetime, str]:
        found = self._store["notification_marks"].find_one({"_id": self._by.user}) or {}
        return found.get("at", _LONG_AGO), found.get("notification", "")
