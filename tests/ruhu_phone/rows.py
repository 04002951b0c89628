"""The rows of a phone, by scope: begun, swept, dropped and checked as the protocol says.

A scope that is begun, or begun again, keeps its old rows while the new ones arrive. When its check comes, what did not
arrive since is deleted (mark and sweep), and then count and sum are compared.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ruhu_phone.answers import Exchanged, Row
from ruhu_phone.digests import added, canonical, mix, sha256_hex
from ruhu_phone.store import Store

_VERSION = 16


class Rows:
    """The rows of a phone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def scopes(self) -> list[str]:
        """Return the scopes that are held."""
        return [scope for (scope,) in self._store.all("SELECT scope FROM scopes ORDER BY scope")]

    def of(self, scope: str) -> dict[str, Any]:
        """Return the rows of a scope by key."""
        query = "SELECT key, content FROM rows WHERE scope = ? ORDER BY key"
        return {key: json.loads(content) for key, content in self._store.all(query, scope)}

    def texts(self, scope: str) -> dict[str, str]:
        """Return the rows of a scope by key, as canonical JSON."""
        return dict(self._store.all("SELECT key, content FROM rows WHERE scope = ?", scope))

    def count(self) -> int:
        """Return how many rows are held."""
        found = self._store.one("SELECT COUNT(*) FROM rows")
        return int(found[0]) if found else 0

    def failed(self) -> list[str]:
        """Return the scopes whose check failed, for the server to begin again."""
        return [scope for (scope,) in self._store.all("SELECT scope FROM scopes WHERE failed = 1")]

    def take(self, answer: Exchanged, *, from_nothing: bool) -> list[str]:
        """Take the rows of an answer; return the scopes whose check failed.

        Args:
            answer: the answer.
            from_nothing: the request had no cursor, so that `add` names all scopes there are.
        """
        known = set(self.scopes()) - answer.add.keys() if from_nothing else set()
        for scope in known.union(answer.drop):
            self._drop(scope)
        for scope in dict.fromkeys((*answer.add, *answer.reset)):
            self._begin(scope)
        self._put(answer.rows)
        return [scope for scope, told in answer.check.items() if not self._finish(scope, told)]

    def take_snapshot(self, scope: str, rows: Mapping[str, Any], check: tuple[int, int]) -> bool:
        """Take all rows of a scope at once; tell whether its check holds."""
        self._put(Row(scope, key, content) for key, content in rows.items())
        return self._finish(scope, check)

    def forget_all(self) -> None:
        """Delete all rows and scopes."""
        self._store.run("DELETE FROM rows")
        self._store.run("DELETE FROM scopes")

    def _drop(self, scope: str) -> None:
        self._store.run("DELETE FROM rows WHERE scope = ?", scope)
        self._store.run("DELETE FROM scopes WHERE scope = ?", scope)

    def _begin(self, scope: str) -> None:
        self._store.run(
            "INSERT INTO scopes (scope, generation, sweeping, failed) VALUES (?, 1, 1, 0) ON CONFLICT (scope)"
            " DO UPDATE SET generation = generation + 1, sweeping = 1, failed = 0",
            scope,
        )

    def _put(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row.content is None:
                self._store.run("DELETE FROM rows WHERE scope = ? AND key = ?", row.scope, row.key)
                continue
            text = canonical(row.content)
            self._store.run(
                "INSERT OR REPLACE INTO rows SELECT ?, ?, ?, ?, generation FROM scopes WHERE scope = ?",
                row.scope,
                row.key,
                sha256_hex(text)[:_VERSION],
                text.decode(),
                row.scope,
            )

    def _finish(self, scope: str, told: tuple[int, int]) -> bool:
        """Sweep a scope that was begun, and compare; note it when it differs."""
        self._store.run(
            "DELETE FROM rows WHERE scope = ?1 AND generation <"
            " (SELECT generation FROM scopes WHERE scope = ?1 AND sweeping = 1)",
            scope,
        )
        holds = self.check(scope) == told
        self._store.run("UPDATE scopes SET sweeping = 0, failed = ? WHERE scope = ?", not holds, scope)
        return holds

    def check(self, scope: str) -> tuple[int, int]:
        """Return count and sum of a scope, as the server counts them."""
        found = self._store.all("SELECT key, version FROM rows WHERE scope = ?", scope)
        return len(found), added(*(mix(key, version) for key, version in found))
