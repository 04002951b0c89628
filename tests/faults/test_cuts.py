"""The line is cut after every single byte, there and back: an op is kept once, a photo arrives whole or not at all.

A real web process, a real phone, and a proxy between them that counts bytes. An exchange is cut at every byte. The talk
about a photo is three times as long: `FAULTS_STRIDE` says how many bytes lie between two cuts, by default 7, beginning
with another byte each time; `make faults` cuts at every byte.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli.processes import Stack
from core.settings import Settings
from ruhu_phone import RefusedError, State
from store import Session, Store
from sync.feed import FeedWriter, put
from tests.faults.cluster import free_port
from tests.faults.evidence import gather
from tests.faults.fieldwork import District, WatchedPhone, prepare
from tests.faults.proxy import Cut, Proxy
from tests.keys import MASTER_KEY

_PHOTO_STRIDE = int(os.environ.get("FAULTS_STRIDE", "7"))
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
_PATIENCE = 10.0
_BEYOND = 20
_NEWS = 8
_PHOTO, _FIRST, _TRIES = 700, 300, 4


@dataclass
class Line:
    """A district, its phone, and the line between the phone and a web process of its own."""

    district: District
    proxy: Proxy

    @property
    def phone(self) -> WatchedPhone:
        return self.district.phones[0]

    def each_byte(self, way: str, talk: Callable[[], object], stride: int = 1) -> Iterator[int]:
        """Let the phone talk, cut after one byte more each time, until what it says or hears has no such byte.

        Yields:
            Where the line was cut: it is whole again.
        """
        place, beyond = time.time_ns() % stride, 0
        while beyond < _BEYOND:
            self.phone.wire.close()
            self.proxy.cut = cut = Cut(**{way: place})
            talk()
            self.proxy.cut = Cut()
            if cut.made:
                yield place
            beyond = 0 if cut.made else beyond + 1
            place += stride


@pytest.fixture
def line(store: Store, tmp_path: Path) -> Iterator[Line]:
    port = free_port()
    settings = Settings(
        data=str(tmp_path), mongodb_uri=store.uri, database=store.database, port=str(port), web_processes="2",
        log_level="warning", master_key=MASTER_KEY.to_text(),
    )  # fmt: skip
    stack = Stack(settings, lambda _text: None)
    try:
        stack.start_processes(with_worker=False)
        with Proxy(port) as proxy:
            district = prepare(store, proxy.url, households=1, phones=1)
            yield Line(district, proxy)
            district.phones[0].close()
    finally:
        stack.stop()


def test_a_phone_keeps_its_connection(line: Line) -> None:
    before = line.proxy.connections
    for _ in range(5):
        assert line.phone.exchange().heard
    assert line.proxy.connections == before + 1


def test_an_exchange_that_is_cut_after_any_byte_is_made_good_by_the_next(line: Line) -> None:
    phone, district = line.phone, line.district
    worklist, ops = district.worklists[0], line.district.services.store["ops"]
    phone.sync()
    began, made = time.monotonic(), Counter[str]()
    turn = news = 0

    def talk() -> None:
        nonlocal turn, news
        turn += 1
        if way == "down" or turn % _NEWS == 0:  # what is cut on its way there has not read any news yet
            news = turn
            change(district, worklist, news)
        phone.record("visit", {"household": district.homes[0].id, "round": None, "outcome": "nobody_home"})
        phone.exchange()

    for way in ("up", "down"):
        for _ in line.each_byte(way, talk):
            made[way] += 1
            phone.sync(_PATIENCE)
            assert phone.rows.of(worklist).get("turn", {"turn": 0}) == {"turn": news}
    print(f"{dict(made)} of exchange cut in {time.monotonic() - began:.1f} s")  # noqa: T201 - the figures of the run
    assert phone.ops.count(State.PENDING) == 0
    assert ops.count_documents({"install": phone.install}) == turn
    found = gather(district.services.store.db, [phone], {phone.user: {"g", f"u-{phone.user}", worklist}})
    assert found.clean, found
    assert phone.counters.resets == 0


def test_a_photo_that_is_cut_after_any_byte_arrives_whole_and_is_never_seen_before(line: Line) -> None:
    phone, blobs, chance = line.phone, line.district.services.blobs, random.Random(1)  # noqa: S311 - bytes of photos, no secrets
    phone.sync()
    began, made, hidden = time.monotonic(), Counter[str](), 0
    name, content = "", b""

    def talk() -> None:
        nonlocal name, content
        content = chance.randbytes(_PHOTO)
        name = phone.photos.keep(content)
        phone.photos.take([name], [])
        phone._pace.size = _FIRST
        phone.upload()

    for way in ("up", "down"):
        for _ in line.each_byte(way, talk, _PHOTO_STRIDE):
            made[way] += 1
            blob = blobs.get(name)
            if blob is None or not blob.complete:
                hidden += 1
                with pytest.raises(RefusedError):
                    phone.read(f"/api/v1/blobs/sha-256:{name}", _PATIENCE)
            for _ in range(_TRIES):
                if phone.upload():
                    break
            blob = blobs.get(name)
            assert blob is not None
            assert blob.complete
            with blobs.open(blob) as file:
                assert file.read() == content
    print(f"{dict(made)} of photo cut in {time.monotonic() - began:.1f} s")  # noqa: T201 - the figures of the run


def change(district: District, worklist: str, turn: int) -> None:
    """Give the phone's work list a row that the next exchange must bring."""
    store = district.services.store

    def work(session: Session) -> None:
        writer = FeedWriter(store, session, district.services.clock.now())
        writer.add([put(worklist, "turn", {"turn": turn})])
        writer.flush()

    store.transaction(work)


def test_a_large_photo_arrives_over_a_line_that_breaks_every_200_kilobytes(line: Line) -> None:
    phone, blobs = line.phone, line.district.services.blobs
    phone.sync()
    content = random.Random(2).randbytes(3_000_000)  # noqa: S311 - bytes of a photo, no secret
    name = phone.photos.keep(content)
    phone.photos.take([name], [])
    phone.wire.close()
    line.proxy.cut = cut = Cut(up=200_000, again=1000)
    before, tries = line.proxy.up, 1
    while not phone.upload():
        tries += 1
        assert tries < 200
    sent = line.proxy.up - before
    blob = blobs.get(name)
    assert blob is not None
    with blobs.open(blob) as file:
        assert file.read() == content
    told = f"{cut.made} breaks, {sent} bytes sent, {sent / len(content):.3f} of its size"
    print(f"\n3 MB photo, broken every 200 kB: {told}")  # noqa: T201 - the figures of the run
    assert cut.made >= len(content) // 200_000
    assert sent <= 1.15 * len(content)
