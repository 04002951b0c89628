"""What became of an op: for its sender, and for those who may read its household."""

from typing import Any

from marshmallow import fields

from api.base import Blueprint, Schema
from api.blobs.present import PhotoSchema, photos_of
from api.guard import allow, caller, may
from api.interviews.present import shown_issue
from api.scope import sight
from core.problems import NotFound

blueprint = Blueprint("ops", __name__, url_prefix="/ops", description="What became of an op.")


class OpSchema(Schema):
    """An op as it lies in the log, without its body."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    household = fields.String(required=True)
    user = fields.String(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of the canonical body."})
    received_at = fields.AwareDateTime(required=True)
    said_on = fields.Date(required=True)
    status = fields.String(required=True, metadata={"description": "stored, settled or quarantined."})
    hold = fields.String(required=True, allow_none=True, metadata={"description": "What it waits for."})
    settled = fields.Boolean(required=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    issues = fields.List(fields.Dict(), required=True)
    photos = fields.List(fields.Nested(PhotoSchema), required=True)


@blueprint.at("/<op_id>")
@allow("ops:read", NotFound)
@blueprint.gives(OpSchema)
def one(op_id: str) -> dict[str, Any]:
    """Tell what became of an op."""
    logged = sight().op(op_id, reader=may(caller(), "households:read"))
    op = logged.op
    settled = "settled" if op.stage is not None else "stored"
    return {
        "id": op.id,
        "kind": op.kind.value,
        "household": op.household,
        "user": op.user,
        "sha256": logged.sha256,
        "received_at": op.received_at,
        "said_on": op.said_on,
        "status": settled if logged.hold is None else "quarantined",
        "hold": logged.hold.value if logged.hold else None,
        "settled": op.stage is not None,
        "settled_at": op.stage,
        "issues": [shown_issue(issue) for issue in logged.issues],
        "photos": photos_of(logged),
    }
