"""Routing: shipped with the policy, changed by regions."""

import re
from dataclasses import asdict
from typing import Any

from api.base import Blueprint
from api.conditional import etag, matched
from api.guard import allow
from api.language import language
from api.rates import HEAVY
from api.routing.schemas import RegionRoutes, RouteList
from api.scope import routing
from api.services import services
from core.problems import NotFound
from sync.routing import Line

blueprint = Blueprint("routing", __name__, url_prefix="/routing", description="Who gets which findings.")
Shown = tuple[dict[str, Any], dict[str, str]]
_REGION = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")


@blueprint.at("")
@allow("policy:read")
@blueprint.gives(RouteList)
def listed() -> dict[str, Any]:
    """List all routes in the order in which they are asked."""
    said_in = language(None)
    items = [
        {
            "rule": route.rule,
            "unit": route.unit,
            "where": route.where,
            "reason": route.reason[said_in],
            "region": route.region,
            "shipped": not own,
        }
        for route, own in routing().all()
    ]
    return {"version": services().engine.policy.version, "items": items}


@blueprint.at("/<region>")
@allow("policy:read", NotFound)
@blueprint.gives(RegionRoutes)
def one(region: str) -> Shown:
    """Read the routes that a region made: none, as long as it made none."""
    lines, version = routing().of(_known(region))
    return {"routes": [asdict(line) for line in lines]}, etag(version)


@blueprint.at("/<region>", "PUT")
@allow("routing:write", NotFound, edit=True, rate=HEAVY)
@blueprint.takes(RegionRoutes)
@blueprint.gives(RegionRoutes)
def put(body: dict[str, Any], region: str) -> Shown:
    """Make these the routes of a region; its findings are routed anew within the hour."""
    at_hand = routing()
    at_hand.must_cover(_known(region))
    version = matched(at_hand.of(region)[1])
    after = at_hand.put(region, [Line(**line) for line in body["routes"]], version)
    return body, etag(after)


def _known(region: str) -> str:
    if not _REGION.fullmatch(region):
        raise NotFound
    return region
