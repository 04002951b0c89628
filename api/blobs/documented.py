"""What the OpenAPI document says of the headers of photos."""

from typing import Any


def _header(about: str, kind: str = "string") -> dict[str, Any]:
    return {"description": about, "schema": {"type": kind}}


def _sent(name: str, about: str, kind: str = "string", *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required} | _header(about, kind)


_OFFSET = _header("Bytes that are here: where the next chunk begins.", "integer")

STATE: dict[str, Any] = {
    "Upload-Offset": _OFFSET,
    "Upload-Length": _header("Bytes of the whole photo.", "integer"),
    "Upload-Complete": _header("`?1` when the photo is complete and its hash right, else `?0`."),
}

CHUNK: dict[str, Any] = {
    "parameters": [
        _sent("Upload-Offset", "Where the chunk begins in the photo.", "integer"),
        _sent("Upload-Complete", "`?1` with the last chunk, `?0` with all others."),
        _sent("Upload-Length", "Bytes of the whole photo; required at offset 0.", "integer", required=False),
        _sent(
            "Content-Digest", "`sha-256=:<base64>:` of the chunk; not needed if it is empty.", required=False
        ),
    ],
    "requestBody": {
        "required": True,
        "description": "256 bytes (the last: any number) to 1 MiB of the photo.",
        "content": {"application/partial-upload": {"schema": {"type": "string", "format": "binary"}}},
    },
}

OFFSET_TOLD: dict[str, Any] = {
    "409": {"headers": {"Upload-Offset": _OFFSET}},
    "422": {"headers": {"Upload-Offset": _header("0: all was thrown away.", "integer")}},
    "429": {"headers": {"Retry-After": _header("Seconds.", "integer")}},
}

PHOTO: dict[str, Any] = {"type": "string", "format": "binary"}

GIVEN: dict[str, Any] = {
    "ETag": _header("Strong: the SHA-256 of the bytes."),
    "Accept-Ranges": _header("`bytes`: Range and If-Range are understood."),
    "Content-Disposition": _header("inline for view and thumbnail, attachment for the original."),
    "Cache-Control": _header("private, immutable."),
}
