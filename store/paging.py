"""Keyset paging: each page begins after a place in an order, so its cost does not grow and nothing is skipped."""

from collections.abc import Mapping, Sequence
from typing import Any

from store.client import Document, Store

Place = tuple[Any, ...]

LEVELS = (0, 2, 4, 6, 9, 12)
"""Lengths of region codes; what is filed by region is filed under every one it lies in."""


def areas(region: str) -> list[str]:
    """Return the regions that a region code lies in, by level, itself too."""
    return [region[:level] for level in LEVELS if level <= len(region)]


def within(region: str) -> Document:
    """Return the condition on a region code that lies in the scope `region`; it can use an index."""
    return {"$gte": region, "$lt": region + "\uffff"}


def after(
    query: Mapping[str, Any], keys: Sequence[str], place: Place | None, *, newest_first: bool = False
) -> Document:
    """Return `query` narrowed to documents that come after `place` in the order of `keys`.

    Every key must hold a value of one BSON type in every document (comparison does not cross types).
    """
    if place is None:
        return dict(query)
    branches = [
        {
            **dict(zip(keys[:depth], place[:depth], strict=True)),
            keys[depth]: {"$lt" if newest_first else "$gt": place[depth]},
        }
        for depth in range(len(keys))
    ]
    return {"$and": [dict(query), {"$or": branches}]}


def page(  # noqa: PLR0913 - one query, said by keyword
    store: Store,
    collection: str,
    query: Mapping[str, Any],
    *,
    keys: Sequence[str],
    place: Place | None,
    limit: int,
    without: Sequence[str] = (),
    newest_first: bool = False,
) -> tuple[list[Document], Place | None]:
    """Return up to `limit` documents after `place`, and the place of the next page, None after the last.

    Args:
        store: the database.
        collection: its name in `store/collections.py`.
        query: what to find.
        keys: the order, ascending if not `newest_first`; an index should hold it.
        place: values of `keys` of the last document seen.
        limit: page size.
        without: fields to leave out.
        newest_first: descending.
    """
    narrowed = after(query, keys, place, newest_first=newest_first)
    cursor = store[collection].find(narrowed, dict.fromkeys(without, 0) or None)
    direction = -1 if newest_first else 1
    found = list(cursor.sort([(key, direction) for key in keys]).limit(limit + 1))
    if len(found) <= limit:
        return found, None
    return found[:limit], tuple(found[limit - 1][key] for key in keys)
