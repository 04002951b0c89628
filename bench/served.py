"""A web process of its own for the benchmarks, and a phone's requests made ahead."""

import base64
import gzip
import hashlib
import http.client
import json
import socket
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from access.accounts import Accounts
from access.devices import Devices, enrol
from access.model import Act
from api.cli.demo import names
from api.cli.people import OPERATOR, new_password
from api.cli.processes import Stack
from bench.district import MASTER
from core.principal import Role
from core.settings import Settings
from sync.services import Services


@contextmanager
def web(uri: str, database: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        key = MASTER.to_text()
        settings = Settings(folder, uri, database, master_key=key, port=port, web_processes="1")
        stack = Stack(settings, lambda _text: None)
        try:
            stack.start_processes(with_worker=False)
            yield stack.url
        finally:
            stack.stop()


class Client:
    """One enrolled phone that sends requests made ahead."""

    def __init__(self, made: Services, url: str) -> None:
        now = made.clock.now()
        login = f"bench{uuid.uuid4().hex[:8]}"
        accounts = Accounts(made.store, Act(OPERATOR, now))
        self.user = accounts.create(
            login=login,
            name=login,
            role=Role.ENUMERATOR,
            region=names.BANNER,
            unit=None,
            password=new_password(),
        )
        code, _ = Devices(made.store, Act(OPERATOR, now)).make_code(self.user.id)
        self.install = str(uuid.uuid4())
        self.token, self.device = enrol(made.store, code, self.install, now)
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def request(
        self, ops: list[dict[str, Any]], cursor: str | None, **more: Any
    ) -> tuple[bytes, dict[str, str]]:
        now = int(time.time() * 1000)
        clock = {"wall": now, "mono": now, "boot": "b", "off": 0, "rtt": 1}
        body = {"v": 1, "install": self.install, "app": "bench", "clock": clock, "cursor": cursor, "ops": ops}
        body |= more
        raw = gzip.compress(json.dumps(body, ensure_ascii=False).encode(), 6)
        digest = base64.b64encode(hashlib.sha256(raw).digest()).decode()
        return raw, {
            "Content-Type": "application/json", "Content-Encoding": "gzip", "Authorization": f"Bearer {self.token}",
            "Content-Digest": f"sha-256=:{digest}:", "Accept-Encoding": "gzip",
        }  # fmt: skip

    def fetch(self, path: str) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "gzip"}
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        payload = response.read()
        assert response.status == 200, payload
        return payload

    def send(self, raw: bytes, headers: dict[str, str]) -> tuple[dict[str, Any], int]:
        self.connection.request("POST", "/api/v1/sync", raw, headers)
        response = self.connection.getresponse()
        payload = response.read()
        assert response.status == 200, payload
        packed = response.headers.get("Content-Encoding") == "gzip"
        return json.loads(gzip.decompress(payload) if packed else payload), len(payload)
