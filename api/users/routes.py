"""Accounts of the caller's region."""

from typing import Any

from access import User as Account
from api.base import Blueprint
from api.conditional import etag, matched
from api.guard import allow
from api.paging import page_of, read_place
from api.scope import accounts, holdings_of
from api.services import services
from api.sessions.held import Ended, HeldList
from api.users.schemas import NewUser, OneTimePassword, UserArgs, UserChanges, UserPage, UserSchema
from core.problems import Conflict, NotFound, Unprocessable

blueprint = Blueprint("users", __name__, url_prefix="/users", description="Accounts.")


def _check_unit(unit: str | None) -> None:
    if unit is not None and unit not in services().engine.policy.units:
        raise Unprocessable(errors=[{"at": "/unit", "message": "no such unit; see /api/v1/policy/units"}])


@blueprint.at("")
@allow("users:read")
@blueprint.takes(UserArgs, "query")
@blueprint.gives(UserPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the accounts of the caller's region."""
    place = read_place(args["after"], str, str)
    return page_of(*accounts().list(limit=args["limit"], place=place, role=args["role"]))


@blueprint.at("", "POST")
@allow("users:write", Conflict)
@blueprint.takes(NewUser)
@blueprint.gives(UserSchema, 201)
def create(body: dict[str, Any]) -> tuple[Account, dict[str, str]]:
    """Make an account; the password is changed at its first sign-in, within a week."""
    _check_unit(body["unit"])
    made = accounts().create(**body, temporary=True)
    return made, {**etag(made.version), "Location": f"/api/v1/users/{made.id}"}


@blueprint.at("/<user_id>")
@allow("users:read", NotFound)
@blueprint.gives(UserSchema)
def one(user_id: str) -> tuple[Account, dict[str, str]]:
    """Read an account."""
    found = accounts().get(user_id)
    return found, etag(found.version)


@blueprint.at("/<user_id>", "PATCH")
@allow("users:write", NotFound, edit=True)
@blueprint.takes(UserChanges)
@blueprint.gives(UserSchema)
def change(body: dict[str, Any], user_id: str) -> tuple[Account, dict[str, str]]:
    """Change name, role, region, unit or state; a disabled account's tokens end."""
    _check_unit(body.get("unit"))
    version = matched(accounts().get(user_id).version)
    changes = {name: None if value is None else str(value) for name, value in body.items()}
    changed = accounts().change(user_id, changes, version=version)
    return changed, etag(changed.version)


@blueprint.at("/<user_id>/reset", "POST")
@allow("users:write", NotFound)
@blueprint.gives(OneTimePassword, 201)
def reset(user_id: str) -> dict[str, str]:
    """Give an account a one-time password, shown once; its sessions and keys end, its phones stay."""
    return {"password": accounts().reset_password(user_id)}


@blueprint.at("/<user_id>/second-factor", "DELETE")
@allow("users:write", NotFound)
@blueprint.gives(None, 204)
def take_off_second_factor(user_id: str) -> None:
    """Take the second factor off an account whose owner lost it."""
    accounts().take_off_second_factor(user_id)


@blueprint.at("/<user_id>/sessions")
@allow("users:tokens", NotFound)
@blueprint.gives(HeldList)
def sessions(user_id: str) -> dict[str, Any]:
    """List the sessions, phones' tokens and API keys of an account."""
    return {"items": holdings_of(user_id).list()}


@blueprint.at("/<user_id>/sessions", "DELETE")
@allow("users:tokens", NotFound)
@blueprint.gives(Ended)
def end_sessions(user_id: str) -> dict[str, int]:
    """End all sessions and API keys of an account; phones are retired one by one."""
    return {"ended": holdings_of(user_id).revoke_all()}


@blueprint.at("/<user_id>/sessions/<token>", "DELETE")
@allow("users:tokens", NotFound)
@blueprint.gives(None, 204)
def end_session(user_id: str, token: str) -> None:
    """End a session, a phone's token or an API key of an account."""
    holdings_of(user_id).revoke(token)
