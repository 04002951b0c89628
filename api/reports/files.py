"""A report as it travels: JSON piece by piece, a workbook and a PDF from a file that is gone when it is sent."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, request

from api.reports.schemas import ReportHead
from core.problems import NotAcceptable
from reports.cells import Cell, Group
from reports.making import units_of
from reports.pdf import write_pdf
from reports.repository import Report
from reports.table import Labels, Row, rows, shown
from reports.xlsx import write_xlsx
from validators.policy import Policy

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"json": "application/json", "xlsx": XLSX, "pdf": "application/pdf"}
_BUFFER = 64 * 1024
WRITERS: dict[str, Callable[[Report, Labels, Path], None]] = {"xlsx": write_xlsx, "pdf": write_pdf}


def wanted(asked: str | None) -> str:
    """Return in which form a report is to be given: as asked for, else the best that Accept takes.

    Raises:
        NotAcceptable: Accept takes none of them.
    """
    if asked is not None:
        return asked
    if not request.accept_mimetypes:
        return "json"
    best = request.accept_mimetypes.best_match(list(TYPES.values()))
    if best is None:
        raise NotAcceptable(f"A report comes as one of {', '.join(TYPES.values())}.")
    return next(name for name, media_type in TYPES.items() if media_type == best)


def answer(report: Report, form: str, named: Labels) -> Response:
    """Return a report in a form, streamed."""
    if form == "json":
        response = Response(_json(report, named.policy), mimetype=TYPES[form])
    else:
        response = Response(_file(report, named, WRITERS[form], form), mimetype=TYPES[form])
        name = f"月报-{named.sender(report.head)}-{report.head.month}-v{report.head.version}.{form}"
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Vary"] = "Accept, Authorization"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _file(
    report: Report, named: Labels, write: Callable[[Report, Labels, Path], None], form: str
) -> Iterator[bytes]:
    """Yield the bytes of a file; it is written first, so that what fails is told as a problem."""
    folder = tempfile.TemporaryDirectory(prefix="ruhu-report-")
    path = Path(folder.name, f"report.{form}")
    try:
        write(report, named, path)
    except BaseException:
        folder.cleanup()
        raise

    def pieces() -> Iterator[bytes]:
        with folder, path.open("rb") as file:
            while piece := file.read(_BUFFER):
                yield piece

    return pieces()


def _json(report: Report, policy: Policy) -> Iterator[bytes]:
    """Yield a report as JSON, a row at a time."""
    yield b'{"report":' + orjson.dumps(ReportHead().dump(report.head)) + b',"rows":['
    for number, row in enumerate(rows(report, policy)):
        told = _row(report, row) | {"units": list(units_of(row.indicator, policy))}
        yield (b"," if number else b"") + orjson.dumps(told)
    yield b"]}"


def _row(report: Report, row: Row) -> dict[str, Any]:
    part = row.part
    cells = report.cells.by_part.get(row.name, {})
    return {
        "number": row.indicator.number,
        "part": row.name,
        "clause": row.indicator.clause,
        "kind": part.kind.value,
        "counts": part.counts,
        "zh": f"{row.indicator.zh}：{part.zh}",
        "en": f"{row.indicator.en}: {part.en}",
        "formula": part.formula,
        "cells": [_cell(row, group, cell) for group, cell in sorted(cells.items())],
    }


def _cell(row: Row, group: Group, cell: Cell) -> dict[str, Any]:
    return {
        "group": list(group),
        "num": shown(row.part, cell.num),
        "den": cell.den,
        "unknown": cell.unknown,
        "value": cell.value(row.part),
        "fresh": cell.fresh_share,
        "last": cell.last,
        "change": cell.change(row.part),
    }
