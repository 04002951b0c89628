"""Strict reading of request bodies: type, size, digest, encoding, JSON; each failure is its own problem."""

import base64
import binascii
import hashlib
import hmac
import re
import zlib
from collections.abc import Collection
from contextlib import suppress

import orjson
from flask import Request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from core.jsonvalue import Json, depth, loads
from core.problems import (
    BadEncoding,
    DigestMismatch,
    Incomplete,
    MalformedRequest,
    TooLarge,
    Unprocessable,
    UnsupportedMediaType,
)

RAW_LIMIT = 8 * 1024 * 1024
"""Bytes of a body as sent."""

DECODED_LIMIT = 32 * 1024 * 1024
"""Bytes of a body after decompression."""

DEPTH_LIMIT = 64
"""Levels of nesting in a body that is read as a whole."""

_CHUNK = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
# An integer beyond 64 bits has a run of at least 19 digits.
_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = b"0" * 19
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json(request: Request, *, lenient: bool = False) -> Json:
    """Return the JSON value of a request's body.

    Args:
        request: the request.
        lenient: leave depth, big integers, lone surrogates and keys to the reader, who judges item by item.

    Raises:
        UnsupportedMediaType, TooLarge, Incomplete, DigestMismatch, BadEncoding, MalformedRequest, Unprocessable: see
            each.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(f"Content-Type is {request.mimetype or 'missing'}, not application/json.")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise UnsupportedMediaType(f"Content-Encoding {encoding} is not taken; gzip is.")
    raw = _receive(request)
    _check_digest(raw, request.headers.get("Content-Digest"))
    if encoding == "gzip":
        raw = decompress(raw)
    try:
        value = _parse(raw)
    except ValueError as error:
        raise MalformedRequest(str(error)) from None
    if not isinstance(value, dict):
        raise Unprocessable(errors=[{"at": "/", "message": "the body must be an object"}])
    if not lenient:
        check_storable(value)
    return value


def read_chunk(request: Request, media_type: str, limit: int) -> bytes:
    """Return the bytes of a chunk; none need no digest.

    Raises:
        UnsupportedMediaType, TooLarge, DigestMismatch: see each.
    """
    if request.mimetype != media_type:
        raise UnsupportedMediaType(f"Content-Type is {request.mimetype or 'missing'}, not {media_type}.")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("A chunk is sent as it is, without Content-Encoding.")
    raw = _receive(request, limit)
    if not _check_digest(raw, request.headers.get("Content-Digest")) and raw:
        raise DigestMismatch("A chunk needs Content-Digest: sha-256=:<base64>:.")
    return raw


def _parse(raw: bytes) -> Json:
    """Parse JSON as `core.jsonvalue.loads` does, and faster where `orjson` surely reads the same value.

    It reads an integer beyond 64 bits as a float, so it is not asked when a run of digits is that long; what it
    refuses (half of a surrogate pair, a float beyond all measure) is for the slow reader to judge.

    Raises:
        ValueError: see `loads`.
    """
    if _LONG not in raw.translate(_DIGITS):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(raw)
    return loads(raw)


def read_file(request: Request, media_types: Collection[str], limit: int) -> bytes:
    """Return the bytes of a request's body that is a file.

    Raises:
        UnsupportedMediaType, TooLarge, DigestMismatch: see each.
    """
    if request.mimetype not in media_types or "Content-Encoding" in request.headers:
        raise UnsupportedMediaType(f"Send one of {', '.join(media_types)}, without Content-Encoding.")
    raw = _receive(request, limit)
    _check_digest(raw, request.headers.get("Content-Digest"))
    return raw


def _receive(request: Request, limit: int = RAW_LIMIT) -> bytes:
    parts, size = [], 0
    while part := _more(request):
        size += len(part)
        if size > limit:
            _discard(request)
            raise TooLarge(f"The body has more than {limit} bytes.", limit=limit)
        parts.append(part)
    if size < (request.content_length or 0):  # some servers end such a body without a word
        raise Incomplete(f"{size} of {request.content_length} bytes came.")
    return b"".join(parts)


def _more(request: Request) -> bytes:
    """Return what comes next of a body.

    Raises:
        Incomplete: it ends before its length says so, comes too slowly (`api/serving.py`), or its chunks are broken.
    """
    try:
        return request.stream.read(_CHUNK)
    except (ClientDisconnected, OSError, ParseException) as error:
        raise Incomplete(f"The rest of the body did not come ({type(error).__name__}).") from None


def _discard(request: Request) -> None:
    """Read on for a while: a sender that is cut off while it sends never sees the answer."""
    left = DECODED_LIMIT
    while left > 0 and (part := _more(request)):
        left -= len(part)


def _check_digest(raw: bytes, header: str | None) -> bool:
    """Compare with the sha-256 of Content-Digest (RFC 9530 §2), made over the content as received.

    Returns:
        Whether there was one to compare with.
    """
    compared = False
    for member in (header or "").split(","):
        algorithm, _, value = member.strip().partition("=")
        if algorithm != "sha-256":
            continue
        try:
            stated = base64.b64decode(value.strip().strip(":"), validate=True)
        except binascii.Error:
            raise DigestMismatch("Content-Digest is not sha-256=:<base64>:.") from None
        if not hmac.compare_digest(stated, hashlib.sha256(raw).digest()):
            raise DigestMismatch
        compared = True
    return compared


def decompress(raw: bytes, limit: int = DECODED_LIMIT) -> bytes:
    """Return the content of one whole gzip member; memory stays below `limit`.

    Raises:
        TooLarge: it has more than `limit` bytes.
        BadEncoding: it is broken, cut off, or followed by other bytes.
    """
    stream = zlib.decompressobj(_GZIP)
    try:
        content = stream.decompress(raw, limit + 1)
    except zlib.error as error:
        raise BadEncoding(str(error)) from None
    if len(content) > limit:
        raise TooLarge(f"The body has more than {limit} bytes after decompression.", limit=limit)
    if not stream.eof:
        raise BadEncoding("The gzip stream ends too early.")
    if stream.unused_data:
        raise BadEncoding(f"{len(stream.unused_data)} bytes follow the end of the gzip stream.")
    return content


def check_storable(value: Json) -> None:
    """Check what JSON can say and the database cannot keep.

    Raises:
        MalformedRequest: a text holds half of a surrogate pair, so it is no Unicode text.
        Unprocessable: deeper than 64 levels, an integer beyond 64 bits, or NUL in a name.
    """
    if depth(value, DEPTH_LIMIT) > DEPTH_LIMIT:
        raise Unprocessable(errors=[{"at": "/", "message": f"nested deeper than {DEPTH_LIMIT} levels"}])
    waiting: list[tuple[str, Json]] = [("", value)]
    while waiting:
        at, node = waiting.pop()
        if isinstance(node, dict):
            for name, child in node.items():
                _check_text(name, at)
                if "\0" in name:
                    raise Unprocessable(errors=[{"at": at or "/", "message": "a name holds NUL"}])
                waiting.append((f"{at}/{name}", child))
        elif isinstance(node, list):
            waiting.extend((f"{at}/{index}", child) for index, child in enumerate(node))
        elif isinstance(node, str):
            _check_text(node, at)
        elif isinstance(node, int) and not -(2**63) <= node < 2**63:
            raise Unprocessable(errors=[{"at": at, "message": "an integer beyond 64 bits"}])


def _check_text(text: str, at: str) -> None:
    if _SURROGATE.search(text):
        raise MalformedRequest(f"The text at {at or '/'} holds half of a surrogate pair.")
