"""Schemas of work lists."""

from marshmallow import fields, validate

from api.base import Schema

_TITLE = validate.Length(1, 200)
_IDS = fields.String(validate=validate.Length(1, 128))


class NewWorkList(Schema):
    """A work list to make."""

    title = fields.String(required=True, validate=_TITLE)
    round = fields.String(required=True)
    region = fields.String(required=True, validate=validate.Regexp(r"[0-9]{4,12}\Z"))
    forms = fields.List(_IDS, required=True, validate=validate.Length(1, 50))
    assignees = fields.List(_IDS, required=True, validate=validate.Length(max=100))
    due = fields.Date(load_default=None, allow_none=True)


class WorkListChanges(Schema):
    """What to change of a work list."""

    title = fields.String(validate=_TITLE)
    forms = fields.List(_IDS, validate=validate.Length(1, 50))
    assignees = fields.List(_IDS, validate=validate.Length(max=100))
    due = fields.Date(allow_none=True)


class WorkListSchema(Schema):
    """A work list."""

    id = fields.String(attribute="_id", required=True)
    title = fields.String(required=True)
    round = fields.String(required=True)
    region = fields.String(required=True)
    forms = fields.List(fields.String(), required=True, metadata={"description": "Form ids."})
    assignees = fields.List(fields.String(), required=True, metadata={"description": "User ids."})
    due = fields.String(required=True, allow_none=True, metadata={"format": "date"})
    state = fields.String(required=True, metadata={"description": "open or closed."})
    created_at = fields.AwareDateTime(required=True)


class WorkListPage(Schema):
    """A page of work lists."""

    items = fields.List(fields.Nested(WorkListSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class Households(Schema):
    """Households by id."""

    households = fields.List(_IDS, required=True, validate=validate.Length(1, 10_000))


class HouseholdIds(Schema):
    """A page of household ids."""

    items = fields.List(fields.String(), required=True)
    next = fields.String(required=True, allow_none=True)


class Moved(Schema):
    """How many households changed their work list."""

    moved = fields.Integer(required=True)
