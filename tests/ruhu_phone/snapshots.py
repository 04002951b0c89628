"""Beginning a large scope from its snapshot: stored gzip bytes, fetched in as many goes as the line needs."""

import gzip
import json
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ruhu_phone.answers import Exchanged
from ruhu_phone.store import Store
from ruhu_phone.transport import Answer, NoAnswerError

_OK, _PART, _NOT_THERE, _UNSATISFIABLE = 200, 206, (403, 404, 410), 416


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole snapshot: rows by key, the check they must meet, and the cursor that says so to the server."""

    scope: str
    rows: dict[str, Any]
    check: tuple[int, int]
    cursor: str


class Snapshots:
    """Which scopes wait for their snapshot, how much of each is here, and the cursors of those that were taken."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def joined(self) -> dict[str, str]:
        """Return the cursors of snapshots that were taken and not yet told, by scope."""
        return dict(self._store.all("SELECT scope, joined FROM scopes WHERE joined IS NOT NULL"))

    def wanted(self) -> list[tuple[str, str]]:
        """Return (scope, path) of each snapshot that is to be fetched."""
        return self._store.all("SELECT scope, snapshot FROM scopes WHERE snapshot IS NOT NULL ORDER BY scope")

    def take(self, answer: Exchanged, told: Collection[str]) -> None:
        """Note what an answer says; call it after the rows of the answer were taken.

        Args:
            answer: the answer.
            told: scopes whose joined cursor was in the request: the one cursor of the answer covers them now.
        """
        for scope, path in self.wanted():
            if answer.add.get(scope) != path:  # not granted any more, or small enough to come in pages
                self._store.run(
                    "UPDATE scopes SET snapshot = NULL, etag = NULL, part = NULL WHERE scope = ?", scope
                )
                if scope not in answer.add:
                    self._store.run("DELETE FROM rows WHERE scope = ?", scope)
                    self._store.run("DELETE FROM scopes WHERE scope = ?", scope)
        self._store.run_many("UPDATE scopes SET joined = NULL WHERE scope = ?", [(scope,) for scope in told])
        for scope, begun in answer.add.items():
            if begun is not None:
                self._store.run("UPDATE scopes SET snapshot = ?, joined = NULL WHERE scope = ?", begun, scope)

    def headers(self, scope: str) -> dict[str, str]:
        """Return the headers that ask for what is not here yet."""
        etag, part = self._held(scope)
        if not part or etag is None:
            return {"Accept-Encoding": "gzip"}
        return {"Accept-Encoding": "gzip", "Range": f"bytes={len(part)}-", "If-Range": etag}

    def receive(self, scope: str, answer: Answer) -> Snapshot | None:
        """Keep what came; return the snapshot when it is whole, None when it is not there any more.

        Raises:
            NoAnswerError: there is more to fetch, or what came is no snapshot and was thrown away.
        """
        if answer.status in _NOT_THERE:
            self._keep(scope, None, b"")
            return None
        _, held = self._held(scope)
        begin = f"bytes {len(held)}-"
        if answer.status == _PART and answer.headers.get("content-range", "").startswith(begin):
            raw = held + answer.body
        elif answer.status == _OK:
            raw = answer.body
        else:
            if answer.status in {_OK, _PART, _UNSATISFIABLE}:
                self._keep(scope, None, b"")
            raise NoAnswerError(f"HTTP {answer.status} for a snapshot")
        etag = answer.headers.get("etag")
        resumable = answer.headers.get("content-encoding") == "gzip" and etag is not None
        if answer.cut:
            self._keep(scope, *((etag, raw) if resumable else (None, b"")))
            raise NoAnswerError("the snapshot was cut off")
        self._keep(scope, None, b"")
        return _read(scope, gunzipped(raw) if answer.headers.get("content-encoding") == "gzip" else raw)

    def done(self, snapshot: Snapshot) -> None:
        """Note that a snapshot's rows were taken: the next request tells its cursor."""
        self._store.run(
            "UPDATE scopes SET snapshot = NULL, joined = ? WHERE scope = ?", snapshot.cursor, snapshot.scope
        )

    def forget_joined(self) -> None:
        """Forget the cursors that were not told yet: the server knows them no more."""
        self._store.run("UPDATE scopes SET joined = NULL")

    def _held(self, scope: str) -> tuple[str | None, bytes]:
        found = self._store.one("SELECT etag, part FROM scopes WHERE scope = ?", scope)
        return (None, b"") if found is None else (found[0], found[1] or b"")

    def _keep(self, scope: str, etag: str | None, part: bytes) -> None:
        self._store.run("UPDATE scopes SET etag = ?, part = ? WHERE scope = ?", etag, part or None, scope)


def gunzipped(raw: bytes) -> bytes:
    """Return the content of gzip bytes.

    Raises:
        NoAnswerError: they are broken.
    """
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise NoAnswerError(f"the snapshot cannot be decompressed: {error}") from error


def _read(scope: str, content: bytes) -> Snapshot:
    try:
        *lines, last = [json.loads(line) for line in content.splitlines() if line]
        rows = dict(lines)
        count, total = last["check"]
        whole = last["scope"] == scope and last["rows"] == len(lines)
        snapshot = Snapshot(scope, rows, (int(count), int(total)), str(last["cursor"]))
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise NoAnswerError(f"this is no snapshot: {error!r}") from error
    if not whole:
        raise NoAnswerError(f"this is no snapshot of {scope}")
    return snapshot
