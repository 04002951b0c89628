"""The exchange with phones: what became of an op is said for that op, never by the HTTP status alone."""

from typing import Any

from flask import Response, jsonify, request

from api.base import Blueprint
from api.body import read_json
from api.guard import allow, caller
from api.rates import PHONE
from api.services import services
from core.problems import BadCursor, NotAllowed
from sync.exchange import Exchange
from sync.protocol import parse_request

blueprint = Blueprint("sync", __name__, url_prefix="/sync", description="The exchange with phones.")
_NEWS = ("results", "rows", "drop", "add", "reset", "more", "wipe")
_ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "v": {"const": 1},
        "results": {"type": "array", "items": {"type": "object"}, "description": "One per op, in order."},
        "have": {"type": "array", "description": "Ranges of op numbers that are durable here."},
        "rows": {"type": "array", "description": "[scope, key, [put|del, …]]"},
        "cursor": {"type": "string"},
    },
}


@blueprint.at("", "POST")
@allow("sync:exchange", BadCursor, body=True, rate=PHONE)
@blueprint.gives(
    _ANSWER, description="Results of the ops, and rows after the cursor; 304 when there is neither"
)
def exchange() -> Response:
    """Push ops and pull rows in one round trip."""
    who, now = caller(), services().clock.now()
    if who.device is None:
        raise NotAllowed("Only a device's token may exchange.")
    wanted = parse_request(read_json(request, lenient=True))
    answer = Exchange(services()).run(who.principal, who.device, wanted, now)
    known = request.if_none_match.contains(answer["cursor"])
    if known and not wanted.ops and not any(answer.get(part) for part in _NEWS):
        return Response(status=304)
    return jsonify(answer)
