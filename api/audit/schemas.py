"""Schemas of the trail."""

from marshmallow import fields, validate

from access import ACTIONS
from api.base import PageArgs, Schema

_NAME = validate.Length(1, 200)


class TrailArgs(PageArgs):
    """Which entries."""

    user = fields.String(load_default=None, validate=_NAME, metadata={"description": "Who did it."})
    target = fields.String(
        load_default=None, validate=_NAME, metadata={"description": "To what, such as `user/<id>`."}
    )
    action = fields.String(
        load_default=None,
        validate=validate.OneOf(sorted(ACTIONS)),
        metadata={"description": "A name of the table of permissions."},
    )
    since = fields.AwareDateTime(load_default=None, metadata={"description": "Not before this instant."})
    until = fields.AwareDateTime(load_default=None, metadata={"description": "Before this instant."})


class EntrySchema(Schema):
    """Who did what to whom."""

    id = fields.String(attribute="_id", required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True, metadata={"description": "User id, or `operator` at the command line."})
    device = fields.String(dump_default=None, allow_none=True)
    session = fields.String(dump_default=None, allow_none=True)
    address = fields.String(dump_default=None, allow_none=True)
    action = fields.String(required=True)
    target = fields.String(required=True)
    region = fields.String(required=True)
    detail = fields.Dict(required=True)
    link = fields.Integer(
        dump_default=None,
        allow_none=True,
        metadata={"description": "Number of the chain's link that holds it; null: in none yet."},
    )


class TrailPage(Schema):
    """A page of the trail."""

    items = fields.List(fields.Nested(EntrySchema), required=True)
    next = fields.String(required=True, allow_none=True)
