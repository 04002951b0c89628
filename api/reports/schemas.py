"""Schemas of reports."""

from typing import Any

from marshmallow import fields, validate

from api.base import PageArgs, Schema
from reports.cells import DIMENSIONS
from reports.orders.repository import OrderState
from reports.repository import ReportState

_REGION = validate.Regexp(r"[0-9]{4,12}\Z")
_MONTH = validate.Regexp(r"20[0-9]{2}-(0[1-9]|1[0-2])\Z")


class ReportArgs(PageArgs):
    """Filters of the list, newest month first."""

    region = fields.String(
        load_default=None, validate=_REGION, metadata={"description": "A region within yours."}
    )
    month = fields.String(load_default=None, validate=_MONTH, metadata={"description": "YYYY-MM."})


class NewReport(Schema):
    """A report to make: frozen, or restated when there is a frozen one; or a draft."""

    month = fields.String(required=True, validate=_MONTH)
    region = fields.String(required=True, validate=_REGION)
    unit = fields.String(
        load_default="",
        validate=validate.Length(max=40),
        metadata={"description": "Only the indicators of this responsible unit; empty: all."},
    )
    draft = fields.Boolean(load_default=False)


class ReportOrder(Schema):
    """An order of a report, and how far it is."""

    id = fields.String(required=True)
    state = fields.Enum(OrderState, by_value=True, required=True)
    month = fields.String(required=True, attribute="wanted.month")
    region = fields.String(required=True, attribute="wanted.region")
    unit = fields.String(required=True, attribute="wanted.unit")
    draft = fields.Boolean(required=True, attribute="wanted.draft")
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    counted = fields.Integer(required=True, metadata={"description": "Households so far."})
    households = fields.Integer(required=True, metadata={"description": "Of so many, when it was ordered."})
    report = fields.String(
        required=True,
        allow_none=True,
        attribute="made",
        metadata={"description": "Id of the report; it is there when the order is done."},
    )
    problem = fields.Dict(
        required=True, allow_none=True, metadata={"description": "RFC 9457, when it failed."}
    )


class ReportOrderPage(Schema):
    """A page of orders."""

    items = fields.List(fields.Nested(ReportOrder), required=True)
    next = fields.String(required=True, allow_none=True)


class SignatureSchema(Schema):
    """Who answers for a report, since when."""

    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class ReportHead(Schema):
    """A version of a report without its cells."""

    id = fields.String(required=True)
    month = fields.String(required=True)
    region = fields.String(required=True)
    unit = fields.String(required=True, metadata={"description": "Empty: all indicators."})
    version = fields.Integer(
        required=True, metadata={"description": "0 is a draft; 2 and more are restatements."}
    )
    state = fields.Enum(ReportState, by_value=True, required=True)
    as_of = fields.AwareDateTime(attribute="moment.as_of", required=True)
    day = fields.Date(
        attribute="moment.day", required=True, metadata={"description": "Judged as of this day."}
    )
    known_until = fields.AwareDateTime(attribute="moment.known_until", required=True, allow_none=True)
    policy = fields.String(required=True, metadata={"description": "Digest of rules and parameters."})
    indicators = fields.String(required=True, metadata={"description": "Digest of the definitions."})
    households = fields.Integer(required=True)
    digest = fields.String(required=True, metadata={"description": "SHA-256 of the cells."})
    restates = fields.String(required=True, allow_none=True)
    last = fields.String(
        required=True, allow_none=True, metadata={"description": "Report of the month before."}
    )
    made_by = fields.String(required=True, metadata={"description": "User id; empty: the clock."})
    made_at = fields.AwareDateTime(required=True)
    signatures = fields.List(fields.Nested(SignatureSchema), required=True)
    sent_by = fields.String(required=True, allow_none=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    reminded_at = fields.AwareDateTime(required=True, allow_none=True)
    overdue_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Not sent by the end of the 5th (九(一))."}
    )


class ReportPage(Schema):
    """A page of reports."""

    items = fields.List(fields.Nested(ReportHead), required=True)
    next = fields.String(required=True, allow_none=True)


class FormatArgs(Schema):
    """In which form."""

    format = fields.String(
        load_default=None,
        validate=validate.OneOf(("json", "xlsx", "pdf")),
        metadata={"description": "Prevails over Accept."},
    )


class BehindArgs(PageArgs):
    """Which objects behind a figure."""

    role = fields.String(
        load_default="numerator", validate=validate.OneOf(("numerator", "denominator", "unknown"))
    )


class BehindItem(Schema):
    """An object behind a figure."""

    entry = fields.String(required=True, metadata={"description": "Household, `site:…` or `banner:…`."})
    subject = fields.String(
        required=True, metadata={"description": "Id of the object; after `/`, what it is about."}
    )
    num = fields.Integer(required=True)
    den = fields.Integer(required=True)
    not_known = fields.Integer(data_key="unknown", attribute="unknown", required=True)
    site = fields.String(required=True)
    kind = fields.String(required=True)


class BehindPage(Schema):
    """A page of objects."""

    items = fields.List(fields.Nested(BehindItem), required=True)
    next = fields.String(required=True, allow_none=True)


class CellSchema(Schema):
    """The sums of a cell."""

    num = fields.Integer(required=True)
    den = fields.Integer(required=True)
    not_known = fields.Integer(data_key="unknown", attribute="unknown", required=True)
    objects = fields.Integer(required=True)
    fresh = fields.Integer(required=True)


class DifferenceSchema(Schema):
    """A cell that is not the same."""

    part = fields.String(required=True)
    dimension = fields.String(required=True, validate=validate.OneOf(DIMENSIONS))
    code = fields.String(required=True)
    before = fields.Nested(CellSchema, required=True, allow_none=True)
    after = fields.Nested(CellSchema, required=True, allow_none=True)


class RestatementSchema(Schema):
    """How a version differs from the one that was frozen first."""

    first = fields.Nested(ReportHead, required=True)
    newest = fields.Nested(ReportHead, required=True)
    items = fields.List(fields.Nested(DifferenceSchema), required=True)


_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
_CELL: dict[str, Any] = {
    "type": "object",
    "required": ["group", "num", "den", "unknown", "value", "fresh", "last", "change"],
    "properties": {
        "group": {"type": "array", "items": {"type": "string"}, "description": "Dimension and code."},
        "num": {"type": "number"},
        "den": {"type": "integer"},
        "unknown": {"type": "integer"},
        "value": _NUMBER,
        "fresh": _NUMBER | {"description": "Share of the objects interviewed within 90 days."},
        "last": _NUMBER | {"description": "Value in the report of the month before."},
        "change": _NUMBER,
    },
}
WHOLE: dict[str, Any] = {
    "type": "object",
    "required": ["report", "rows"],
    "properties": {
        "report": {"$ref": "#/components/schemas/ReportHead"},
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["number", "part", "clause", "kind", "counts", "zh", "en", "formula", "cells"],
                "properties": {
                    "number": {"type": "integer"},
                    "part": {"type": "string"},
                    "clause": {"type": "string"},
                    "units": {"type": "array", "items": {"type": "string"}},
                    "kind": {"enum": ["count", "share", "average", "sum"]},
                    "counts": {"type": "string"},
                    "zh": {"type": "string"},
                    "en": {"type": "string"},
                    "formula": {"type": "string"},
                    "cells": {"type": "array", "items": _CELL},
                },
            },
        },
    },
}
"""A report as JSON."""
