"""The photos of an op, as they are told beside it."""

from typing import Any

from marshmallow import fields

from api.base import PREFIX, Schema
from api.blobs.names import name_of
from api.services import services
from core.jsonvalue import Json
from forms.log import Logged

_NAME_LIMIT = 256


class LinksSchema(Schema):
    """Where a photo can be seen."""

    view = fields.String(required=True)
    thumbnail = fields.String(required=True)


class PhotoSchema(Schema):
    """A photo that an op names."""

    sha256 = fields.String(required=True)
    question = fields.String(
        required=True, allow_none=True, metadata={"description": "JSON Pointer of the question it answers."}
    )
    type = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Told by its bytes; null before they are here."},
    )
    length = fields.Integer(
        required=True, allow_none=True, metadata={"description": "As its sender said, before it is here."}
    )
    complete = fields.Boolean(required=True)
    links = fields.Nested(LinksSchema, required=True, allow_none=True)


def photos_of(logged: Logged) -> list[dict[str, Any]]:
    """Return the photos that an op names, in its order: one read, none if it names none."""
    if not logged.blobs:
        return []
    here = services().blobs.complete(logged.blobs)
    shown = []
    for said in logged.op.body.get("blobs") or ():
        sha256 = said["sha256"]
        blob = here.get(sha256)
        address = f"{PREFIX}/blobs/{name_of(sha256)}?variant="
        shown.append(
            {
                "sha256": sha256,
                "question": _text(said.get("question")),
                "type": blob.type if blob else None,
                "length": blob.length if blob else _count(said.get("length")),
                "complete": blob is not None,
                "links": {"view": f"{address}view", "thumbnail": f"{address}thumbnail"} if blob else None,
            }
        )
    return shown


def _text(value: Json) -> str | None:
    return value[:_NAME_LIMIT] if isinstance(value, str) else None


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None
