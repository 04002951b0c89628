"""Signing in and out; what one holds; one's own password."""

from typing import Any

from flask import Response, jsonify, make_response, request

from access import ACTIONS, change_password, sign_in, sign_out
from access.tokens import SESSION_LIFE, csrf_of
from api import cookie
from api.base import Blueprint
from api.guard import allow, caller, may, open_to_all, origin
from api.rates import ENTRY, HEAVY
from api.scope import holdings, now
from api.services import services
from api.sessions.held import Ended, HeldList
from api.sessions.schemas import CallerSchema, NewPassword, SessionSchema, SignIn
from core.problems import BadCredentials, NotFound, SecondFactorRequired, TooManyAttempts

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions", description="Signing in and out.")


@blueprint.at("", "POST")
@open_to_all(BadCredentials, SecondFactorRequired, TooManyAttempts, rate=ENTRY)
@blueprint.takes(SignIn)
@blueprint.gives(SessionSchema, 201)
def start(body: dict[str, Any]) -> Response:
    """Sign in: trade login and password for a token (12 hours, or one hour without use), or for a cookie."""
    began, store = now(), services().store
    token, user = sign_in(store, body["login"], body["password"], began, code=body["code"], origin=origin())
    told = {"expires_at": began + SESSION_LIFE, "user": user}
    told |= {"csrf": csrf_of(token)} if body["cookie"] else {"token": token}
    response = make_response(jsonify(SessionSchema().dump(told)), 201)
    if body["cookie"]:
        cookie.give(response, token, began + SESSION_LIFE)
    return response


@blueprint.at("")
@allow("tokens:read")
@blueprint.gives(HeldList)
def listed() -> dict[str, Any]:
    """List one's own sessions, phones' tokens and API keys."""
    return {"items": holdings().list()}


@blueprint.at("", "DELETE")
@allow("tokens:revoke")
@blueprint.gives(Ended)
def end_others() -> dict[str, int]:
    """End all of one's sessions but this one."""
    return {"ended": holdings().revoke_sessions(keep=caller().token)}


@blueprint.at("/<token>", "DELETE")
@allow("tokens:revoke", NotFound)
@blueprint.gives(None, 204)
def end_one(token: str) -> None:
    """End one of one's sessions, phones' tokens or API keys, by the id in the list."""
    holdings().revoke(token)


@blueprint.at("/current")
@allow("session:read")
@blueprint.gives(CallerSchema)
def current() -> dict[str, Any]:
    """Tell who the token belongs to, and what its holder may do."""
    who, shown = caller(), cookie.shown(request)
    return {
        "user": who.user,
        "device": who.device,
        "worklists": who.principal.worklists,
        "actions": sorted(action for action in ACTIONS if may(who, action)),
        "csrf": csrf_of(shown) if shown and "Authorization" not in request.headers else None,
    }


@blueprint.at("/current", "DELETE")
@allow("session:end")
@blueprint.gives(None, 204)
def end() -> Response:
    """Sign out: the token works no more."""
    sign_out(services().store, caller(), now())
    response = Response(status=204)
    if cookie.shown(request):
        cookie.take(response)
    return response


@blueprint.at("/current/password", "PUT")
@allow("password:change", BadCredentials, TooManyAttempts, rate=HEAVY)
@blueprint.takes(NewPassword)
@blueprint.gives(None, 204)
def password(body: dict[str, str]) -> None:
    """Change one's own password; all other sessions end, phones and API keys stay."""
    change_password(services().store, caller(), body["present"], body["password"], now())
