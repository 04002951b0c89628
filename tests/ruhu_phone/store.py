"""The phone's database: one SQLite file, one transaction an answer, so that a phone killed anywhere is consistent.

What must never be lost for anything the server says (drafts, the outbox) lies beside what can be had again (rows).
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

MEMORY = ":memory:"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS drafts (name TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ops (
  id TEXT PRIMARY KEY, place INTEGER NOT NULL, n INTEGER, kind TEXT NOT NULL, sha256 TEXT NOT NULL,
  body TEXT NOT NULL, state TEXT NOT NULL, elsewhere INTEGER NOT NULL DEFAULT 0, told TEXT, at INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ops_waiting ON ops (state, n);
CREATE TABLE IF NOT EXISTS scopes (
  scope TEXT PRIMARY KEY, generation INTEGER NOT NULL, sweeping INTEGER NOT NULL, failed INTEGER NOT NULL,
  snapshot TEXT, etag TEXT, part BLOB, joined TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows (
  scope TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL, content TEXT NOT NULL, generation INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS photos (
  sha256 TEXT PRIMARY KEY, content BLOB NOT NULL, state TEXT NOT NULL, place INTEGER NOT NULL
) WITHOUT ROWID;
"""


class Store:
    """The database of one phone.

    Args:
        path: the file; `MEMORY` for a phone that forgets all when it is closed.
    """

    def __init__(self, path: str = MEMORY) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all changes inside or none of them; inside another it is part of that one."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        with self._lock:
            found: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
            return found

    def run(self, sql: str, *values: Any) -> int:
        """Change something; return how many rows were changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """Change something once for each of `values`."""
        with self._lock:
            self._connection.executemany(sql, values)

    def get(self, name: str) -> Any:
        """Return a fact of this phone, or None."""
        found = self.one("SELECT value FROM facts WHERE name = ?", name)
        return None if found is None else json.loads(found[0])

    def put(self, name: str, value: Any) -> None:
        """Note a fact of this phone; None forgets it."""
        if value is None:
            self.run("DELETE FROM facts WHERE name = ?", name)
        else:
            self.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, json.dumps(value))

    def close(self) -> None:
        """Close the file; what was not committed is gone, as if the phone had been killed."""
        self._connection.close()

    # --- drafts: interviews that are not finished; nothing the server says touches them, but the order to wipe

    def keep_draft(self, name: str, content: Any) -> None:
        """Keep an unfinished interview; None forgets it."""
        if content is None:
            self.run("DELETE FROM drafts WHERE name = ?", name)
        else:
            self.run("INSERT OR REPLACE INTO drafts VALUES (?, ?)", name, json.dumps(content))

    def drafts(self) -> dict[str, Any]:
        """Return the unfinished interviews by name."""
        return {name: json.loads(content) for name, content in self.all("SELECT * FROM drafts")}
