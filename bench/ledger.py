"""Fold and rules, alone: microseconds a household of the demo's size."""

import time
from collections.abc import Iterator
from datetime import timedelta

from api.cli.people import OPERATOR
from bench.district import interview_ops, registered, services
from core.clock import day_of
from forms.log import OpLog
from ledger.fold import fold
from sync.filing import Sender
from sync.protocol import parse_request
from sync.push import push
from sync.settle import settle

HOUSEHOLDS = 100


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    made = services(uri, "bench_ledger")
    homes = registered(made, HOUSEHOLDS)
    settle(made, limit=HOUSEHOLDS)
    n = 1
    for days in (100, 5):
        ops = interview_ops(made, homes, days, n)
        n += len(ops)
        for start in range(0, len(ops), 50):
            now = int(made.clock.now().timestamp() * 1000)
            clock = {"wall": now, "mono": 0, "boot": "b", "off": 0, "rtt": 1}
            request = parse_request(
                {
                    "v": 1,
                    "install": "00000000-0000-4000-8000-000000000001",
                    "clock": clock,
                    "ops": ops[start : start + 50],
                }
            )
            push(made, OPERATOR, request, Sender(OPERATOR.user, made.clock.now(), request.install))
    logged = OpLog(made.store).of_households([home.id for home in homes])
    ops_of = {name: [each.op for each in entries] for name, entries in logged.items()}
    versions = {record.sha256: made.forms.get(record.sha256) for record in made.forms.latest()}
    persons = sum(len(home.members) for home in homes) / HOUSEHOLDS
    started = time.process_time()
    ledgers = [fold(name, ops, versions) for name, ops in ops_of.items()]
    spent = time.process_time() - started
    yield f"fold of {persons:.1f} persons, 7 ops", f"{spent / HOUSEHOLDS * 1e6:.0f} µs", ""
    today = day_of(made.clock.now()) + timedelta(days=1)
    started = time.process_time()
    for household in ledgers:
        made.engine.judge(household, today)
    spent = time.process_time() - started
    yield f"all {len(made.engine.policy.rules)} rules over it", f"{spent / HOUSEHOLDS * 1e6:.0f} µs", ""
