"""Schemas of photos."""

from marshmallow import fields, validate

from api.base import Schema


class PhotoArgs(Schema):
    """Which of the forms of a photo."""

    variant = fields.String(
        load_default="view",
        validate=validate.OneOf(("view", "thumbnail", "original")),
        metadata={
            "description": "`view` (up to 2048 pixels) and `thumbnail` (up to 320) are JPEG without metadata; "
            "`original` is the very file, for its sender and, noted in the trail, for administrators."
        },
    )
