"""Judging a whole ledger anew after a parameter changed, trying the change before, and letting one day pass.

Told in docs/performance.md: HOUSEHOLDS=1000 with every form, HOUSEHOLDS=100000 FORMS=insurance.
"""

import base64
import os
import resource
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from api.cli.demo.command import FORMS as EVERY
from api.cli.demo.population import District, Home
from api.cli.people import OPERATOR
from api.cli.pool import over
from bench.district import enter, interview_ops, services
from core.clock import day_of
from core.settings import Settings
from sync.filing import Sender
from sync.protocol import parse_request
from sync.push import push
from sync.services import Services
from sync.settle import rejudge, settle, settle_due
from sync.trial import Trial, batches, compare, trial
from validators.engine import Engine
from validators.policy import load_policy

HOUSEHOLDS = int(os.environ.get("HOUSEHOLDS", "1000"))
FORMS = os.environ.get("FORMS", ",".join(EVERY)).split(",")
PROCESSES = os.cpu_count() or 1
PARAMETER = "insurance.medical.bridge_months"
_SLICE = 500
Given = TypeVar("Given")


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    made = services(uri, "bench_rejudge")
    known = Settings(
        mongodb_uri=uri, database="bench_rejudge", master_key=base64.b64encode(bytes(96)).decode()
    )
    _fill(made, known)
    count = made.store["households"].estimated_document_count()
    day = day_of(made.clock.now())
    with tempfile.TemporaryDirectory() as folder:
        other = replace(known, policy=_own_values(Path(folder)))
        tried = trial(load_policy(), load_policy(other.policy_path))
        yield _timed(f"dry run over {count} households", known, made, _try, (tried, day))
        yield _timed(f"{count} households judged anew", other, made, _rejudge, day)
        judging = replace(made, shipped=Engine(load_policy(other.policy_path)))
        yield from _a_day_passes(judging, count)


def _fill(made: Services, known: Settings) -> None:
    """Register households, interview each once with every form that is wanted, and settle: in all cores."""
    homes = District(1, day_of(made.clock.now())).homes(HOUSEHOLDS)
    slices = iter(lambda: list(islice(homes, _SLICE)), [])
    assert sum(over(known, PROCESSES, slices, _interviewed, FORMS)) == HOUSEHOLDS
    assert not made.log.pending(limit=1)


def _interviewed(made: Services, homes: Sequence[Home], forms: Sequence[str]) -> int:
    names = [home.id for home in homes]
    enter(made, homes)
    settle(made, names)
    _push(made, interview_ops(made, homes, 100, 1, forms), str(uuid.uuid4()))
    return settle(made, names).households


def _push(made: Services, ops: Sequence[object], install: str) -> None:
    for start in range(0, len(ops), 50):
        wall = int(made.clock.now().timestamp() * 1000)
        clock = {"wall": wall, "mono": 0, "boot": "b", "off": 0, "rtt": 1}
        request = parse_request({"v": 1, "install": install, "clock": clock, "ops": ops[start : start + 50]})
        push(made, OPERATOR, request, Sender(OPERATOR.user, made.clock.now(), install))


def _own_values(folder: Path) -> str:
    line = "{from: 2022-01-01, value: 6, source: bench, grade: P, verified_on: null}"
    (folder / "insurance.yaml").write_text(f"{PARAMETER}:\n  values:\n  - {line}\n", encoding="utf-8")
    return str(folder)


def _timed(
    what: str,
    known: Settings,
    made: Services,
    work: Callable[[Services, Sequence[str], Given], int],
    given: Given,
) -> tuple[str, str, str]:
    """Time work over the whole ledger in all cores; tell the most memory that one process took.

    What a household costs is processor time of these processes, their start with it, mongod's without: no busy machine
    changes it much.
    """
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = sum(over(known, PROCESSES, batches(made), work, given))
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    each, memory = spent / max(done, 1) * 1000, after.ru_maxrss // 1024
    return what, f"{seconds:.0f} s, {each:.1f} ms of a core each, {memory} MB a process", "constant memory"


def _a_day_passes(made: Services, count: int) -> Iterator[tuple[str, str, str]]:
    """Let the days pass to the next day on which anything is due, and tell how many were touched."""
    first = made.store["households"].find_one({"next_due": {"$ne": None}}, sort=[("next_due", 1)])
    if first is None:
        return
    day = max(date.fromisoformat(first["next_due"]), day_of(made.clock.now()) + timedelta(days=1))
    due = made.store["households"].count_documents({"next_due": {"$lte": day.isoformat(), "$type": "string"}})
    versions = made.store["households"].count_documents({"as_of": day.isoformat()})
    report = settle_due(made, day, limit=count)
    touched = made.store["households"].count_documents({"as_of": day.isoformat()}) - versions
    assert touched == due == report.households, (touched, due, report)
    yield f"one day on {count} households", f"{touched} touched, {report.seconds:.1f} s", "only what is due"


def _try(made: Services, names: Sequence[str], given: tuple[Trial, date]) -> int:
    tried, day = given
    compare(made, tried, names, day)
    return len(names)


def _rejudge(made: Services, names: Sequence[str], day: date) -> int:
    return rejudge(made, names, day).households
