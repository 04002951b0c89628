"""Schemas of devices."""

from typing import Any

from marshmallow import ValidationError, fields, pre_dump, validate

from access import Device, DeviceState
from api.base import Schema
from api.users.schemas import UserSchema
from core.ids import is_uuid
from sync.clocks import Quality, estimate


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


class ClockSchema(Schema):
    """How a phone's clock stands: milliseconds."""

    offset_ms = fields.Integer(required=True, metadata={"description": "Server time less the phone's."})
    error_ms = fields.Integer(required=True, allow_none=True)
    spread_ms = fields.Integer(required=True, metadata={"description": "Large: the clock was set."})
    quality = fields.Enum(Quality, by_value=True, required=True)
    at = fields.AwareDateTime(required=True)


class CloneSchema(Schema):
    """Another install that shows the same token: a copy of the phone."""

    install = fields.String(required=True)
    seen_at = fields.AwareDateTime(required=True)
    outbox = fields.Dict(required=True)


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
    missing = fields.List(
        fields.List(fields.Integer()),
        required=True,
        metadata={"description": "Op numbers that the phone has given and that are not here."},
    )
    clock = fields.Nested(ClockSchema, required=True, allow_none=True)
    forked_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "When a copy of the phone showed itself."}
    )
    clones = fields.List(fields.Nested(CloneSchema), required=True)

    @pre_dump
    def _with_clock(self, device: Device, **_options: object) -> dict[str, Any]:
        shown = {name: getattr(device, name) for name in self.fields if name != "clock"}
        return shown | {"clock": estimate(device.clocks)}


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
