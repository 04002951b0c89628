"""Schemas of sessions."""

from marshmallow import fields, validate

from api.base import Schema
from api.users.schemas import UserSchema


class SignIn(Schema):
    """Login and password."""

    login = fields.String(required=True, validate=validate.Length(1, 64))
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))
    code = fields.String(
        load_default=None,
        allow_none=True,
        load_only=True,
        validate=validate.Length(1, 40),
        metadata={"description": "Of the second factor, or a recovery code; asked for if there is one."},
    )
    cookie = fields.Boolean(
        load_default=False,
        metadata={"description": "For browsers: the token comes as a cookie, not in the body."},
    )


class NewPassword(Schema):
    """One's own new password, and the present one."""

    present = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))
    password = fields.String(required=True, load_only=True)


class SessionSchema(Schema):
    """A token, shown once, and whose it is; with a cookie, what is shown beside it in X-CSRF-Token."""

    token = fields.String()
    csrf = fields.String()
    expires_at = fields.AwareDateTime(required=True)
    user = fields.Nested(UserSchema, required=True)


class DeviceOfCaller(Schema):
    """The device whose token is shown."""

    id = fields.String(required=True)
    install = fields.String(required=True)
    state = fields.String(required=True)


class CallerSchema(Schema):
    """Who the token belongs to, and what the holder may do."""

    user = fields.Nested(UserSchema, required=True)
    device = fields.Nested(DeviceOfCaller, required=True, allow_none=True)
    worklists = fields.List(fields.String(), required=True, metadata={"description": "Open ones."})
    actions = fields.List(fields.String(), required=True)
    csrf = fields.String(
        required=True, allow_none=True, metadata={"description": "With a cookie: for X-CSRF-Token."}
    )
