"""Schemas of devices."""

from marshmallow import ValidationError, fields, validate

from access import DeviceState
from api.base import Schema
from api.users.schemas import UserSchema
from core.ids import is_uuid


def _uuid(text: str) -> None:
    if not is_uuid(text):
        raise ValidationError("a UUID in lower case")


class CodeFor(Schema):
    """Whose device is to be enrolled."""

    user = fields.String(required=True)


class CodeSchema(Schema):
    """A one-time code, shown once."""

    code = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class Enrolment(Schema):
    """A one-time code and the install id of the app."""

    code = fields.String(required=True, validate=validate.Length(1, 40))
    install = fields.String(required=True, validate=_uuid)
    app = fields.String(load_default=None, validate=validate.Length(max=40))


class DeviceSchema(Schema):
    """A device and what it last said."""

    id = fields.String(required=True)
    install = fields.String(required=True)
    user = fields.String(required=True)
    region = fields.String(required=True)
    state = fields.Enum(DeviceState, by_value=True, required=True)
    version = fields.Integer(required=True)
    enrolled_at = fields.AwareDateTime(required=True)
    app = fields.String(required=True, allow_none=True)
    last_seen = fields.AwareDateTime(required=True, allow_none=True)
    outbox = fields.Dict(required=True, metadata={"description": "Still unsent, as it said."})
    have = fields.List(
        fields.List(fields.Integer()), required=True, metadata={"description": "Op numbers that are here."}
    )


class EnrolledSchema(Schema):
    """The device's token, shown once, and whose it is."""

    token = fields.String(required=True)
    device = fields.Nested(DeviceSchema, required=True)
    user = fields.Nested(UserSchema, required=True)


class TokenSchema(Schema):
    """A token, shown once."""

    token = fields.String(required=True)


class NewState(Schema):
    """Retired: may push once more, into quarantine. Stolen: may do nothing."""

    state = fields.Enum(
        DeviceState, by_value=True, required=True, validate=validate.NoneOf([DeviceState.ACTIVE])
    )


class DevicePage(Schema):
    """A page of devices."""

    items = fields.List(fields.Nested(DeviceSchema), required=True)
    next = fields.String(required=True, allow_none=True)
