"""Monthly report: counted from the ledger, and made again from the log, households a second and memory."""

import resource
import time
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.district import interview_ops, registered, services
from core.clock import day_of
from forms.canonical import canonical
from forms.op import OpKind
from reports.cells import Cells
from reports.freezing import Wanted, make, verify
from reports.moment import month_before
from reports.pdf import write_pdf
from reports.table import Labels
from reports.xlsx import write_xlsx
from sync.clocks import Quality, Timing
from sync.filing import Sender, look_up, to_document
from sync.protocol import PushedOp
from sync.settle import settle

HOUSEHOLDS = 1000
REGION = "150625"


def run(uri: str) -> list[tuple[str, str, str]]:
    made = services(uri, "bench_report")
    homes = registered(made, HOUSEHOLDS)
    while settle(made).households:
        pass
    _interview(made, interview_ops(made, homes, days_ago=12))
    month = month_before(day_of(made.clock.now()))
    before = _megabytes()
    started = time.perf_counter()
    report = make(made, Wanted(month, REGION), "", made.clock.now())
    frozen = time.perf_counter() - started
    grown = _megabytes() - before
    started = time.perf_counter()
    again = verify(made, report)
    verified = time.perf_counter() - started
    assert again.equal
    files = _files(report, Labels(made.engine.policy, {}))
    made.store.client.drop_database("bench_report")
    return [
        ("report frozen from the ledger", f"{HOUSEHOLDS / frozen:,.0f} households/s", "–"),
        ("its memory beyond what runs", f"{grown:,.0f} MB for {HOUSEHOLDS} households", "–"),
        ("its cells", f"{_cells(report.cells):,}", "–"),
        ("report verified from the log", f"{HOUSEHOLDS / verified:,.0f} households/s", "–"),
        ("workbook, PDF", f"{files[0]:.2f} s, {files[1]:.2f} s", "≤ 3 s each"),
    ]


def _interview(made, ops) -> None:
    source = iter(ops)
    while part := list(islice(source, 500)):
        pushed = [_pushed(each) for each in part]
        known = look_up(made, (op.household for op in pushed), (op.body["form"] for op in pushed), ())
        now = made.clock.now()
        timing = Timing(day_of(now) - timedelta(days=12), now, Quality.A)
        made.log.append([to_document(op, Sender("bench", now), timing, known) for op in pushed])
        while settle(made).households:
            pass


def _pushed(op) -> PushedOp:
    text, home = canonical(op["body"]).decode(), op["body"]["household"]
    return PushedOp(op["id"], 0, OpKind(op["kind"]), op["sha256"], op["body"], text, home)


def _files(report, labels) -> tuple[float, float]:
    taken = []
    with TemporaryDirectory() as folder:
        for write in (write_xlsx, write_pdf):
            started = time.perf_counter()
            write(report, labels, Path(folder, "report"))
            taken.append(time.perf_counter() - started)
    return taken[0], taken[1]


def _cells(cells: Cells) -> int:
    return sum(map(len, cells.by_part.values()))


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
