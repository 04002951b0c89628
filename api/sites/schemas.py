"""Schemas of sites and banners."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.base import PageArgs, Schema
from api.households.schemas import EntrySchema
from core.ids import EntryKind, entry_kind, is_entry_id

_KIND = {"description": "site or banner."}


class SiteArgs(PageArgs):
    """Filters of the list."""

    region = fields.String(load_default=None, metadata={"description": "A region code within yours."})
    kind = fields.String(load_default=None, validate=validate.OneOf(["site", "banner"]))


class SiteItem(Schema):
    """A site or banner in a list."""

    id = fields.String(required=True)
    kind = fields.String(required=True, metadata=_KIND)
    region = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    as_of = fields.Date(required=True)


class SitePage(Schema):
    """A page of sites and banners."""

    items = fields.List(fields.Nested(SiteItem), required=True)
    next = fields.String(required=True, allow_none=True)


class SiteSchema(EntrySchema):
    """A site or banner."""

    kind = fields.String(required=True, metadata=_KIND)


class SiteRow(Schema):
    """A row of the register: facts of the site or banner, rows of its records."""

    entity = fields.String(required=True, validate=validate.OneOf(["site", "banner"]))
    key = fields.String(load_default=None, allow_none=True)
    facts = fields.Dict(keys=fields.String(), load_default=dict)
    rows = fields.List(fields.Dict(keys=fields.String()), load_default=list)


class SiteRegistration(Schema):
    """A site or banner for the register, under its own id."""

    id = fields.String(
        required=True,
        validate=validate.Length(1, 80),
        metadata={"description": "site:<code>, or banner:<the banner's six digits>."},
    )
    region = fields.String(required=True, validate=validate.Regexp(r"[0-9]{6}(?:[0-9]{3}){0,2}\Z"))
    row = fields.Nested(SiteRow, required=True)

    @validates_schema
    def _one_entry(self, data: dict[str, Any], **_more: Any) -> None:
        kind = entry_kind(data["id"])
        if kind is EntryKind.HOUSEHOLD or not is_entry_id(data["id"]):
            raise ValidationError("site:<code> or banner:<six digits>", "id")
        if data["row"]["entity"] != kind.value:
            raise ValidationError("the row is of another kind than the id", "row")
        if kind is EntryKind.BANNER and data["id"] != f"banner:{data['region']}":
            raise ValidationError("a banner lies in its own region", "region")
