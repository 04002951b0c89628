"""Pages: `after` is an opaque place, `next` and the Link header lead on."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import request

from core.problems import Unprocessable

Place = tuple[Any, ...]


def _packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": int(value.timestamp() * 1000)}
    return {"d": value.isoformat()} if isinstance(value, date) else value


def _unpacked(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return datetime.fromtimestamp(value["t"] / 1000, UTC) if "t" in value else date.fromisoformat(value["d"])


def write_place(place: Sequence[Any]) -> str:
    """Return a place in an order as opaque text."""
    raw = json.dumps([_packed(value) for value in place], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).rstrip(b"=").decode()


def read_place(text: str | None, *types: type) -> Place | None:
    """Return the place that `write_place` wrote, or None for the first page.

    Args:
        text: the query argument `after`.
        types: the type of each value.

    Raises:
        Unprocessable: the text is not one of ours.
    """
    if text is None:
        return None
    values = _values(text)
    if len(values) != len(types) or not all(map(isinstance, values, types)):
        raise Unprocessable(errors=[{"at": "/after", "message": "not `next` of an earlier page"}])
    return values


def _values(text: str) -> Place:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = tuple(_unpacked(value) for value in json.loads(raw))
        json.dumps([_packed(value) for value in values], ensure_ascii=False).encode()  # no half surrogates
    except (binascii.Error, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ()
    return values


def page_of(items: Sequence[Any], following: Sequence[Any] | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a page's body and headers."""
    if following is None:
        return {"items": items, "next": None}, {}
    text = write_place(following)
    query = {**request.args.to_dict(), "after": text}
    return {"items": items, "next": text}, {"Link": f'<{request.path}?{urlencode(query)}>; rel="next"'}


def filters(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given query arguments without those of paging."""
    return {
        name: value for name, value in args.items() if name not in {"limit", "after"} and value is not None
    }
