"""Phones of the caller's region: enrolment by a one-time code, state, new tokens."""

from typing import Any

from access import SYSTEM, Accounts, Act, Device, enrol, rotate
from api.base import Blueprint, PageArgs
from api.conditional import etag, matched
from api.devices.schemas import (
    CodeFor,
    CodeSchema,
    DevicePage,
    DeviceSchema,
    EnrolledSchema,
    Enrolment,
    NewState,
    TokenSchema,
)
from api.guard import allow, caller, open_to_all, origin
from api.paging import page_of, read_place
from api.rates import ENTRY, HEAVY
from api.scope import devices
from api.services import services
from core.problems import BadEnrolmentCode, Conflict, NotFound, TooManyAttempts

blueprint = Blueprint("devices", __name__, url_prefix="/devices", description="Phones.")


@blueprint.at("/codes", "POST")
@allow("devices:enrol", NotFound, rate=HEAVY)
@blueprint.takes(CodeFor)
@blueprint.gives(CodeSchema, 201)
def make_code(body: dict[str, str]) -> dict[str, Any]:
    """Make a one-time code, good for 10 minutes, with which a user's phone is enrolled."""
    code, expires_at = devices().make_code(body["user"])
    return {"code": code, "expires_at": expires_at}


@blueprint.at("", "POST")
@open_to_all(BadEnrolmentCode, Conflict, TooManyAttempts, rate=ENTRY)
@blueprint.takes(Enrolment)
@blueprint.gives(EnrolledSchema, 201)
def enrol_device(body: dict[str, Any]) -> dict[str, Any]:
    """Enrol a phone: trade a one-time code for a token that works for 400 days."""
    store, now = services().store, services().clock.now()
    token, device = enrol(store, body["code"], body["install"], now, app=body["app"], origin=origin())
    return {"token": token, "device": device, "user": Accounts(store, Act(SYSTEM, now)).get(device.user)}


@blueprint.at("")
@allow("devices:read")
@blueprint.takes(PageArgs, "query")
@blueprint.gives(DevicePage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the phones of the caller's region."""
    return page_of(*devices().list(limit=args["limit"], place=read_place(args["after"], str, str)))


@blueprint.at("/<device_id>")
@allow("devices:read", NotFound)
@blueprint.gives(DeviceSchema)
def one(device_id: str) -> tuple[Device, dict[str, str]]:
    """Read what a phone last said."""
    found = devices().get(device_id)
    return found, etag(found.version)


@blueprint.at("/<device_id>", "PATCH")
@allow("devices:write", NotFound, edit=True)
@blueprint.takes(NewState)
@blueprint.gives(DeviceSchema)
def set_state(body: dict[str, Any], device_id: str) -> tuple[Device, dict[str, str]]:
    """Retire a phone, or mark it stolen."""
    version = matched(devices().get(device_id).version)
    changed = devices().set_state(device_id, body["state"], version=version)
    return changed, etag(changed.version)


@blueprint.at("/rotate", "POST")
@allow("devices:rotate")
@blueprint.gives(TokenSchema, 201)
def rotate_token() -> dict[str, str]:
    """Give the calling phone a new token; the old one works for another 7 days."""
    return {"token": rotate(services().store, caller(), services().clock.now())}
