"""A phone that follows the protocol's client rules, in memory: the demo's enumerators carry these.

An op leaves the outbox only on its own durable result with its id and digest. Rows are kept by scope; the checksum is
compared after the last page; a mismatch or a reset empties that scope only.
"""

import base64
import gzip
import hashlib
import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from core.ids import uuid7
from forms.canonical import canonical

DURABLE = frozenset({"stored", "duplicate", "quarantined"})
_BATCH = 50
_MODULUS = 1 << 53


class RefusedError(Exception):
    """The server answered with a problem that sending again will not mend."""


@dataclass
class Phone:
    """One installation of the app.

    Args:
        url: address of the web process.
        patience: seconds to go on trying while the server cannot answer.
    """

    url: str
    patience: float = 60.0
    install: str = field(default_factory=lambda: str(uuid.uuid4()))
    token: str = ""
    cursor: str | None = None
    outbox: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    rejected: dict[str, Any] = field(default_factory=dict)
    issues: int = 0
    rows: dict[str, dict[str, tuple[str, Any]]] = field(default_factory=dict)
    mismatches: int = 0
    n: int = 0
    _connection: http.client.HTTPConnection | None = None

    def enrol(self, code: str) -> None:
        """Trade a one-time code for a token."""
        answer = self._request("/api/v1/devices", {"code": code, "install": self.install, "app": "demo"})
        self.token = str(answer["token"])

    def fill(self, kind: str, body: Mapping[str, Any]) -> str:
        """Put an op into the outbox and return its id."""
        self.n += 1
        op_id = uuid7()
        digest = hashlib.sha256(canonical(body)).hexdigest()
        self.outbox[op_id] = {"id": op_id, "n": self.n, "kind": kind, "sha256": digest, "body": body}
        return op_id

    def sync(self) -> int:
        """Push the outbox and pull all pages; return the number of exchanges."""
        exchanges = 0
        while True:
            more = self._exchange()
            exchanges += 1
            if not more and not self.outbox:
                return exchanges

    def _exchange(self) -> bool:
        ops = list(self.outbox.values())[:_BATCH]
        request = {
            "v": 1, "install": self.install, "app": "demo",
            "clock": {"wall": _ms(time.time()), "mono": _ms(time.monotonic()), "boot": "demo", "off": 0, "rtt": 1},
            "cursor": self.cursor,
            "outbox": {"max_n": self.n, "pending": len(self.outbox), "blobs": 0},
            "max_bytes": 262144, "ops": ops,
        }  # fmt: skip
        answer = self._request("/api/v1/sync", request)
        for result in answer["results"]:
            sent = self.outbox.get(result["id"])
            if sent is None or result["sha256"] != sent["sha256"]:
                continue
            if result["status"] in DURABLE:
                self.acknowledged[result["id"]] = result["status"]
                self.issues += len(result.get("issues", ()))
                del self.outbox[result["id"]]
            elif result["status"] == "rejected":
                self.rejected[result["id"]] = result
                del self.outbox[result["id"]]
        self._take(answer)
        return bool(answer["more"])

    def _take(self, answer: Mapping[str, Any]) -> None:
        for scope in [*answer["drop"], *answer["reset"]]:
            self.rows.pop(scope, None)
        for scope, key, (op, row, *_) in answer["rows"]:
            held = self.rows.setdefault(scope, {})
            if op == "put":
                held[key] = (_version(row), row)
            else:
                held.pop(key, None)
        self.cursor = answer["cursor"]
        for scope, (count, total) in answer["check"].items():
            held = self.rows.get(scope, {})
            own = sum(_hash(key, version) for key, (version, _) in held.items()) % _MODULUS
            if (len(held), own) != (count, total):
                self.mismatches += 1

    def ask(self, path: str) -> dict[str, Any]:
        """Read a resource with the phone's token."""
        return self._until_answered("GET", path, b"", {"Authorization": f"Bearer {self.token}"})

    def _request(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        raw = gzip.compress(json.dumps(body, ensure_ascii=False).encode(), compresslevel=6)
        digest = base64.b64encode(hashlib.sha256(raw).digest()).decode()
        headers = {
            "Content-Type": "application/json", "Content-Encoding": "gzip", "Accept-Encoding": "gzip",
            "Content-Digest": f"sha-256=:{digest}:",
        }  # fmt: skip
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self._until_answered("POST", path, raw, headers)

    def _until_answered(
        self, method: str, path: str, raw: bytes, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        deadline, pause = time.monotonic() + self.patience, 0.1
        while True:
            try:
                status, answer = self._send(method, path, raw, headers)
                if status < 400:
                    return answer
                if not answer.get("retryable"):
                    raise RefusedError(json.dumps(answer, ensure_ascii=False))
                trouble = f"HTTP {status}"
            except (OSError, http.client.HTTPException, ValueError) as error:
                trouble = str(error)
                self.hang_up()
            if time.monotonic() > deadline:
                msg = f"no answer from {self.url} for {self.patience:.0f} s ({trouble})"
                raise TimeoutError(msg)
            time.sleep(pause)
            pause = min(2.0, pause * 2)

    def _send(
        self, method: str, path: str, raw: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        self._connection.request(method, path, raw, dict(headers))
        response = self._connection.getresponse()
        payload = response.read()
        if response.headers.get("Content-Encoding") == "gzip":
            payload = gzip.decompress(payload)
        answer: dict[str, Any] = json.loads(payload)
        return response.status, answer

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _version(row: Any) -> str:
    return hashlib.sha256(canonical(row)).hexdigest()[:16]


def _hash(key: str, version: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{key}\0{version}".encode()).digest()[:8], "big")
