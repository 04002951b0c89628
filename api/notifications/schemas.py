"""Schemas of news."""

from marshmallow import fields, validate

from api.base import PageArgs, Schema
from sync.notify.outbox import News
from validators.cases import Part
from validators.policy import STEPS


class NewsArgs(PageArgs):
    """Which news."""

    part = fields.Enum(
        Part,
        by_value=True,
        data_key="role",
        load_default=None,
        metadata={
            "description": "`cooperating`: only of cases in which the own unit helps; `responsible`: all else."
        },
    )


class NewsItem(Schema):
    """Something happened to a case, or a report is awaited; what, is to be read there."""

    id = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    kind = fields.Enum(News, by_value=True, required=True)
    case = fields.String(required=True, allow_none=True)
    report = fields.String(required=True, allow_none=True, metadata={"description": "Of `report-…`."})
    month = fields.String(required=True, allow_none=True, metadata={"description": "Of the report."})
    unit = fields.String(required=True)
    region = fields.String(required=True)
    cooperating = fields.List(
        fields.String(), required=True, metadata={"description": "Cooperating units that hear it, too."}
    )
    part = fields.Enum(
        Part,
        by_value=True,
        required=True,
        data_key="role",
        metadata={"description": "As what the caller hears it."},
    )
    due = fields.Date(required=True)
    step = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(STEPS),
        metadata={"description": "To whom `case-overdue` tells it."},
    )
    by = fields.String(required=True, allow_none=True, metadata={"description": "User; null: judged."})
    read = fields.Boolean(required=True)


class NewsPage(Schema):
    """A page of news, newest first."""

    items = fields.List(fields.Nested(NewsItem), required=True)
    next = fields.String(required=True, allow_none=True)
    unread = fields.Integer(
        required=True, metadata={"description": "How much the caller has not read; 100 stands for more."}
    )


class ReadUpTo(Schema):
    """How far the caller has read."""

    up_to = fields.String(
        required=True,
        validate=validate.Length(1, 64),
        metadata={"description": "Id of the newest that was read; all before it count as read, too."},
    )
