"""Unmasking: full values, asked for by name and with a reason; who asked is in the trail before the answer leaves."""

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from access import audit
from api.base import Schema
from api.guard import act, me
from api.services import services
from core.jsonvalue import Json, find
from core.masking import mask_text
from core.problems import Unprocessable

_MOST = 50


class Unmask(Schema):
    """Which values are to be shown in full, and why."""

    fields_ = fields.List(
        fields.String(required=True, validate=validate.Length(1, 500)),
        data_key="fields",
        required=True,
        validate=validate.Length(1, _MOST),
        metadata={"description": "JSON Pointers (RFC 6901) into what the address shows masked."},
    )
    reason = fields.String(
        required=True,
        validate=[validate.Length(4, 500), validate.Regexp(r".*\S", error="say why")],
        metadata={"description": "Kept in the trail."},
    )


class Unmasked(Schema):
    """Full values by pointer."""

    values = fields.Dict(keys=fields.String(), required=True)


def unmasked(  # noqa: PLR0913 - whose values, which, why
    shown: Json, wanted: Sequence[str], reason: str, *, action: str, target: str, region: str
) -> dict[str, Any]:
    """Return the values that pointers name, after the trail has who asked for which of them, and why.

    Args:
        shown: the clear document that the pointers lead into.
        wanted: the pointers.
        reason: the caller's.
        action: for the trail.
        target: for the trail.
        region: for the trail.

    Raises:
        Unprocessable: a pointer names nothing; then nothing is shown.
    """
    values, errors = {}, []
    for index, pointer in enumerate(wanted):
        try:
            values[pointer] = find(shown, pointer)
        except LookupError:
            errors.append({"at": f"/fields/{index}", "message": "names nothing that is shown here"})
    if errors:
        raise Unprocessable(errors=errors)
    detail = {"fields": list(values), "reason": mask_text(reason)}
    audit.record(services().store, act(), action, target, region, detail)
    return {"values": values}


def note_search(kind: str, found: Sequence[str]) -> None:
    """Note in the trail that the caller sought households by a number of a kind, and which were found."""
    detail = {"by": kind, "found": list(found)}
    audit.record(services().store, act(), "households:search", "households", me().region, detail)
