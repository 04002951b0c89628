"""Schemas of the policy."""

from typing import Any

from marshmallow import fields

from api.base import Schema

_TEXTS = {"description": "Text by language tag."}


class ClauseSchema(Schema):
    """A clause of the notice."""

    id = fields.String(required=True)
    title = fields.Dict(required=True, metadata=_TEXTS)
    about = fields.String(required=True, metadata={"description": "Our gloss, not law."})
    text = fields.List(fields.String(), required=True, metadata={"description": "The notice's sentences."})
    responsible = fields.List(fields.String(), required=True)
    cooperating = fields.List(fields.String(), required=True)


class UnitSchema(Schema):
    """A unit that the notice names."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    short = fields.String(required=True)
    en = fields.String(required=True)


class DatedValueSchema(Schema):
    """A value and from when on it is in force."""

    since = fields.Date(required=True)
    value = fields.Raw(required=True)
    region = fields.String(required=True, metadata={"description": "Region prefix; empty: everywhere."})
    source = fields.String(required=True)
    grade = fields.String(
        required=True, metadata={"description": "N notice, S secondary, K general, P ours."}
    )
    verified_on = fields.Date(required=True, allow_none=True)


class ParameterSchema(Schema):
    """A parameter with all its values."""

    id = fields.String(required=True)
    labels = fields.Dict(required=True, metadata=_TEXTS)
    unit = fields.String(required=True)
    kind = fields.String(required=True)
    values = fields.List(fields.Nested(DatedValueSchema), required=True)


class RuleSchema(Schema):
    """A rule and what it declares."""

    id = fields.String(required=True)
    subject = fields.String(required=True)
    clause = fields.String(required=True)
    severity = fields.String(required=True)
    parameters = fields.List(fields.String(), required=True)
    about = fields.String(required=True)
    version = fields.Integer(required=True)


class TemplatesSchema(Schema):
    """What phones say any finding in one language with, as `validators/messages/README.md` tells."""

    version = fields.String(required=True, metadata={"description": "Of the whole policy."})
    language = fields.String(required=True)
    fixed = fields.Dict(required=True, metadata={"description": "Words for open ends, unknown, true, false."})
    clauses = fields.Dict(required=True, metadata={"description": "Clause → title."})
    units = fields.Dict(required=True, metadata={"description": "Unit → short name."})
    places = fields.Dict(required=True, metadata={"description": "Banner → name."})
    codes = fields.Dict(required=True, metadata={"description": "Fact → code → label."})
    records = fields.Dict(required=True, metadata={"description": "Kind of record → label."})
    words = fields.Dict(required=True, metadata={"description": "`area/placeholder` → how it is said."})
    messages = fields.Dict(required=True, metadata={"description": "Rule → its wording and variants."})


def list_of(item: type[Schema]) -> Schema:
    """Return the schema of a whole list and the policy's version."""
    members: dict[str, fields.Field[Any]] = {
        "version": fields.String(required=True, metadata={"description": "Of the whole policy."}),
        "items": fields.List(fields.Nested(item), required=True),
    }
    name = item.__name__.removesuffix("Schema") + "List"
    made: Schema = Schema.from_dict(members, name=name)()  # type: ignore[assignment] # a subclass of Schema
    return made
