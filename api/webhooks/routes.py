"""Webhooks of the caller's region."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from api.base import Blueprint, PageArgs
from api.guard import allow
from api.paging import page_of, read_place
from api.rates import HEAVY
from api.scope import webhooks
from api.webhooks.schemas import (
    DeliveryArgs,
    DeliveryPage,
    MadeWebhook,
    NewWebhook,
    Redriven,
    WebhookPage,
    WebhookSchema,
)
from core.problems import Conflict, NotFound
from sync.notify.webhooks import WebhookPlan

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks", description="Who is told of news.")
Shown = tuple[dict[str, Any], dict[str, str]]


@blueprint.at("")
@allow("webhooks:read")
@blueprint.takes(PageArgs, "query")
@blueprint.gives(WebhookPage)
def listed(args: dict[str, Any]) -> Shown:
    """List the webhooks of the caller's region."""
    found, following = webhooks().page(limit=args["limit"], place=read_place(args["after"], str, str))
    return page_of([asdict(webhook) | counts for webhook, counts in found], following)


@blueprint.at("", "POST")
@allow("webhooks:write", Conflict, rate=HEAVY)
@blueprint.takes(NewWebhook)
@blueprint.gives(MadeWebhook, 201)
def create(body: dict[str, Any]) -> Shown:
    """Make a webhook; its secret, and its whole address, are shown this once."""
    kinds = [kind.value for kind in body["kinds"]]
    made, secret = webhooks().create(WebhookPlan(**{**body, "kinds": kinds}))
    shown = asdict(made) | {"shown": body["url"], "secret": secret, "waiting": 0, "done": 0, "dead": 0}
    return shown, {"Location": f"/api/v1/webhooks/{made.id}"}


@blueprint.at("/<webhook>")
@allow("webhooks:read", NotFound)
@blueprint.gives(WebhookSchema)
def one(webhook: str) -> dict[str, Any]:
    """Read a webhook, and how its deliveries stand."""
    found = webhooks().get(webhook)
    return asdict(found) | webhooks().counts(found)


@blueprint.at("/<webhook>", "DELETE")
@allow("webhooks:write", NotFound)
@blueprint.gives(None, 204)
def delete(webhook: str) -> None:
    """Delete a webhook, and what is on its way to it."""
    webhooks().delete(webhook)


@blueprint.at("/<webhook>/deliveries")
@allow("webhooks:read", NotFound)
@blueprint.takes(DeliveryArgs, "query")
@blueprint.gives(DeliveryPage)
def deliveries(args: dict[str, Any], webhook: str) -> Shown:
    """List the deliveries of a webhook in a state, newest first; those that were let go of when none is named."""
    place = read_place(args["after"], datetime, str)
    found, following = webhooks().deliveries(webhook, args["state"].value, limit=args["limit"], place=place)
    return page_of([each | {"id": each["_id"]} for each in found], following)


@blueprint.at("/<webhook>/redrive", "POST")
@allow("webhooks:write", NotFound)
@blueprint.gives(Redriven)
def redrive(webhook: str) -> dict[str, int]:
    """Send again what was let go of."""
    return {"redriven": webhooks().redrive(webhook)}
