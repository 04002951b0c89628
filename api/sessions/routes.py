"""POST, GET and DELETE of sessions."""

from typing import Any

from access import ACTIONS, allows, sign_in, sign_out
from access.tokens import SESSION_LIFE
from api.base import Blueprint
from api.guard import allow, caller, open_to_all
from api.services import services
from api.sessions.schemas import CallerSchema, SessionSchema, SignIn
from core.problems import BadCredentials

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions", description="Signing in and out.")


@blueprint.at("", "POST")
@open_to_all(BadCredentials)
@blueprint.takes(SignIn)
@blueprint.gives(SessionSchema, 201)
def start(body: dict[str, str]) -> dict[str, Any]:
    """Sign in: trade login and password for a token that works for 12 hours."""
    now = services().clock.now()
    token, user = sign_in(services().store, body["login"], body["password"], now)
    return {"token": token, "expires_at": now + SESSION_LIFE, "user": user}


@blueprint.at("/current")
@allow("session:read")
@blueprint.gives(CallerSchema)
def current() -> dict[str, Any]:
    """Tell who the token belongs to, and what its holder may do."""
    who = caller()
    role, device = who.principal.role, who.device is not None
    actions = sorted(action for action in ACTIONS if allows(role, action, device=device))
    return {
        "user": who.user,
        "device": who.device,
        "worklists": who.principal.worklists,
        "actions": actions,
    }


@blueprint.at("/current", "DELETE")
@allow("session:end")
@blueprint.gives(None, 204)
def end() -> None:
    """Sign out: the token works no more."""
    sign_out(services().store, caller(), services().clock.now())
