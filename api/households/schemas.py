"""Schemas of ledger entries. Days are ISO text; an open end is null; identifiers and telephones are masked."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.base import PageArgs, Schema

_DAYS = {"description": "[first day, last day] each; an open end is null."}


class HouseholdArgs(PageArgs):
    """Filters of the list."""

    region = fields.String(load_default=None, metadata={"description": "A region code within yours."})
    site = fields.String(load_default=None)
    registry_no = fields.String(load_default=None, metadata={"description": "Number in the register."})


class Search(Schema):
    """One whole number; spaces and dashes do not count, a resident ID may have 15 or 18 digits."""

    resident_id = fields.String(validate=validate.Length(15, 40))
    phone = fields.String(validate=validate.Length(5, 40))
    bank_account = fields.String(validate=validate.Length(8, 60))

    @validates_schema
    def _one(self, data: dict[str, Any], **_more: Any) -> None:
        if len(data) != 1:
            raise ValidationError("one number, of one kind")


class HouseholdItem(Schema):
    """A household in a list."""

    id = fields.String(required=True)
    region = fields.String(required=True)
    registry_no = fields.String(required=True, allow_none=True)
    site = fields.String(required=True, allow_none=True)
    head = fields.String(required=True, allow_none=True, metadata={"description": "Name of the head (户主)."})
    members = fields.Integer(required=True, metadata={"description": "Those who live there now."})
    version = fields.Integer(required=True)
    as_of = fields.Date(required=True)


class HouseholdPage(Schema):
    """A page of households."""

    items = fields.List(fields.Nested(HouseholdItem), required=True)
    next = fields.String(required=True, allow_none=True)


class SaidSchema(Schema):
    """Who said so: op, day, and how strong the evidence is (1 self-report to 4 office)."""

    op = fields.String(required=True)
    on = fields.Date(required=True)
    grade = fields.Integer(required=True)


class PastValue(Schema):
    """A value that a fact had, and the statement that first gave it."""

    value = fields.Raw(required=True)
    said = fields.Nested(SaidSchema, required=True)


class FactValue(PastValue):
    """A value and the statement it comes from."""

    history = fields.List(
        fields.Nested(PastValue),
        metadata={
            "description": "What it was, oldest first; of facts whose changes are kept, if there were any."
        },
    )


class RecordSchema(Schema):
    """A thing that is no state over days: a dwelling, an old house, a subsidy of a year, a training."""

    kind = fields.String(required=True)
    id = fields.String(required=True)
    facts = fields.Dict(keys=fields.String(), values=fields.Nested(FactValue), required=True)
    said = fields.List(fields.Nested(SaidSchema), required=True)
    findings = fields.List(
        fields.String(), required=True, metadata={"description": "Findings about it that the caller may see."}
    )


class SpellSchema(Schema):
    """A person's state over days."""

    key = fields.String(required=True)
    start = fields.Date(required=True)
    end = fields.Date(required=True, allow_none=True, metadata={"description": "Stated; null while open."})
    days = fields.List(fields.Date(allow_none=True), required=True, metadata=_DAYS)
    fields_ = fields.Dict(data_key="fields", required=True)
    said = fields.List(fields.Nested(SaidSchema), required=True)


class TrackSchema(Schema):
    """All that is known of one kind of spell: days covered, days known to lie in none, the rest is unknown."""

    kind = fields.String(required=True)
    now = fields.String(required=True, allow_none=True)
    spells = fields.List(fields.Nested(SpellSchema), required=True)
    covered = fields.List(fields.List(fields.Date(allow_none=True)), required=True, metadata=_DAYS)
    absent = fields.List(fields.List(fields.Date(allow_none=True)), required=True, metadata=_DAYS)


class PersonSchema(Schema):
    """A member, past or present."""

    id = fields.String(required=True)
    joined = fields.Date(required=True, allow_none=True)
    left = fields.Date(required=True, allow_none=True)
    facts = fields.Dict(keys=fields.String(), values=fields.Nested(FactValue), required=True)
    tracks = fields.List(fields.Nested(TrackSchema), required=True)
    records = fields.List(fields.Nested(RecordSchema), required=True)


class ContradictionSchema(Schema):
    """Two statements that cannot both hold; `held` is what the ledger shows."""

    subject = fields.String(required=True)
    fact = fields.String(required=True)
    held = fields.String(required=True)
    other = fields.String(required=True)
    held_by = fields.Nested(SaidSchema, required=True)
    other_by = fields.Nested(SaidSchema, required=True)
    days = fields.List(fields.List(fields.Date(allow_none=True)), required=True, metadata=_DAYS)


class InterviewOfHousehold(Schema):
    """One interview, and the op of the revision that counts."""

    id = fields.String(required=True)
    form = fields.String(required=True)
    form_id = fields.String(required=True)
    round = fields.String(required=True, allow_none=True)
    op = fields.String(required=True)
    user = fields.String(required=True)
    said_on = fields.Date(required=True)
    state = fields.String(required=True)
    stale = fields.Boolean(required=True)
    other_ops = fields.List(fields.String(), required=True)


class VisitSchema(Schema):
    """A failed visit."""

    op = fields.String(required=True)
    on = fields.Date(required=True)
    outcome = fields.String(required=True)


class EntrySchema(Schema):
    """What every ledger entry has."""

    id = fields.String(required=True)
    region = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "Also the ETag."})
    as_of = fields.Date(required=True, metadata={"description": "Day on which it was last judged."})
    next_due = fields.Date(
        required=True, allow_none=True, metadata={"description": "First day on which a finding can change."}
    )
    facts = fields.Dict(keys=fields.String(), values=fields.Nested(FactValue), required=True)
    records = fields.List(fields.Nested(RecordSchema), required=True)
    contradictions = fields.List(fields.Nested(ContradictionSchema), required=True)
    interviews = fields.List(fields.Nested(InterviewOfHousehold), required=True)
    visits = fields.List(fields.Nested(VisitSchema), required=True)


class HouseholdSchema(EntrySchema):
    """A household; its `tracks` and `records` are those that are no single member's."""

    persons = fields.List(fields.Nested(PersonSchema), required=True)
    tracks = fields.List(fields.Nested(TrackSchema), required=True)


class RowSchema(Schema):
    """A row of the register: facts of the household, rows of its persons, spells and records."""

    entity = fields.String(required=True, validate=validate.Equal("household"))
    key = fields.String(load_default=None, allow_none=True)
    facts = fields.Dict(keys=fields.String(), load_default=dict)
    rows = fields.List(fields.Dict(keys=fields.String()), load_default=list)


class Registration(Schema):
    """A household for the register. Its id is made from banner and number, so a second time meets the first."""

    registry_no = fields.String(required=True, validate=validate.Length(1, 64))
    region = fields.String(required=True, validate=validate.Regexp(r"[0-9]{6}(?:[0-9]{3}){0,2}\Z"))
    row = fields.Nested(RowSchema, required=True)


class Change(Schema):
    """One fact to correct: of the entry (empty path), of a person, or of a record of either.

    `mistaken`, true, takes a record out of the ledger.
    """

    path = fields.List(
        fields.String(),
        load_default=list,
        validate=validate.Length(max=5),
        metadata={"description": "[], [person, id], [record, kind, id] or [person, id, record, kind, id]."},
    )
    fact = fields.String(required=True, validate=validate.Length(1, 100))
    base = fields.Raw(required=True, allow_none=True, metadata={"description": "The value that was read."})
    value = fields.Raw(required=True, allow_none=True)


class Correction(Schema):
    """Corrections with their reason."""

    changes = fields.List(fields.Nested(Change), required=True, validate=validate.Length(1, 100))
    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class OpAccepted(Schema):
    """The op is in the log for good; the ledger follows when it is settled."""

    op = fields.String(required=True)
    household = fields.String(required=True)
