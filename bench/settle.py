"""Settling: households a second on one core, with a short and a longer log."""

import uuid
from collections.abc import Iterator

from api.cli.demo.command import FORMS
from api.cli.people import OPERATOR
from bench.district import interview_ops, registered, services
from sync.filing import Sender
from sync.protocol import parse_request
from sync.push import push
from sync.settle import settle

HOUSEHOLDS = 400


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    made = services(uri, "bench_settle")
    homes = registered(made, HOUSEHOLDS)
    report = settle(made, limit=HOUSEHOLDS)
    yield "settle: households registered", f"{report.households / report.seconds:.0f} households/s", "≥ 500"
    install = str(uuid.uuid4())
    n = 1
    for number, days in enumerate((300, 200, 100, 10), start=1):
        ops = interview_ops(made, homes, days, n)
        n += len(ops)
        for start in range(0, len(ops), 50):
            now = int(made.clock.now().timestamp() * 1000)
            clock = {"wall": now, "mono": 0, "boot": "b", "off": 0, "rtt": 1}
            request = parse_request(
                {"v": 1, "install": install, "clock": clock, "ops": ops[start : start + 50]}
            )
            push(made, OPERATOR, request, Sender(OPERATOR.user, made.clock.now(), install))
        report = settle(made, limit=HOUSEHOLDS)
        assert report.households == HOUSEHOLDS, report
        yield (
            f"settle: {HOUSEHOLDS} households, visit {number} ({len(FORMS)} interviews each)",
            f"{report.households / report.seconds:.0f} households/s",
            "≥ 500, flat",
        )
