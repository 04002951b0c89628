"""The caller's second factor: offered, confirmed, taken off."""

from typing import Any

from marshmallow import fields, validate

from access import Offer
from api.base import Blueprint, Schema
from api.guard import allow
from api.rates import HEAVY
from api.scope import second_factor
from core.problems import BadCredentials, Conflict, TooManyAttempts

blueprint = Blueprint(
    "second_factor", __name__, url_prefix="/second-factor", description="A second factor at sign-in."
)


class OfferSchema(Schema):
    """A secret for an authenticator, shown once."""

    secret = fields.String(required=True, metadata={"description": "Base32, to be typed."})
    uri = fields.String(required=True, metadata={"description": "otpauth:// address."})
    qr = fields.String(required=True, metadata={"description": "The address as a QR code, an SVG image."})


class TypedCode(Schema):
    """A code that the authenticator shows."""

    code = fields.String(required=True, load_only=True, validate=validate.Length(6, 10))


class Password(Schema):
    """The present password."""

    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))


class RecoveryCodes(Schema):
    """Codes for a lost phone; each works once in place of a code; shown once."""

    recovery_codes = fields.List(fields.String(), required=True)


@blueprint.at("", "POST")
@allow("second-factor:write", Conflict, rate=HEAVY)
@blueprint.gives(OfferSchema, 201)
def offer() -> Offer:
    """Make a secret; it is asked for from when it is confirmed."""
    return second_factor().offer()


@blueprint.at("", "PUT")
@allow("second-factor:write", Conflict, BadCredentials, rate=HEAVY)
@blueprint.takes(TypedCode)
@blueprint.gives(RecoveryCodes)
def confirm(body: dict[str, str]) -> dict[str, Any]:
    """Turn the second factor on, with a code of the new secret."""
    return {"recovery_codes": second_factor().confirm(body["code"])}


@blueprint.at("/off", "POST")
@allow("second-factor:write", BadCredentials, TooManyAttempts, rate=HEAVY)
@blueprint.takes(Password)
@blueprint.gives(None, 204)
def take_off(body: dict[str, str]) -> None:
    """Turn the second factor off."""
    second_factor().take_off(body["password"])
