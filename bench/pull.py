"""A pull with nothing new, and a bootstrap of 300 households: time, bytes, database reads."""

import gzip
import json
import statistics
import time
from collections.abc import Iterator

from access.model import Act
from api.cli.demo import names
from api.cli.people import OPERATOR
from bench.district import interview_ops, registered, services
from bench.served import Client, web
from sync.filing import Sender
from sync.protocol import parse_request
from sync.push import push
from sync.settle import settle
from sync.worklists import Plans, WorkListPlan

HOUSEHOLDS = 300
TIMES = 200


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    made = services(uri, "bench_pull")
    homes = registered(made, HOUSEHOLDS)
    settle(made, limit=HOUSEHOLDS)
    with web(uri, "bench_pull") as url:
        client = Client(made, url)
        plans = Plans(made, Act(OPERATOR, made.clock.now()))
        round_id = plans.create_round("bench", names.BANNER)["_id"]
        plan = WorkListPlan("bench", round_id, ("household",), (client.user.id,), names.BANNER)
        worklist = plans.create(plan)["_id"]
        plans.assign(worklist, [home.id for home in homes])
        ops = interview_ops(made, homes, 5)
        for start in range(0, len(ops), 50):
            now = int(made.clock.now().timestamp() * 1000)
            clock = {"wall": now, "mono": 0, "boot": "b", "off": 0, "rtt": 1}
            request = parse_request(
                {"v": 1, "install": client.install, "clock": clock, "ops": ops[start : start + 50]}
            )
            push(made, OPERATOR, request, Sender(OPERATOR.user, made.clock.now(), client.install))
        settle(made, limit=HOUSEHOLDS)
        yield from _paged(client)
        for made_now in ("made now", "kept"):
            cursor, spent, size = _begun(client)
            what = f"bootstrap of {HOUSEHOLDS} households by snapshot, {made_now}"
            yield what, f"{spent * 1000:.0f} ms, {size / 1000:.1f} kB gzip", "≤ 100 ms, ≤ 100 kB"
        times, length = [], 0
        for _ in range(TIMES):
            request = client.request([], cursor)
            started = time.perf_counter()
            answer, length = client.send(*request)
            times.append(time.perf_counter() - started)
            cursor = answer["cursor"]
        yield (
            "pull with nothing new",
            f"{statistics.median(times) * 1000:.1f} ms, {length} bytes",
            "≤ 300 bytes",
        )


def _begun(client: Client) -> tuple[str, float, int]:
    """Begin as a phone does; return cursor, seconds, and the bytes of all scopes."""
    started = time.perf_counter()
    first, size = client.send(*client.request([], None, snapshots=True))
    joined = []
    for offer in first["add"]:
        if "snapshot" in offer:
            packed = client.fetch(offer["snapshot"])
            size += len(packed)
            joined.append(json.loads(gzip.decompress(packed).splitlines()[-1])["cursor"])
    last, more = client.send(*client.request([], first["cursor"], snapshots=True, joined=joined))
    assert joined
    assert (last["more"], last["add"]) == (False, [])
    return last["cursor"], time.perf_counter() - started, size + more


def _paged(client: Client) -> Iterator[tuple[str, str, str]]:
    started = time.perf_counter()
    cursor, size, rows, pages = None, 0, 0, 0
    while True:
        answer, _ = client.send(*client.request([], cursor))
        size += len(gzip.compress(json.dumps(answer["rows"], ensure_ascii=False).encode(), 6))
        cursor, rows, pages = answer["cursor"], rows + len(answer["rows"]), pages + 1
        if not answer["more"]:
            break
    spent = time.perf_counter() - started
    what = f"bootstrap of {HOUSEHOLDS} households in pages: {rows} rows in {pages}"
    yield what, f"{spent * 1000:.0f} ms, {size / 1000:.0f} kB gzip", "reported"
