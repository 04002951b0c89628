"""The ops of a phone: recorded, offered until the server says of each that it is kept, held 30 days after that."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ruhu_phone.answers import DURABLE, FORKED, REJECTED, Exchanged, Result
from ruhu_phone.digests import canonical, sha256_hex
from ruhu_phone.store import Store

KEPT_MS = 30 * 24 * 3600 * 1000
"""How long an op is held after its tick, by the server's clock: the phone's own may be years off."""


class State(StrEnum):
    """Where an op is: in the outbox, kept by the server, or refused by it (and shown to the user)."""

    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Ticked:
    """What the results of an answer changed: ops that left the outbox, photos by name, whether the phone is a copy."""

    ops: int
    wanted: frozenset[str]
    complete: frozenset[str]
    forked: bool


class OpLog:
    """The ops of a phone.

    `have` tells which numbers the log holds, not which ops: of two copies of one phone, one may find its number taken
    by the other's op once a backup was restored. So all that is kept is offered again when the server begins a scope
    again; what it has is a duplicate and costs little. An op that the server keeps under another number or install is
    marked `elsewhere`: `have` says nothing of it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def max_n(self) -> int:
        """The last number this install gave."""
        return int(self._store.get("n") or 0)

    def record(self, op_id: str, kind: str, body: Mapping[str, Any]) -> None:
        """Put an op into the outbox."""
        text = canonical(body)
        with self._store.transaction():
            self._store.run(
                "INSERT INTO ops (id, place, n, kind, sha256, body, state)"
                " VALUES (?, (SELECT COALESCE(MAX(place), 0) + 1 FROM ops), ?, ?, ?, ?, ?)",
                op_id,
                self._next_n(),
                kind,
                sha256_hex(text),
                text.decode(),
                State.PENDING,
            )

    def _next_n(self) -> int:
        n = self.max_n + 1
        self._store.put("n", n)
        return n

    def outbox(self, most: int, most_bytes: int) -> list[dict[str, Any]]:
        """Return the next ops to send, in order: at least one, if there is any."""
        found: list[dict[str, Any]] = []
        size = 0
        query = "SELECT id, n, kind, sha256, body FROM ops WHERE state = ? ORDER BY n LIMIT ?"
        for op_id, n, kind, sha256, body in self._store.all(query, State.PENDING, most):
            size += len(body)
            if found and size > most_bytes:
                break
            found.append({"id": op_id, "n": n, "kind": kind, "sha256": sha256, "body": json.loads(body)})
        return found

    def count(self, state: State) -> int:
        """Return how many ops are in a state."""
        found = self._store.one("SELECT COUNT(*) FROM ops WHERE state = ?", state)
        return int(found[0]) if found else 0

    def told(self, state: State) -> dict[str, dict[str, Any]]:
        """Return what the server said of the ops in a state, by id."""
        query = "SELECT id, told FROM ops WHERE state = ? ORDER BY place"
        return {op_id: json.loads(told or "{}") for op_id, told in self._store.all(query, state)}

    def ids(self) -> list[str]:
        """Return the ids of all ops that are held, in the order they were recorded."""
        return [op_id for (op_id,) in self._store.all("SELECT id FROM ops ORDER BY place")]

    def take(self, answer: Exchanged, sent: Sequence[Mapping[str, Any]]) -> Ticked:
        """Tick off, put aside and offer again as an answer says; only ops that were sent, by id and digest."""
        digests = {op["id"]: op["sha256"] for op in sent}
        echoed = [each for each in answer.results if digests.get(each.id) == each.sha256]
        durable = [each for each in echoed if each.status in DURABLE]
        for each in durable:
            self._set(each, State.ACKNOWLEDGED, answer)
        refused = [each for each in echoed if each.status == REJECTED]
        forked = any(each.code == FORKED for each in refused)
        for each in refused:
            if each.code != FORKED:
                self._set(each, State.REJECTED, answer)
        self._offer_again(answer)
        wanted = frozenset(name for each in durable for name in each.missing)
        kept = {each.id for each in durable}
        named = {blob["sha256"] for op in sent if op["id"] in kept for blob in op["body"].get("blobs") or ()}
        return Ticked(len(durable) + len(refused), wanted, frozenset(named) - wanted, forked)

    def _set(self, result: Result, state: State, answer: Exchanged) -> None:
        found = self._store.one("SELECT n FROM ops WHERE id = ?", result.id)
        elsewhere = state is State.ACKNOWLEDGED and found is not None and not answer.has(found[0])
        self._store.run(
            "UPDATE ops SET state = ?, elsewhere = ?, told = ?, at = ? WHERE id = ?",
            state,
            elsewhere,
            json.dumps(dict(result.told)),
            answer.t1,
            result.id,
        )

    def _offer_again(self, answer: Exchanged) -> None:
        """Put back what the log lacks (a backup was restored), and forget what was kept long enough."""
        if answer.reset:
            self.offer_all()
        query = "SELECT id, n FROM ops WHERE state = ? AND elsewhere = 0"
        lost = [(op_id,) for op_id, n in self._store.all(query, State.ACKNOWLEDGED) if not answer.has(n)]
        self._store.run_many("UPDATE ops SET state = 'pending' WHERE id = ?", lost)
        self._store.run("DELETE FROM ops WHERE state = ? AND at < ?", State.ACKNOWLEDGED, answer.t1 - KEPT_MS)

    def offer_all(self) -> None:
        """Put back all that is kept: the server may have lost any of it."""
        unnumbered = "SELECT id FROM ops WHERE state = ? AND n IS NULL ORDER BY place"
        for (op_id,) in self._store.all(unnumbered, State.ACKNOWLEDGED):
            self._store.run("UPDATE ops SET n = ? WHERE id = ?", self._next_n(), op_id)
        self._store.run("UPDATE ops SET state = ? WHERE state = ?", State.PENDING, State.ACKNOWLEDGED)

    def move(self) -> None:
        """Begin to count anew under a new install id: what is unsent from 1, what is kept when it is offered again."""
        self._store.put("n", None)
        self._store.run("UPDATE ops SET n = NULL, elsewhere = 1")
        query = "SELECT id FROM ops WHERE state = ? ORDER BY place"
        for (op_id,) in self._store.all(query, State.PENDING):
            self._store.run("UPDATE ops SET n = ?, elsewhere = 0 WHERE id = ?", self._next_n(), op_id)

    def put_aside(self, op_id: str, why: str) -> None:
        """Keep and show an op that the server will not take, so that it hinders no other."""
        told = json.dumps({"status": REJECTED, "code": why})
        self._store.run("UPDATE ops SET state = ?, told = ? WHERE id = ?", State.REJECTED, told, op_id)
