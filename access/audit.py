"""The trail: who did what to whom, written in the same transaction as the deed.

Entries are linked into a hash chain afterwards, by `access.chain`: what is written here contends with nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.model import Act
from access.repository import insert_new
from core.ids import uuid7
from core.jsonvalue import JsonObject
from store import Document, Session, Store
from store.paging import Place, page

LEVELS = (0, 2, 4, 6, 9, 12)
"""Lengths of region codes; an entry is filed under every region it lies in."""


def entry(  # noqa: PLR0913 - who, what, to whom, where, how
    act: Act,
    action: str,
    target: str,
    region: str,
    detail: JsonObject | None = None,
    *,
    key: str | None = None,
) -> Document:
    """Return an entry of the trail.

    Args:
        act: who did it, and when.
        action: a name such as `users:write`.
        target: what it was done to, such as `user/<id>`.
        region: region code of the target.
        detail: what changed; never a password, a token or an answer.
        key: id of the entry, for a deed that may be told twice; None: a new one.
    """
    return {
        "_id": key or uuid7(),
        "at": act.at,
        "by": act.by.user,
        "device": act.by.device,
        "session": act.by.session,
        "address": act.by.address,
        "action": action,
        "target": target,
        "region": region,
        "areas": areas(region),
        "detail": dict(detail or {}),
    }


def areas(region: str) -> list[str]:
    """Return the regions that a region code lies in, itself too."""
    return list(dict.fromkeys([*(region[:level] for level in LEVELS if level <= len(region)), region]))


def record(  # noqa: PLR0913 - who, what, to whom, where, how
    store: Store,
    act: Act,
    action: str,
    target: str,
    region: str,
    detail: JsonObject | None = None,
    *,
    session: Session | None = None,
) -> None:
    """Append one entry beside the write it tells of, in its transaction `session`; see `entry`."""
    store["audit"].insert_one(entry(act, action, target, region, detail), session=session)


def record_many(store: Store, entries: Iterable[Document]) -> None:
    """Append entries that have keys of their own; those that are there stay as they are."""
    insert_new(store, "audit", entries)


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """Which entries; None leaves a part open."""

    by: str | None = None
    target: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Trail:
    """The trail as one caller sees it: of the own region and what lies in it.

    Args:
        store: the database.
        act: who asks.
    """

    def __init__(self, store: Store, act: Act) -> None:
        self._store = store
        self._act = act

    def page(
        self, filters: TrailFilters, *, limit: int, place: Place | None = None
    ) -> tuple[list[Document], Place | None]:
        """Return a page of entries, newest first, and the place of the next page."""
        query: Document = {"areas": self._act.by.region} | _query(filters)
        return page(
            self._store, "audit", query, keys=("at", "_id"), place=place, limit=limit, newest_first=True
        )


def _query(filters: TrailFilters) -> Document:
    parts: Mapping[str, Any] = {"by": filters.by, "target": filters.target, "action": filters.action}
    query: Document = {name: value for name, value in parts.items() if value is not None}
    bounds = {"$gte": filters.since, "$lt": filters.until}
    bounded = {operator: value for operator, value in bounds.items() if value is not None}
    return query | ({"at": bounded} if bounded else {})
