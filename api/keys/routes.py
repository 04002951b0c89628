"""API keys of the caller: named, expiring, restricted to some of the role's actions."""

from dataclasses import asdict
from typing import Any

from marshmallow import fields, validate

from access.policy import KEY_ACTIONS
from api.base import Blueprint, Schema
from api.guard import allow
from api.scope import holdings
from api.sessions.held import HeldList, HeldSchema
from core.problems import NotFound

blueprint = Blueprint("keys", __name__, url_prefix="/keys", description="API keys.")


class NewKey(Schema):
    """An API key to make."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    actions = fields.List(
        fields.String(validate=validate.OneOf(sorted(KEY_ACTIONS))),
        required=True,
        validate=validate.Length(1, len(KEY_ACTIONS)),
        metadata={"description": "What it may do, of what the role may."},
    )
    expires_at = fields.AwareDateTime(required=True, metadata={"description": "Within a year."})


class KeySchema(HeldSchema):
    """An API key with its token, shown once: a bearer token."""

    token = fields.String(required=True)


@blueprint.at("")
@allow("keys:write")
@blueprint.gives(HeldList)
def listed() -> dict[str, Any]:
    """List one's API keys."""
    return {"items": holdings().list("key")}


@blueprint.at("", "POST")
@allow("keys:write")
@blueprint.takes(NewKey)
@blueprint.gives(KeySchema, 201)
def make(body: dict[str, Any]) -> dict[str, Any]:
    """Make an API key; what its owner may no longer do, it may no longer do either."""
    token, held = holdings().make_key(body["name"], body["actions"], body["expires_at"])
    return {"token": token, **asdict(held)}


@blueprint.at("/<key>", "DELETE")
@allow("keys:write", NotFound)
@blueprint.gives(None, 204)
def revoke(key: str) -> None:
    """End an API key."""
    holdings().revoke(key, "key")
