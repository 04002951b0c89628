"""Names and headers of the upload protocol (RFC 9530 and the IETF draft of resumable uploads)."""

import re
from collections.abc import Mapping

from flask import request

from core.problems import BadUpload, NotFound
from sync.blobs import Blob

MEDIA_TYPE = "application/partial-upload"
_NAME = re.compile(r"sha-256:([0-9a-f]{64})")
_NUMBER = re.compile(r"[0-9]{1,15}")
_BOOLEANS: Mapping[str, bool] = {"?0": False, "?1": True}


def digest_of(name: str) -> str:
    """Return the digest in a photo's name `sha-256:<hex>`.

    Raises:
        NotFound: nothing can have such a name.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise NotFound
    return match[1]


def name_of(sha256: str) -> str:
    """Return the name of a photo in addresses."""
    return f"sha-256:{sha256}"


def state_headers(blob: Blob) -> dict[str, str]:
    """Return the headers that tell how far a photo is."""
    return {
        "Upload-Offset": str(blob.offset),
        "Upload-Length": str(blob.length),
        "Upload-Complete": "?1" if blob.complete else "?0",
        "Cache-Control": "no-store",
    }


def upload_headers() -> tuple[int, bool, int | None]:
    """Return what the request says of its chunk: offset, whether it is the last, length of the whole photo or None.

    Raises:
        BadUpload: a header is missing or is not of its form.
    """
    offset, last, length = (
        request.headers.get(name, "").strip()
        for name in ("Upload-Offset", "Upload-Complete", "Upload-Length")
    )
    errors = []
    if not _NUMBER.fullmatch(offset):
        errors.append({"at": "Upload-Offset", "message": "a whole number of bytes"})
    if last not in _BOOLEANS:
        errors.append({"at": "Upload-Complete", "message": "?1 with the last chunk, ?0 with all others"})
    if length and not _NUMBER.fullmatch(length):
        errors.append({"at": "Upload-Length", "message": "a whole number of bytes"})
    if errors:
        raise BadUpload(errors=errors)
    return int(offset), _BOOLEANS[last], int(length) if length else None
