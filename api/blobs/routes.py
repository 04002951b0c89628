"""Photos, named by the SHA-256 of their bytes. What does not exist and what the caller may not see are told alike."""

from typing import IO, Any, cast

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from access import audit
from api.base import Blueprint
from api.blobs.documented import CHUNK, GIVEN, OFFSET_TOLD, PHOTO, STATE
from api.blobs.names import MEDIA_TYPE, digest_of, state_headers, upload_headers
from api.blobs.schemas import PhotoArgs
from api.body import read_chunk
from api.conditional import etag
from api.guard import act, allow, caller, may, me
from api.rates import PHONE
from api.scope import sight
from api.services import services
from core.problems import (
    BadUpload,
    BlobMismatch,
    NoRendition,
    NotAllowed,
    NotFound,
    OffsetMismatch,
    RangeNotSatisfiable,
    RenditionPending,
    TooManyUploads,
)
from sync.blobs import OTHER, Blob
from sync.uploads import CHUNK_LIMIT, Chunk

blueprint = Blueprint("blobs", __name__, url_prefix="/blobs", description="Photos.")
_RETRY_S = 5
_BUFFER = 64 * 1024
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_KEPT = {
    "Cache-Control": "private, immutable, max-age=31536000",
    "Vary": "Authorization",
    "Accept-Ranges": "bytes",
    "X-Content-Type-Options": "nosniff",
}


@blueprint.at("/<name>", "HEAD")
@allow("blobs:send", NotFound, rate=PHONE)
@blueprint.gives(None, headers=STATE, description="How far the photo is; 404 means: begin at offset 0")
def state(name: str) -> Response:
    """Tell a phone how far a photo is."""
    _sender()
    blob = services().blobs.get(digest_of(name))
    if blob is not None and blob.sealed:  # the server stopped before it had hashed the whole
        blob = _finished(blob)
    if blob is None:
        raise NotFound
    return Response(headers=state_headers(blob))


@blueprint.at("/<name>", "PATCH")
@blueprint.says(**CHUNK, responses=OFFSET_TOLD)
@allow("blobs:send", NotFound, BadUpload, OffsetMismatch, BlobMismatch, TooManyUploads, body=True, rate=PHONE)
@blueprint.gives(None, 204, headers=STATE, description="The chunk is stored; go on from Upload-Offset")
@blueprint.gives_also(201, headers=STATE, description="The photo is complete and right")
def append(name: str) -> Response:
    """Take a chunk of a photo from a phone; of a photo that is complete already, none is needed."""
    _sender()
    sha256, (offset, last, length) = digest_of(name), upload_headers()
    chunk = Chunk(offset, read_chunk(request, MEDIA_TYPE, CHUNK_LIMIT), last, length)
    blob = services().uploads.upload(sha256, chunk, me(), services().clock.now())
    if blob.waits:
        services().wake_renderer()
    return Response(status=201 if blob.complete else 204, headers=state_headers(blob))


@blueprint.at("/<name>")
@allow(
    "blobs:read",
    NotFound,
    RenditionPending,
    NoRendition,
    RangeNotSatisfiable,
    more=("blobs:original",),
)
@blueprint.takes(PhotoArgs, "query")
@blueprint.gives(PHOTO, content_type="image/*", headers=GIVEN, description="The photo")
@blueprint.gives_also(206, content_type="image/*", headers=GIVEN, description="The range asked for")
def photo(args: dict[str, Any], name: str) -> Response:
    """Read a photo of an interview that the caller may see; its sender also the original."""
    blob = services().blobs.get(digest_of(name))
    if blob is None or not blob.complete:
        raise NotFound
    sent = blob.sent_by(me().user)
    region = None if sent else _seen_through(blob)
    if args["variant"] != "original":
        return _rendition(blob, args["variant"])
    if region is not None:
        _note_original(blob, region)
    return _original(blob)


def _sender() -> None:
    if caller().device is None:
        raise NotAllowed("Only a device's token may send photos.")


def _finished(blob: Blob) -> Blob | None:
    try:
        return services().uploads.finish(blob, services().clock.now())
    except (BlobMismatch, OffsetMismatch):
        return None


def _seen_through(blob: Blob) -> str:
    """Return the region of a household of the caller's whose interview names a photo.

    Raises:
        NotFound: there is none, or the caller may not read interviews.
    """
    if not may(caller(), "interviews:read"):
        raise NotFound
    return sight().photo(blob.sha256)


def _note_original(blob: Blob, region: str) -> None:
    """Let only those read somebody else's original who may, and write it into the trail."""
    action = "blobs:original"
    if not may(caller(), action):
        raise NotAllowed(f"{action} is not for {me().role}; the view is.", action=action)
    audit.record(services().store, act(), action, f"blob/{blob.sha256}", region)


def _rendition(blob: Blob, variant: str) -> Response:
    if blob.broken is not None:
        raise NoRendition(reason=blob.broken)
    made = services().blobs.rendition(blob.sha256, variant) if blob.rendered else None
    if made is None:
        problem = RenditionPending()
        problem.headers["Retry-After"] = str(_RETRY_S)
        raise problem
    response = Response(made.data, mimetype="image/jpeg", headers=_KEPT | etag(made.sha256))
    response.headers["Content-Disposition"] = f'inline; filename="{blob.sha256}-{variant}.jpg"'
    response.make_conditional(request, accept_ranges=True, complete_length=len(made.data))
    return response


def _original(blob: Blob) -> Response:
    body = FileWrapper(cast("IO[bytes]", services().blobs.open(blob)), _BUFFER)
    kind = blob.type or OTHER
    response = Response(body, mimetype=kind, headers=_KEPT | etag(blob.sha256), direct_passthrough=True)
    response.content_length = blob.length
    ending = _ENDINGS.get(kind, "bin")
    response.headers["Content-Disposition"] = f'attachment; filename="{blob.sha256}.{ending}"'
    response.make_conditional(request, accept_ranges=True, complete_length=blob.length)
    return response
