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
        started = time.perf_counter()
        cursor, size, rows, pages = None, 0, 0, 0
        while True:
            answer, _ = client.send(*client.request([], cursor))
            size += len(gzip.compress(json.dumps(answer["rows"], ensure_ascii=False).encode(), 6))
            cursor, rows, pages = answer["cursor"], rows + len(answer["rows"]), pages + 1
            if not answer["more"]:
                break
        spent = time.perf_counter() - started
        yield (
            f"bootstrap of {HOUSEHOLDS} households, {rows} rows in {pages} pages",
            f"{spent * 1000:.0f} ms",
            "≤ 100 ms",
        )
        yield "bootstrap, gzip", f"{size / 1000:.0f} kB", "≤ 100 kB"
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
