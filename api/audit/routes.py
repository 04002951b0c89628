"""The trail of the caller's region: who did what to whom, newest first."""

from datetime import datetime
from typing import Any

from access.audit import TrailFilters
from api.audit.schemas import TrailArgs, TrailPage
from api.base import Blueprint
from api.guard import allow
from api.paging import page_of, read_place
from api.scope import trail

blueprint = Blueprint("audit", __name__, url_prefix="/audit", description="Who did what to whom.")


@blueprint.at("")
@allow("audit:read")
@blueprint.takes(TrailArgs, "query")
@blueprint.gives(TrailPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List entries of the trail, newest first."""
    wanted = TrailFilters(args["user"], args["target"], args["action"], args["since"], args["until"])
    place = read_place(args["after"], datetime, str)
    return page_of(*trail().page(wanted, limit=args["limit"], place=place))
