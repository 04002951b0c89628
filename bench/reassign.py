"""Moving households between work lists: each with its findings leaves one scope and enters another."""

import time
from collections.abc import Iterator

from access.model import Act
from api.cli.demo import names
from api.cli.demo.command import FORMS
from api.cli.people import OPERATOR
from bench.district import registered, services
from sync.settle import settle
from sync.worklists import Plans, WorkListPlan

HOUSEHOLDS = 1000


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    made = services(uri, "bench_reassign")
    homes = [home.id for home in registered(made, HOUSEHOLDS)]
    settle(made, limit=HOUSEHOLDS)
    plans = Plans(made, Act(OPERATOR, made.clock.now()))
    round_id = plans.create_round("bench", names.BANNER)["_id"]
    lists = [
        plans.create(WorkListPlan(title, round_id, FORMS, (), names.BANNER))["_id"]
        for title in ("from", "to")
    ]
    plans.assign(lists[0], homes)
    started = time.perf_counter()
    moved = plans.assign(lists[1], homes)
    assert moved == HOUSEHOLDS
    rate = HOUSEHOLDS / (time.perf_counter() - started)
    yield f"reassign {HOUSEHOLDS} households to another work list", f"{rate:.0f} households/s", ""
