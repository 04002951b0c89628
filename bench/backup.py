"""Backup and restore: MB and documents a second beside a bare find() of the same documents, and memory."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.district import MASTER
from core.clock import SystemClock
from store import Store, check_backup, make_backup, migrate, restore_backup

DOCUMENTS = 200_000
_STREETS = ("锡尼镇安置点", "巴拉贡镇", "呼和木独镇", "吉日嘎朗图镇", "独贵塔拉镇", "伊和乌素苏木")


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    store, other = Store(uri, "bench_backup", MASTER), Store(uri, "bench_restore", MASTER)
    for each in (store, other):
        each.client.drop_database(each.database)
    migrate(store)
    small = _fill(store, 0, DOCUMENTS // 10)
    with tempfile.TemporaryDirectory() as folder:
        _, grown_small = _watched(lambda: make_backup(store, Path(folder) / "small.zip", SystemClock().now()))
        size = small + _fill(store, DOCUMENTS // 10, DOCUMENTS)
        started = time.perf_counter()
        read = sum(len(batch) for batch in store["ops"].find_raw_batches())
        bare = time.perf_counter() - started
        assert read == size
        started = time.perf_counter()
        (file, _), grown = _watched(lambda: make_backup(store, Path(folder) / "all.zip", SystemClock().now()))
        spent = time.perf_counter() - started
        written = file.stat().st_size
        started = time.perf_counter()
        checked = check_backup(file)
        verifying = time.perf_counter() - started
        started = time.perf_counter()
        restore_backup(other, checked, SystemClock().now())
        restoring = time.perf_counter() - started
    about = f"{DOCUMENTS:,} ops, {size / 1e6:.0f} MB"
    yield f"backup of {about} ({written / 1e6:.0f} MB of file)", _speed(size, spent), ""
    yield "bare find() of the same documents", _speed(size, bare), ""
    yield "backup ÷ bare find() (throughput)", f"{bare / spent:.0%}", ""
    yield "verify", _speed(size, verifying), ""
    yield "restore, verified before, with indexes", _speed(size, restoring), ""
    told = f"{grown_small >> 20} MB and {grown >> 20} MB"
    yield f"memory that a backup of {DOCUMENTS // 10:,} and of {DOCUMENTS:,} ops takes", told, "constant"
    for each in (store, other):
        each.client.drop_database(each.database)
        each.close()


def _speed(size: int, seconds: float) -> str:
    return f"{size / seconds / 1e6:.0f} MB/s, {DOCUMENTS / seconds:,.0f} documents/s"


def _fill(store: Store, first: int, end: int) -> int:
    """Insert ops like those of the log: text of 2 kB, of which each has its own part; return their bytes."""
    for start in range(first, end, 5000):
        store["ops"].insert_many(
            [_op(number) for number in range(start, min(start + 5000, end))], ordered=False
        )
    query: dict[str, Any] = {"_id": {"$gte": f"{first:012d}", "$lt": f"{end:012d}"}}
    return sum(len(batch) for batch in store["ops"].find_raw_batches(query))


def _op(number: int) -> dict[str, Any]:
    answers = ",".join(
        f'"q{each}":"{_STREETS[(number * 7 + each) % 6]}{(number * 2_654_435_761 + each * 40_503) % 10**9}"'
        for each in range(40)
    )
    return {
        "_id": f"{number:012d}", "household": f"h{number % 50_000}", "received_at": SystemClock().now(),
        "install": f"i{number % 300}", "n": number, "interview": f"v{number}", "user": f"u{number % 300}",
        "body": "{" + answers + "}",
    }  # fmt: skip


def _watched(work: Callable[[], Any]) -> tuple[Any, int]:
    """Run `work`; return what it returns and by how many bytes this process grew at most."""
    before, most, done = _resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.01):
            most = max(most, _resident())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        result = work()
    finally:
        done.set()
        watching.join()
    return result, max(0, most - before)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
