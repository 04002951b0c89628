"""Schemas of findings."""

from marshmallow import fields, validate

from api.base import PageArgs, Schema
from validators.life import EVIDENCE_LIMIT, NOTE_LIMIT, State
from validators.messages import LANGUAGES
from validators.rule import Severity

_ACTIONS = ("acknowledge", "act", "verify", "dismiss", "reopen", "comment")


class Language(Schema):
    """Language of the words."""

    lang = fields.String(load_default=None, validate=validate.OneOf(LANGUAGES))


class FindingArgs(PageArgs, Language):
    """Filters of the list, which is sorted by deadline."""

    region = fields.String(load_default=None, metadata={"description": "A region code within yours."})
    unit = fields.String(load_default=None, metadata={"description": "Of an officer: always the own one."})
    state = fields.Enum(State, by_value=True, load_default=None)
    rule = fields.String(load_default=None)
    severity = fields.Enum(Severity, by_value=True, load_default=None)
    household = fields.String(load_default=None)
    overdue = fields.Boolean(
        load_default=False, metadata={"description": "Only those that are not done after their deadline."}
    )


class MessageSchema(Schema):
    """The finding in words."""

    language = fields.String(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    what_to_do = fields.String(required=True, metadata={"description": "Said to the unit that is to act."})
    ask = fields.String(
        required=True,
        metadata={
            "description": "What the next visit is to find out; empty if it is no question of a visit."
        },
    )


class FindingItem(Schema):
    """A finding in a list."""

    id = fields.String(required=True)
    household = fields.String(required=True)
    region = fields.String(required=True)
    subject = fields.String(required=True, metadata={"description": "Person id or household id."})
    rule = fields.String(required=True)
    clause = fields.String(required=True)
    severity = fields.Enum(Severity, by_value=True, required=True)
    unit = fields.String(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    opened_on = fields.Date(required=True)
    due = fields.Date(required=True)
    message = fields.Nested(MessageSchema, required=True)


class FindingPage(Schema):
    """A page of findings."""

    items = fields.List(fields.Nested(FindingItem), required=True)
    next = fields.String(required=True, allow_none=True)


class EventSchema(Schema):
    """One entry of the history."""

    at = fields.AwareDateTime(required=True)
    day = fields.Date(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    why = fields.String(required=True)
    by = fields.String(required=True, allow_none=True, metadata={"description": "User; null: judged."})
    op = fields.String(required=True, allow_none=True)
    note = fields.String(required=True)
    evidence = fields.List(fields.String(), required=True)


class ParameterUsed(Schema):
    """A parameter that went into it, and since when its value is in force."""

    parameter = fields.String(required=True)
    since = fields.Date(required=True)


class FindingSchema(FindingItem):
    """Everything about a finding."""

    rule_version = fields.Integer(required=True)
    episode = fields.String(required=True)
    days = fields.List(
        fields.Date(allow_none=True),
        required=True,
        allow_none=True,
        metadata={"description": "First and last day in question; an open end is null."},
    )
    evidence = fields.List(fields.String(), required=True, metadata={"description": "Op ids."})
    parameters = fields.List(fields.Nested(ParameterUsed), required=True)
    history = fields.List(fields.Nested(EventSchema), required=True)
    allowed = fields.List(fields.String(), required=True, metadata={"description": "Actions of a reply now."})


class Reply(Schema):
    """What the unit did or says."""

    action = fields.String(required=True, validate=validate.OneOf(_ACTIONS))
    note = fields.String(load_default="", validate=validate.Length(max=NOTE_LIMIT))
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=NOTE_LIMIT),
        metadata={"description": "A dismissal needs one."},
    )
    evidence = fields.List(
        fields.String(validate=validate.Length(1, 200)),
        load_default=list,
        validate=validate.Length(max=EVIDENCE_LIMIT),
        metadata={
            "description": "Photos as `sha-256:<digest>`, references of documents. A verification needs some."
        },
    )
