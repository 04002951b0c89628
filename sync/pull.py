"""Pull: the rows of the granted scopes after a cursor, in pages (PROTOCOL §5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from core.principal import Principal
from sync.cursor import Cursor, Place, Plan, encode, epoch_mark, plan
from sync.digests import WIRE_MODULUS
from sync.feed import FeedReader, FeedRow, FeedState, Head
from sync.protocol import SyncRequest

REFERENCE = "g"
FEW_ROWS, MOST_ROWS = 200, 20_000
"""A scope of more than so many rows is offered as a snapshot, up to so many."""

_ROW_OVERHEAD = 24
_SMALLEST_ROW = 120
_PAGE_ROWS = 1000
_log = structlog.get_logger(__name__)


def grants(principal: Principal) -> tuple[str, ...]:
    """Return the scopes a caller holds: reference data, own interviews, own work lists."""
    return (REFERENCE, f"u-{principal.user}", *principal.worklists)


@dataclass(frozen=True, slots=True)
class Pulled:
    """A page: the members of the answer that pull makes."""

    drop: Sequence[str]
    add: Sequence[Mapping[str, str]]
    reset: Sequence[str]
    rows: Sequence[list[Any]]
    more: bool
    check: Mapping[str, list[int]]
    cursor: str

    def to_json(self) -> dict[str, Any]:
        """Return the members of the answer."""
        return {
            "drop": list(self.drop),
            "add": list(self.add),
            "reset": list(self.reset),
            "rows": list(self.rows),
            "more": self.more,
            "check": dict(self.check),
            "cursor": self.cursor,
        }


def pull(
    reader: FeedReader, state: FeedState, request: SyncRequest, cursor: Cursor | None, key: bytes
) -> Pulled:
    """Return the next page for a phone.

    Args:
        reader: reads as of the snapshot that `state` came from.
        state: heads of exactly the scopes that are granted, and the epoch.
        request: page size, and scopes whose check failed.
        cursor: where the phone is; None when it has nothing.
        key: signs the new cursor.
    """
    heads = {scope: (head.seq, head.floor) for scope, head in state.heads.items()}
    large = {scope for scope, head in state.heads.items() if request.snapshots and is_large(head)}
    todo = plan(cursor, state.epoch, heads, request.mismatch, large)
    if request.mismatch:
        _log.warning("check_failed", install=request.install, scopes=list(request.mismatch))
    page = _Page(reader, state, request.max_bytes)
    for scope in sorted(todo.start):
        page.read(scope, todo.start[scope])
    check = _checks(page, state, todo)
    text = encode(Cursor(epoch_mark(state.epoch), page.places), key)
    add = [
        {"scope": scope} | ({"snapshot": address(scope)} if scope in todo.apart else {}) for scope in todo.add
    ]
    return Pulled(todo.drop, add, todo.reset, page.rows, page.more, check, text)


class _Page:
    """One page being filled: rows until the bytes are spent, and where each scope then is."""

    def __init__(self, reader: FeedReader, state: FeedState, max_bytes: int) -> None:
        self._reader = reader
        self._state = state
        self._left = max_bytes
        self.rows: list[list[Any]] = []
        self.places: dict[str, Place] = {}
        self.more = False

    def read(self, scope: str, start: Place) -> None:
        """Add the rows of a scope after a place, as far as they fit; a page has at least one row."""
        head, seq = self._state.heads[scope].seq, start.seq
        if seq < head and self._left > 0:
            limit = min(_PAGE_ROWS, self._left // _SMALLEST_ROW + 1)
            whole, count = True, 0
            for row in self._reader.rows(scope, seq, start.base, limit):
                count += 1
                size = row.size + len(row.scope) + len(row.key) + _ROW_OVERHEAD
                if self.rows and size > self._left:
                    whole = False
                    break
                self._left -= size
                self.rows.append(_wire(row))
                seq = row.seq
            if whole and count < limit:
                seq = head
        if seq < head:
            self._left = 0
            self.more = True
        self.places[scope] = Place(seq, start.base)


def _wire(row: FeedRow) -> list[Any]:
    return [row.scope, row.key, [row.op, row.content]]


def _checks(page: _Page, state: FeedState, todo: Plan) -> dict[str, list[int]]:
    """Return count and sum of each scope that this page brought to its head."""
    begun = {*todo.add, *todo.reset}
    return {
        scope: told(head)
        for scope, head in sorted(state.heads.items())
        if scope in page.places
        and page.places[scope].seq == head.seq
        and (scope in begun or todo.start[scope].seq < head.seq)
    }


def told(head: Head) -> list[int]:
    """Return the check of a scope as it travels: number of rows, and the low 53 bits of their sum."""
    return [head.n, head.sum % WIRE_MODULUS]


def is_large(head: Head) -> bool:
    """Tell whether a scope is worth a snapshot, and not too large to be made at once."""
    return FEW_ROWS < head.n <= MOST_ROWS


def address(scope: str) -> str:
    """Return where the snapshot of a scope is fetched."""
    return f"/api/v1/scopes/{scope}/snapshot"
