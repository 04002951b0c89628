"""The exchange with phones: what became of an op is said for that op, never by the HTTP status alone."""

from flask import Response, jsonify, request

from api.base import Blueprint
from api.body import read_json
from api.guard import allow, caller
from api.rates import PHONE
from api.services import services
from api.sync.schemas import ANSWER, EXCHANGE
from core.problems import BadCursor, NotAllowed
from sync.exchange import Exchange
from sync.protocol import parse_request

blueprint = Blueprint("sync", __name__, url_prefix="/sync", description="The exchange with phones.")
_NEWS = ("results", "rows", "drop", "add", "reset", "more", "wipe")


@blueprint.at("", "POST")
@allow("sync:exchange", BadCursor, body=True, rate=PHONE)
@blueprint.reads(EXCHANGE)
@blueprint.gives(ANSWER, description="Results of the ops, and rows after the cursor")
@blueprint.gives_also(304, description="There is neither, and If-None-Match names the cursor")
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
