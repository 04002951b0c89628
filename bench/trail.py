"""What the audit trail costs: writers without and with an entry, with the chain made beside them, on one document."""

import statistics
import threading
import time
from collections.abc import Iterator

from access import SYSTEM, Act, audit, chain
from store import Session, Store, migrate

WRITERS, EACH, ROUNDS, LINKED = 8, 100, 3, 20_000
NAMES = {
    "none": "transactions of one document, no entry in the trail",
    "entry": "the same with an entry",
    "linked": "the same with an entry, linked meanwhile",
    "hot": "the same with an entry and one document that all change (what is not done)",
}


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    store = Store(uri, "bench_trail")
    store.client.drop_database("bench_trail")
    migrate(store)
    speeds: dict[str, list[float]] = {mode: [] for mode in NAMES}
    for number in range(ROUNDS):
        for mode in NAMES:
            speeds[mode].append(_written(store, mode, number))
    for mode, told in NAMES.items():
        yield f"{WRITERS} writers: {told}", f"{statistics.median(speeds[mode]):.0f}/s", ""
    chain.link_all(store)
    act = Act(SYSTEM, _now(store))
    entries = [audit.entry(act, "rounds:write", f"round/{n}", "150625", {"n": n}) for n in range(LINKED)]
    store["audit"].insert_many(entries)
    began = time.perf_counter()
    chain.link_all(store)
    yield f"{LINKED} entries linked", f"{LINKED / (time.perf_counter() - began):.0f}/s", ""
    began = time.perf_counter()
    verdict = chain.verify(store)
    assert not verdict.faults
    yield f"{verdict.linked} entries verified", f"{verdict.linked / (time.perf_counter() - began):.0f}/s", ""


def _now(store: Store):
    return store.db.command("hello")["localTime"]


def _written(store: Store, mode: str, number: int) -> float:
    ended = threading.Event()

    def link() -> None:
        while not ended.wait(0.2):
            chain.link_all(store)

    beside = threading.Thread(target=link)
    if mode == "linked":
        beside.start()
    args = ((store, mode, f"{mode}.{number}.{writer}") for writer in range(WRITERS))
    threads = [threading.Thread(target=_write, args=each) for each in args]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - began
    ended.set()
    if mode == "linked":
        beside.join()
    return WRITERS * EACH / spent


def _write(store: Store, mode: str, prefix: str) -> None:
    act = Act(SYSTEM, _now(store))
    for each in range(EACH):
        name = f"{prefix}.{each}"

        def work(session: Session, name: str = name) -> None:
            store["rounds"].insert_one({"_id": name}, session=session)
            if mode != "none":
                audit.record(store, act, "rounds:write", f"round/{name}", "150625", session=session)
            if mode == "hot":
                changed = {"$inc": {"n": 1}}
                store["meta"].update_one({"_id": "bench_hot"}, changed, upsert=True, session=session)

        store.transaction(work)
