"""Writes `docs/reports.md`: what the monthly report is, and each figure with its formula, clause and units."""

from collections.abc import Iterator

from reports.indicators import Indicator, Kind, all_indicators, part_name
from reports.making import units_of
from reports.moment import LAST_DAY, REMIND_DAY
from reports.table import COUNTED
from validators.policy import Policy

_INTRODUCTION = f"""\
# The monthly report

每月5日前 (九(一)) each banner, and each responsible unit of the city, reports how the follow-up stands. A report is
made of the same ledger that officers work with, frozen as of a moment, signed by two, sent, and never changed
([ADR 26](adr/0026-frozen-reports.md)).

- **Made** on the 1st by the worker, or when it is ordered: `POST /reports` answers 202 with the order, which the worker
  makes within minutes (`GET /reports/orders/{{id}}`: waiting, making with how many households are counted, done with
  the report's id, failed with the problem); or at once by `ruhu report freeze MONTH REGION`.
- **Reminded of** from the {REMIND_DAY}rd; **overdue** when the {LAST_DAY}th has struck 24:00 in Asia/Shanghai.
  Whoever has to sign or send it hears of both (`GET /notifications`, webhooks). A banner's report that was not sent by
  then is a finding too (`banner/report-late`).
- **A cell** has numerator, denominator, unknown, how many objects were counted and how many of these belong to a
  household interviewed within 90 days, and last month's value. It is there for the region, each banner, sumu, site,
  and kind of relocation; flags also by unit.
- **The value** of a share or average is numerator ÷ (denominator − unknown). Unknown is never a violation: it is
  shown beside the value.
- **A restatement** is a new version of the same month: the same day, with what was said by that day and came since.
  `GET /reports/{{id}}/restatement` tells every cell that differs from the version frozen first.
- **Verified** by `ruhu report verify ID`: everything is replayed from the log as of the report's moment and compared,
  cell by cell and list by list.
- **Behind** each figure stand its households: `GET /reports/{{id}}/cells/{{indicator}}/{{part}}`, with `role`
  `numerator`, `denominator` or `unknown`, cut to the reader's region, and for an officer to households that the own
  unit has to do with.
- **Forms**: JSON, a workbook (one sheet for each breakdown, sums as formulas), and a PDF, all from the frozen version;
  the same version always gives the same bytes.

## Figures

Where the notice can be read in several ways, [parameters](parameters.md) decide; a value that is not the notice's own
is marked so there.

| figure | 指标 | indicator | value | counts | 计算 | clause | units |
|---|---|---|---|---|---|---|---|
"""
_SHOWN = {Kind.COUNT: "number", Kind.SHARE: "share", Kind.AVERAGE: "average", Kind.SUM: "sum"}


def reports_page(policy: Policy) -> str:
    """Return the page of the monthly report."""
    return "".join([_INTRODUCTION, *_figures(policy), "\n## How each is counted\n\n", *_told()])


def _figures(policy: Policy) -> Iterator[str]:
    for each in all_indicators():
        for part in each.parts:
            units = "、".join(policy.units[unit].short for unit in units_of(each, policy))
            counts = f"{part.counts} ({COUNTED[part.counts]})"
            cells = (
                part_name(each, part),
                f"{each.zh}：{part.zh}",
                f"{each.en}: {part.en}",
                _SHOWN[part.kind],
                counts,
                part.formula,
                each.clause,
                units,
            )
            yield f"| {' | '.join(cells)} |\n"


def _told() -> Iterator[str]:
    for each in all_indicators():
        yield f"- **{each.number}. {each.zh}** ({each.en}{_level(each)}): {each.about}\n"


def _level(indicator: Indicator) -> str:
    return "" if indicator.level == "household" else f", of each {indicator.level}"
