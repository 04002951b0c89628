"""Schemas of forms. A definition itself is JSON Schema, read and served as it is."""

from typing import Any

from marshmallow import fields

from api.base import Schema

DRAFT: dict[str, Any] = {
    "type": "object",
    "description": "A draft: JSON Schema 2020-12 with our x- keywords (docs/forms.md).",
}


class FormSchema(Schema):
    """A published version, without its definition."""

    form_id = fields.String(required=True)
    version = fields.String(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of the published bytes: its name."})
    title = fields.Dict(required=True, metadata={"description": "Text by language tag."})
    languages = fields.List(fields.String(), required=True)
    subject = fields.String(required=True)
    published_at = fields.AwareDateTime()
    published_by = fields.String()


class FormList(Schema):
    """Published versions."""

    items = fields.List(fields.Nested(FormSchema), required=True)


class FormProblemSchema(Schema):
    """One thing that hinders publication."""

    code = fields.String(required=True)
    where = fields.String(required=True, metadata={"description": "JSON Pointer into the draft."})
    what = fields.String(required=True)
    todo = fields.String(required=True)


class CheckSchema(Schema):
    """All that hinders publication; nothing when the draft may be published."""

    problems = fields.List(fields.Nested(FormProblemSchema), required=True)


class DiffSchema(Schema):
    """Questions that differ, as JSON Pointers; `*` stands for every row."""

    added = fields.List(fields.String(), required=True)
    removed = fields.List(fields.String(), required=True)
    retyped = fields.List(fields.String(), required=True)
    reworded = fields.List(fields.String(), required=True)
