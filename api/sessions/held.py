"""Schemas of the tokens that a user holds."""

from marshmallow import fields

from api.base import Schema


class HeldSchema(Schema):
    """A token that works, without the token."""

    id = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "session, device or key."})
    name = fields.String(required=True, allow_none=True, metadata={"description": "Of a key."})
    actions = fields.List(fields.String(), required=True, metadata={"description": "Of a key."})
    created_at = fields.AwareDateTime(required=True, allow_none=True)
    seen_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Last used, to the minute."}
    )
    expires_at = fields.AwareDateTime(required=True)
    address = fields.String(required=True, allow_none=True)
    agent = fields.String(
        required=True, allow_none=True, metadata={"description": "What the browser calls itself."}
    )
    device = fields.String(required=True, allow_none=True)


class HeldList(Schema):
    """All tokens of a user, at most 200."""

    items = fields.List(fields.Nested(HeldSchema), required=True)


class Ended(Schema):
    """How many tokens were ended."""

    ended = fields.Integer(required=True)
