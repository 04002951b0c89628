"""A pull with nothing new, and a bootstrap of 300 households: time, bytes, database reads."""

import gzip
import json
import statistics
import time
from collections.abc import Iterator
from typing import Any

import deflate

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
            cursor, spent, size, snapshots = _begun(client)
            what = f"bootstrap of {HOUSEHOLDS} households by snapshot, {made_now}"
            yield what, f"{spent * 1000:.0f} ms, {size / 1000:.1f} kB gzip", "≤ 100 ms, ≤ 100 kB"
        yield from _parts(
            [line for packed in snapshots for line in gzip.decompress(packed).splitlines()[:-1]]
        )
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


def _begun(client: Client) -> tuple[str, float, int, list[bytes]]:
    """Begin as a phone does; return cursor, seconds, the bytes of all scopes, and the snapshots."""
    started = time.perf_counter()
    first, size = client.send(*client.request([], None, snapshots=True))
    joined, snapshots = [], []
    for offer in first["add"]:
        if "snapshot" in offer:
            packed = client.fetch(offer["snapshot"])
            size += len(packed)
            snapshots.append(packed)
            joined.append(json.loads(gzip.decompress(packed).splitlines()[-1])["cursor"])
    last, more = client.send(*client.request([], first["cursor"], snapshots=True, joined=joined))
    assert joined
    assert (last["more"], last["add"]) == (False, [])
    return last["cursor"], time.perf_counter() - started, size + more, snapshots


def _parts(lines: list[bytes]) -> Iterator[tuple[str, str, str]]:
    """Yield what each part of the rows costs: the bytes that are saved when it alone is left out."""
    rows = [json.loads(line) for line in lines]
    whole = _size(rows)
    yield f"rows of it alone: {len(rows)}", f"{whole / 1000:.1f} kB gzip", "reported"
    for part in ("members", "facts", "spells", "records", "interviews"):
        yield (
            f"… {part}" + (" and all in them" if part == "members" else ", of members too"),
            _saved(whole, [_without(part, row) for row in rows]),
            "reported",
        )
    findings = [row for row in rows if row[0].startswith("finding/")]
    yield (
        f"… findings: {len(findings)}",
        _saved(whole, [row for row in rows if not row[0].startswith("finding/")]),
        "reported",
    )


def _without(part: str, row: list[Any]) -> list[Any]:
    key, content = row
    kept = {name: value for name, value in content.items() if name != part}
    if "members" in kept:
        kept["members"] = [
            {name: value for name, value in each.items() if name != part} for each in kept["members"]
        ]
    return [key, kept]


def _saved(whole: int, rows: list[list[Any]]) -> str:
    return f"{(whole - _size(rows)) / 1000:.1f} kB"


def _size(rows: list[list[Any]]) -> int:
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return len(deflate.gzip_compress("\n".join(lines).encode(), 9))


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
