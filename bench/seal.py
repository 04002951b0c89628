"""What sealing costs: an envelope by itself; push and settle with it and, in the same run, with one that seals none."""

import gc
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.cli.people import OPERATOR
from bench.district import MASTER, interview_ops, registered, services
from core.jsonvalue import Json
from store import Sealer, Store
from sync.filing import Sender
from sync.protocol import parse_request
from sync.push import push
from sync.settle import settle

BATCH = 50
BATCHES = 60
SETTLED = 50
TIMES = 1000


class OpenSealer(Sealer):
    """Seals nothing: for comparison, here alone."""

    def seal(self, place: str, value: Json) -> bytes:  # noqa: ARG002 - the signature of the true one
        return orjson.dumps(value)

    def unseal(self, place: str, envelope: bytes) -> Json:  # noqa: ARG002 - the signature of the true one
        return orjson.loads(envelope)


class OpenStore(Store):
    @property
    def sealer(self) -> Sealer:
        if self._sealer is None:
            self._sealer = OpenSealer(self.client, self.database, MASTER)
        return self._sealer


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    sealed = services(uri, "bench_sealed")
    plain = services(uri, "bench_open", OpenStore)
    yield from _envelopes(sealed.store.sealer)
    pushing: dict[str, list[float]] = {"sealed": [], "open": []}
    worlds = {"sealed": sealed, "open": plain}
    homes = {name: registered(made, BATCH * BATCHES // 3) for name, made in worlds.items()}
    settling: dict[str, list[float]] = {"sealed": [], "open": []}
    for made in worlds.values():
        settle(made, limit=BATCH * BATCHES)
    ops = {name: interview_ops(made, homes[name], 5) for name, made in worlds.items()}
    installs = {name: str(uuid.uuid4()) for name in worlds}
    gc.collect()
    for start in range(0, BATCH * BATCHES, BATCH):  # in turn, so that both meet the same machine
        for name, made in worlds.items():
            now = int(made.clock.now().timestamp() * 1000)
            clock = {"wall": now, "mono": 0, "boot": "b", "off": 0, "rtt": 1}
            part = ops[name][start : start + BATCH]
            request = {"v": 1, "install": installs[name], "clock": clock, "ops": part}
            started = time.perf_counter()
            push(
                made,
                OPERATOR,
                parse_request(request),
                Sender(OPERATOR.user, made.clock.now(), installs[name]),
            )
            pushing[name].append(time.perf_counter() - started)
    for _ in range(BATCH * BATCHES // 3 // SETTLED):
        for name, made in worlds.items():
            report = settle(made, limit=SETTLED)
            settling[name].append(report.households / report.seconds)
    on, off = (statistics.median(pushing[name]) for name in ("sealed", "open"))
    yield (
        f"push of {BATCH} interviews, sealed ÷ open",
        f"{on * 1000:.1f} ms, {off * 1000:.1f} ms: {off / on:.0%}",
        "",
    )
    on, off = (statistics.median(settling[name]) for name in ("sealed", "open"))
    yield "settle, sealed ÷ open", f"{on:.0f}, {off:.0f} households/s: {on / off:.0%}", ""
    sizes = {
        name: [
            made.store.db.command("collStats", each)["storageSize"] for each in ("ops", "households", "feed")
        ]
        for name, made in worlds.items()
    }
    told = f"{sum(sizes['sealed']) / 1e6:.1f} MB, {sum(sizes['open']) / 1e6:.1f} MB"
    yield "on the disk: ops, households, feed; sealed, open", told, ""


def _envelopes(sealer: Sealer) -> Iterator[tuple[str, str, str]]:
    bare = AESGCM(os.urandom(32))
    for size in (100, 3000, 12_000):
        text = ("".join(f'"q{n}":"{n * 40_503 % 9973}",' for n in range(size // 8)))[:size]
        envelope = sealer.seal("op/1", text)
        sealing = _micros(lambda text=text: sealer.seal("op/1", text))
        opening = _micros(lambda envelope=envelope: sealer.unseal("op/1", envelope))
        gcm = _micros(lambda text=text: bare.encrypt(os.urandom(12), orjson.dumps(text), b"op/1"))
        what = f"seal, unseal {size} B; AES-GCM alone ({len(envelope)} B sealed)"
        yield what, f"{sealing:.0f} µs, {opening:.0f} µs; {gcm:.0f} µs", "about 100 µs"


def _micros(work: Callable[[], Any]) -> float:
    for _ in range(20):
        work()
    started = time.perf_counter()
    for _ in range(TIMES):
        work()
    return (time.perf_counter() - started) / TIMES * 1e6
