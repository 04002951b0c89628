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
PACKED = "application/gzip"
_AS_FILE = ".gz"
_LINES: dict[str, Any] = {
    "type": "string",
    "description": 'Lines of JSON: `[key, row]` each; the last is `{"scope", "cursor", "check": [n, sum], "rows"}`.',
}
_WHOLE = "The scope: lines with Content-Encoding gzip, or the same bytes as a gzip file, by Accept"
_PART = "The bytes asked for by Range"
_ETAG = {"schema": {"type": "string"}, "description": "Strong; names these bytes in this representation."}
_VARY = {"schema": {"type": "string"}, "description": "Accept and Accept-Encoding."}
_HEADERS = {"ETag": _ETAG, "Vary": _VARY}


@blueprint.at("/<scope>/snapshot")
@allow("sync:exchange", NotFound, NotAcceptable, RangeNotSatisfiable, rate=PHONE)
@blueprint.gives(_LINES, content_type=MEDIA_TYPE, description=_WHOLE, headers=_HEADERS)
@blueprint.gives_also(200, content_type=PACKED, description=_WHOLE, headers=_HEADERS)
@blueprint.gives_also(206, content_type=MEDIA_TYPE, description=_PART, headers=_HEADERS)
@blueprint.gives_also(206, content_type=PACKED, description=_PART, headers=_HEADERS)
@blueprint.gives_also(304, description="It is the snapshot that If-None-Match names")
def whole(scope: str) -> Response:
    """Fetch a scope that one holds; Range and If-Range resume over the compressed bytes.

    Browsers unpack what has a Content-Encoding before an app sees it, and so cannot resume it: to `Accept:
    application/gzip` the stored bytes come as a file, without an encoding, which the app itself unpacks.
    """
    if scope not in grants(me()):
        raise NotFound
    as_file = request.accept_mimetypes.best_match([MEDIA_TYPE, PACKED]) == PACKED
    if not as_file and request.accept_encodings and not request.accept_encodings["gzip"]:
        raise NotAcceptable(f"A snapshot comes with Content-Encoding gzip, or as {PACKED}.")
    begun = request.if_range.etag if request.if_range else None
    found = snapshot(services(), scope, begun.removesuffix(_AS_FILE) if begun else None)
    response = Response(found.content, mimetype=PACKED if as_file else MEDIA_TYPE)
    if not as_file:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.update(("Accept", "Accept-Encoding"))
    response.headers["Accept-Ranges"] = "bytes"
    response.set_etag(found.tag + _AS_FILE if as_file else found.tag)
    response.make_conditional(request, accept_ranges=True, complete_length=len(found.content))
    return response
