"""A small phone: it keeps rows and ops, trusts nothing but per-op results and checks, and counts what it is told."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access.model import Device, DeviceState
from core.ids import uuid7
from core.principal import Principal
from forms.canonical import canonical, digest
from sync.digests import WIRE_MODULUS, mix, version_of
from sync.exchange import Exchange
from sync.protocol import parse_request

DURABLE = {"stored", "duplicate", "quarantined"}


def visit(household: str, **more: Any) -> dict[str, Any]:
    return {"household": household, "round": None, "outcome": "nobody_home", "note": "", **more}


def interview(household: str, form: str, **more: Any) -> dict[str, Any]:
    body = {
        "interview": uuid7(),
        "revision": uuid7(),
        "parent": None,
        "household": household,
        "round": None,
        "form": form,
        "assignment": None,
        "answers": {},
        "blobs": [],
    }
    return body | more


def op(n: int, kind: str, body: Any, **more: Any) -> dict[str, Any]:
    return {"id": uuid7(), "n": n, "kind": kind, "sha256": digest(body), "body": body, **more}


@dataclass
class Phone:
    """A phone of one user."""

    exchange: Exchange
    principal: Principal
    device: Device | None = None
    install: str = field(default_factory=uuid7)
    cursor: str | None = None
    max_bytes: int = 4096
    n: int = 0
    log: dict[str, dict[str, Any]] = field(default_factory=dict)
    unsent: list[str] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    mismatches: int = 0
    resets: int = 0

    def record(self, kind: str, body: Any) -> str:
        self.n += 1
        made = op(self.n, kind, body)
        self.log[made["id"]] = made
        self.unsent.append(made["id"])
        return str(made["id"])

    def request(self) -> dict[str, Any]:
        return {
            "v": 1,
            "install": self.install,
            "app": "1.0.0",
            "clock": {},
            "cursor": self.cursor,
            "outbox": {"max_n": self.n, "pending": len(self.unsent), "blobs": 0},
            "max_bytes": self.max_bytes,
            "mismatch": [scope for scope, times in self.failed.items() if times > 1],
            "ops": [self.log[op_id] for op_id in self.unsent],
        }

    def sync(self, now: datetime, *, lose_answer: bool = False) -> dict[str, Any]:
        """One exchange over JSON text."""
        wire = json.loads(json.dumps(self.request()))
        answer = self.exchange.run(self.principal, self.device, parse_request(wire), now)
        answer = json.loads(json.dumps(answer))
        if not lose_answer:
            self.take(answer)
        return answer

    def sync_all(self, now: datetime, most: int = 200) -> int:
        """Exchange until there is no more; return how many exchanges it took."""
        for count in range(1, most + 1):
            answer = self.sync(now)
            if not answer["more"] and not any(self.failed.values()):
                return count
        msg = "the pull does not end"
        raise AssertionError(msg)

    def take(self, answer: dict[str, Any]) -> None:
        for result in answer["results"]:
            if result["status"] in DURABLE and self.log[result["id"]]["sha256"] == result["sha256"]:
                self.unsent.remove(result["id"])
        for scope in answer["drop"]:
            self.rows.pop(scope, None)
        for entry in answer["add"]:
            self.rows[entry["scope"]] = {}
        for scope in answer["reset"]:
            self.resets += 1
            self.failed.pop(scope, None)
            self.rows[scope] = {}
        for scope, key, (what, content) in answer["rows"]:
            if what == "put":
                self.rows[scope][key] = content
            else:
                self.rows[scope].pop(key, None)
        self.cursor = answer["cursor"]
        for scope, told in answer["check"].items():
            if self.check(scope) != tuple(told):
                self.mismatches += 1
                self.failed[scope] = 2

    def check(self, scope: str) -> tuple[int, int]:
        rows = self.rows.get(scope, {})
        total = sum(mix(key, version_of(canonical(row).decode())) for key, row in rows.items())
        return len(rows), total % WIRE_MODULUS


def device_of(principal: Principal, install: str, now: datetime, **more: Any) -> dict[str, Any]:
    """Return a document of `devices` as enrolment makes it."""
    return {
        "_id": uuid7(),
        "install": install,
        "user": principal.user,
        "region": principal.region,
        "state": DeviceState.ACTIVE.value,
        "version": 1,
        "enrolled_at": now,
        "have": [],
        "clocks": [],
        **more,
    }
