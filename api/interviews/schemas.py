"""Schemas of interviews. One item is one revision, named by the op that brought it."""

from marshmallow import fields, validate

from api.base import PageArgs, Schema
from api.blobs.present import PhotoSchema


class InterviewArgs(PageArgs):
    """Whose interviews: of a household or of a user."""

    household = fields.String(load_default=None)
    user = fields.String(load_default=None)
    round = fields.String(load_default=None)


class Return(Schema):
    """Why an interview is returned for correction."""

    reason = fields.String(
        required=True,
        validate=[validate.Length(1, 1000), validate.Regexp(r".*\S", error="say what is to be corrected")],
    )


class ReturnedSchema(Schema):
    """Who returned a revision for correction, and why."""

    op = fields.String(required=True)
    on = fields.Date(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)


class InterviewItem(Schema):
    """A revision of an interview in a list."""

    op = fields.String(required=True, metadata={"description": "Id of the op that brought the revision."})
    interview = fields.String(required=True)
    revision = fields.String(required=True, allow_none=True)
    parent = fields.String(required=True, allow_none=True)
    household = fields.String(required=True)
    form = fields.String(required=True, metadata={"description": "SHA-256 of the version."})
    round = fields.String(required=True, allow_none=True)
    user = fields.String(required=True)
    said_on = fields.Date(required=True)
    received_at = fields.AwareDateTime(required=True)
    state = fields.String(
        required=True,
        metadata={
            "description": "head, forked, contested, parentless, held or void; superseded: another revision counts; "
            "pending: not settled yet; quarantined: waits for something."
        },
    )
    stale = fields.Boolean(
        required=True, metadata={"description": "Made under an assignment that was no more when it came."}
    )
    returned = fields.Nested(ReturnedSchema, required=True, allow_none=True)
    issues_count = fields.Integer(required=True)


class InterviewPage(Schema):
    """A page of revisions."""

    items = fields.List(fields.Nested(InterviewItem), required=True)
    next = fields.String(required=True, allow_none=True)


class InterviewSchema(InterviewItem):
    """A revision with its answers; identifiers and contacts are masked."""

    sha256 = fields.String(required=True, metadata={"description": "Digest of the body as sent."})
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    clock = fields.String(required=True, metadata={"description": "Quality of the time: A, B or C."})
    hold = fields.String(required=True, allow_none=True)
    issues = fields.List(fields.Dict(), required=True, metadata={"description": "What the form's gate said."})
    answers = fields.Dict(required=True)
    blobs = fields.List(fields.String(), required=True)
    photos = fields.List(fields.Nested(PhotoSchema), required=True)
