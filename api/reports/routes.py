"""Monthly reports of the caller's region: made, read, signed by two, sent; and who stands behind each figure."""

from datetime import datetime
from typing import Any

from flask import Response

from api.base import Blueprint, PageArgs
from api.guard import allow
from api.paging import page_of, read_place
from api.rates import HEAVY
from api.reports.files import XLSX, answer, wanted
from api.reports.schemas import (
    WHOLE,
    BehindArgs,
    BehindPage,
    FormatArgs,
    NewReport,
    ReportArgs,
    ReportHead,
    ReportOrder,
    ReportOrderPage,
    ReportPage,
    RestatementSchema,
)
from api.scope import labels, reports
from core.problems import Conflict, NotAcceptable, NotFound
from reports.cells import Cell, Difference
from reports.freezing import Wanted
from reports.orders.repository import Order
from reports.repository import Head

blueprint = Blueprint("reports", __name__, url_prefix="/reports", description="Monthly reports.")
_FILE = {
    "Content-Disposition": {"description": "Its name.", "schema": {"type": "string"}},
}


@blueprint.at("")
@allow("reports:read")
@blueprint.takes(ReportArgs, "query")
@blueprint.gives(ReportPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the reports of the caller's region, newest month first."""
    place = read_place(args["after"], str, str)
    return page_of(*reports().page(args["region"], args["month"], limit=args["limit"], place=place))


@blueprint.at("", "POST")
@allow("reports:freeze", Conflict, rate=HEAVY)
@blueprint.takes(NewReport)
@blueprint.gives(ReportOrder, 202)
def freeze(body: dict[str, Any]) -> tuple[Order, dict[str, str]]:
    """Order the report of a month, which takes minutes; what is frozen already is restated as a new version."""
    order = reports().order(Wanted(**body))
    return order, {"Location": f"/api/v1/reports/orders/{order.id}"}


@blueprint.at("/orders")
@allow("reports:read")
@blueprint.takes(PageArgs, "query")
@blueprint.gives(ReportOrderPage)
def orders(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the orders of the caller's region, newest first; a closed one is kept for 90 days."""
    place = read_place(args["after"], datetime, str)
    return page_of(*reports().orders(limit=args["limit"], place=place))


@blueprint.at("/orders/<order_id>")
@allow("reports:read", NotFound)
@blueprint.gives(ReportOrder)
def order(order_id: str) -> Order:
    """Look how far an order is: waiting, making, done with the report's id, or failed with the problem."""
    return reports().ordered(order_id)


@blueprint.at("/<report_id>")
@blueprint.says(
    responses={
        "200": {
            "content": {"application/json": {"schema": WHOLE}}
            | {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in (XLSX, "application/pdf")
            },
            "headers": _FILE,
        }
    }
)
@allow("reports:read", NotFound, NotAcceptable, rate=HEAVY)
@blueprint.takes(FormatArgs, "query")
@blueprint.gives(WHOLE, content_type="application/json", description="The report")
def one(args: dict[str, Any], report_id: str) -> Response:
    """Read a report: as JSON, a workbook or a PDF, by Accept or `format`."""
    report = reports().report(report_id)
    return answer(report, wanted(args["format"]), labels(report))


@blueprint.at("/<report_id>/sign", "POST")
@allow("reports:sign", NotFound, Conflict)
@blueprint.gives(ReportHead)
def sign(report_id: str) -> Head:
    """Answer for a frozen report; it is signed once two persons do, who froze it among them."""
    return reports().sign(report_id)


@blueprint.at("/<report_id>/send", "POST")
@allow("reports:send", NotFound, Conflict)
@blueprint.gives(ReportHead)
def send(report_id: str) -> Head:
    """Say that a signed report was sent to 发改, now (九(一))."""
    return reports().send(report_id)


@blueprint.at("/<report_id>/cells/<indicator>/<part>")
@allow("reports:read", NotFound)
@blueprint.takes(BehindArgs, "query")
@blueprint.gives(BehindPage)
def behind(
    args: dict[str, Any], report_id: str, indicator: str, part: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """List the objects behind a figure that lie in the caller's region."""
    place = read_place(args["after"], str, int, int)
    name = f"{indicator}.{part}"
    return page_of(*reports().behind(report_id, name, role=args["role"], limit=args["limit"], place=place))


@blueprint.at("/<report_id>/restatement")
@allow("reports:read", NotFound, Conflict, rate=HEAVY)
@blueprint.gives(RestatementSchema)
def restatement(report_id: str) -> dict[str, Any]:
    """Compare a version with the one that was frozen first, cell by cell."""
    found = reports().restatement(report_id)
    return {
        "first": found.first,
        "newest": found.newest,
        "items": [_difference(each) for each in found.differing],
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "part": each.part,
        "dimension": each.group.dimension,
        "code": each.group.code,
        "before": _sums(each.before),
        "after": _sums(each.after),
    }


def _sums(cell: Cell | None) -> dict[str, int] | None:
    if cell is None:
        return None
    return {
        "num": cell.num,
        "den": cell.den,
        "unknown": cell.unknown,
        "objects": cell.objects,
        "fresh": cell.fresh,
    }
