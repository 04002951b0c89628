"""Survey rounds of the caller's region."""

from typing import Any

from marshmallow import fields, validate

from api.base import Blueprint, PageArgs, Schema
from api.guard import allow
from api.paging import page_of, read_place
from api.rates import HEAVY
from api.scope import back_checked, plans
from core.problems import Conflict, NotFound

blueprint = Blueprint("rounds", __name__, url_prefix="/rounds", description="Survey rounds.")


class NewRound(Schema):
    """A round to open."""

    title = fields.String(required=True, validate=validate.Length(1, 200))
    region = fields.String(required=True, validate=validate.Regexp(r"[0-9]{4,12}\Z"))
    due = fields.Date(load_default=None, allow_none=True)


class RoundSchema(Schema):
    """A round."""

    id = fields.String(attribute="_id", required=True)
    title = fields.String(required=True)
    region = fields.String(required=True)
    due = fields.String(required=True, allow_none=True, metadata={"format": "date"})
    back_check_of = fields.String(
        load_default=None,
        dump_default=None,
        allow_none=True,
        metadata={"description": "The round that it checks."},
    )
    state = fields.String(required=True, metadata={"description": "open or closed."})
    created_at = fields.AwareDateTime(required=True)


class RoundPage(Schema):
    """A page of rounds."""

    items = fields.List(fields.Nested(RoundSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class NewBackCheck(Schema):
    """Who makes the interviews again, and by when."""

    assignees = fields.List(fields.String(), required=True, validate=validate.Length(1, 100))
    due = fields.Date(load_default=None, allow_none=True)


class BackCheck(RoundSchema):
    """A round that checks another, and how many households were put into its work list."""

    households = fields.Integer(required=True)


class Reopened(RoundSchema):
    """A round that is open again, and how many ops had waited for it."""

    released = fields.Integer(required=True)


@blueprint.at("")
@allow("worklists:read")
@blueprint.takes(PageArgs, "query")
@blueprint.gives(RoundPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the rounds of the caller's region."""
    return page_of(*plans().rounds(limit=args["limit"], place=read_place(args["after"], str)))


@blueprint.at("", "POST")
@allow("rounds:write")
@blueprint.takes(NewRound)
@blueprint.gives(RoundSchema, 201)
def create(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Open a round."""
    made = plans().create_round(body["title"], body["region"], body["due"])
    return made, {"Location": f"/api/v1/rounds/{made['_id']}"}


@blueprint.at("/<round_id>")
@allow("worklists:read", NotFound)
@blueprint.gives(RoundSchema)
def one(round_id: str) -> dict[str, Any]:
    """Read a round."""
    return plans().round(round_id)


@blueprint.at("/<round_id>/back-check", "POST")
@allow("rounds:write", NotFound, Conflict, rate=HEAVY)
@blueprint.takes(NewBackCheck)
@blueprint.gives(BackCheck, 201)
def back_check(body: dict[str, Any], round_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Draw a tenth of a round's interviews by lot into its back-check, which the first draw opens."""
    made, households = back_checked(round_id, body["assignees"], body["due"])
    return made | {"households": households}, {"Location": f"/api/v1/rounds/{made['_id']}"}


@blueprint.at("/<round_id>/close", "POST")
@allow("rounds:write", NotFound)
@blueprint.gives(RoundSchema)
def close(round_id: str) -> dict[str, Any]:
    """Close a round and its work lists; ops that still name it wait in quarantine."""
    plans().close_round(round_id)
    return plans().round(round_id)


@blueprint.at("/<round_id>/reopen", "POST")
@allow("rounds:write", NotFound)
@blueprint.gives(Reopened)
def reopen(round_id: str) -> dict[str, Any]:
    """Open a closed round again and take up the ops that waited; its work lists stay closed."""
    released = plans().reopen_round(round_id)
    return plans().round(round_id) | {"released": released}
