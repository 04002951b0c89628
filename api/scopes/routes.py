"""Whole scopes, for phones that begin: one compressed answer that can be resumed."""

from typing import Any

from flask import Response, request

from api.base import Blueprint
from api.guard import allow, me
from api.rates import PHONE
from api.services import services
from core.problems import NotAcceptable, NotFound, RangeNotSatisfiable
from sync.pull import grants
from sync.snapshots import snapshot

blueprint = Blueprint(
    "scopes", __name__, url_prefix="/scopes", description="Whole scopes, for phones that begin."
)
MEDIA_TYPE = "application/x-ndjson"
_LINES: dict[str, Any] = {
    "type": "string",
    "description": 'Lines of JSON: `[key, row]` each; the last is `{"scope", "cursor", "check": [n, sum], "rows"}`.',
}


@blueprint.at("/<scope>/snapshot")
@allow("sync:exchange", NotFound, NotAcceptable, RangeNotSatisfiable, rate=PHONE)
@blueprint.gives(_LINES, content_type=MEDIA_TYPE, description="The scope, as gzip")
@blueprint.gives_also(206, content_type=MEDIA_TYPE, description="The bytes asked for by Range")
@blueprint.gives_also(304, description="It is the snapshot that If-None-Match names")
def whole(scope: str) -> Response:
    """Fetch a scope that one holds; Range and If-Range resume over the compressed bytes."""
    if scope not in grants(me()):
        raise NotFound
    if request.accept_encodings and not request.accept_encodings["gzip"]:
        raise NotAcceptable("A snapshot comes with Content-Encoding gzip.")
    found = snapshot(services(), scope, request.if_range.etag if request.if_range else None)
    response = Response(found.content, mimetype=MEDIA_TYPE)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Accept-Ranges"] = "bytes"
    response.set_etag(found.tag)
    response.make_conditional(request, accept_ranges=True, complete_length=len(found.content))
    return response
