"""Schemas of cases."""

from marshmallow import fields, validate

from api.base import PageArgs, Schema
from api.findings.schemas import FindingItem, Language
from validators.cases import CaseState, Part
from validators.life import EVIDENCE_LIMIT, NOTE_LIMIT
from validators.policy import STEPS
from validators.rule import Severity

BULK_LIMIT = 200
_ACTIONS = ("acknowledge", "act", "verify", "dismiss", "reopen")
_BULK = ("assign", "acknowledge", "act")


class Where(Schema):
    """Which part of the caller's work."""

    region = fields.String(load_default=None, metadata={"description": "A region code within yours."})
    unit = fields.String(load_default=None, metadata={"description": "Of an officer: always the own one."})
    part = fields.Enum(
        Part,
        by_value=True,
        data_key="role",
        load_default=Part.RESPONSIBLE,
        metadata={
            "description": "`responsible`: the cases of the unit (责任单位). `cooperating`: those in which it helps "
            "(配合单位); who is no officer says which unit."
        },
    )


class CaseArgs(PageArgs, Where):
    """Filters of the work list, which is sorted by deadline."""

    state = fields.Enum(
        CaseState,
        by_value=True,
        load_default=None,
        metadata={"description": "Left out: all but closed ones."},
    )
    severity = fields.Enum(Severity, by_value=True, load_default=None)
    owner = fields.String(
        load_default=None, metadata={"description": "A user's id, `me`, or `none`: cases without an owner."}
    )
    overdue = fields.Boolean(
        load_default=False, metadata={"description": "Only those not acted upon after their deadline."}
    )


class CaseAbout(Schema):
    """The household, site or banner that a case is about."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["household", "site", "banner"]))
    name = fields.String(required=True, allow_none=True, metadata={"description": "Of a site or banner."})
    registry_no = fields.String(required=True, allow_none=True)
    site = fields.String(required=True, allow_none=True)
    head = fields.String(required=True, allow_none=True)


class CasePerson(Schema):
    """Somebody who has to do with a case."""

    id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class CaseItem(Schema):
    """A case in a work list."""

    id = fields.String(required=True)
    region = fields.String(required=True)
    unit = fields.String(required=True)
    state = fields.Enum(CaseState, by_value=True, required=True)
    severity = fields.Enum(Severity, by_value=True, required=True)
    due = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
    opened_on = fields.Date(required=True)
    rules = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Of its live findings; who cooperates sees those that concern the unit."},
    )
    live = fields.Integer(required=True, metadata={"description": "How many findings are live."})
    cooperating = fields.List(fields.String(), required=True, metadata={"description": "Units that help."})
    owner = fields.Nested(CasePerson, required=True, allow_none=True)
    told = fields.List(
        fields.String(validate=validate.OneOf(STEPS)),
        required=True,
        metadata={"description": "To whom it was told since its deadline."},
    )
    about = fields.Nested(CaseAbout, required=True)


class CasePage(Schema):
    """A page of cases."""

    items = fields.List(fields.Nested(CaseItem), required=True)
    next = fields.String(required=True, allow_none=True)


class CaseClause(Schema):
    """A clause that the case rests on, and the units that it names, in its order."""

    clause = fields.String(required=True)
    title = fields.String(required=True)
    responsible = fields.List(fields.String(), required=True)
    cooperating = fields.List(fields.String(), required=True)


class CaseFinding(FindingItem):
    """A finding of the case."""

    allowed = fields.List(fields.String(), required=True, metadata={"description": "What may be done now."})


class CaseEventSchema(Schema):
    """One entry of the history of a case."""

    at = fields.AwareDateTime(required=True)
    day = fields.Date(required=True)
    kind = fields.String(
        required=True,
        validate=validate.OneOf(
            ["judged", "reply", "assigned", "comment", "escalated", "interview", "visit"]
        ),
    )
    finding = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, allow_none=True, metadata={"description": "Of the finding, then."})
    why = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True, metadata={"description": "User; null: judged."})
    name = fields.String(required=True, allow_none=True, metadata={"description": "Of `by`."})
    op = fields.String(required=True, allow_none=True)
    note = fields.String(required=True)
    evidence = fields.List(fields.String(), required=True)
    phone = fields.Boolean(required=True, metadata={"description": "It came from a phone."})
    pending = fields.Boolean(
        required=True, metadata={"description": "In the log, and not yet taken into account."}
    )
    owner = fields.Nested(CasePerson, required=True, allow_none=True)
    step = fields.String(required=True, allow_none=True)


class CaseSchema(CaseItem):
    """Everything about a case."""

    role = fields.Enum(
        Part,
        by_value=True,
        required=True,
        metadata={
            "description": "Of the caller: `cooperating` reads what concerns the unit, comments, decides nothing."
        },
    )
    next_step = fields.Date(
        required=True, allow_none=True, metadata={"description": "When it is told to the next one up."}
    )
    clauses = fields.List(fields.Nested(CaseClause), required=True)
    findings = fields.List(fields.Nested(CaseFinding), required=True)
    history = fields.List(
        fields.Nested(CaseEventSchema), required=True, metadata={"description": "Oldest first."}
    )


class CaseLanguage(Language):
    """Language of the words."""


class CaseAssign(Schema):
    """Who is to work on the case."""

    owner = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "An officer of the unit whose region holds the case; null: nobody."},
    )


class CaseAct(Schema):
    """What is done about findings of the case."""

    action = fields.String(required=True, validate=validate.OneOf(_ACTIONS))
    findings = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "Which; left out: every finding that allows it."},
    )
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


class CaseActed(Schema):
    """The ops that say so; they are settled soon after."""

    ops = fields.List(fields.String(), required=True)


class CaseComment(Schema):
    """Something to be said about the case."""

    text = fields.String(
        required=True,
        validate=[validate.Length(1, NOTE_LIMIT), validate.Regexp(r"(?s).*\S", error="say something")],
    )


class CaseCommented(Schema):
    """The comment's place in the history."""

    id = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class CaseOwners(Schema):
    """Who may own the case."""

    items = fields.List(fields.Nested(CasePerson), required=True)


class CaseBulk(Schema):
    """The same for many cases."""

    action = fields.String(required=True, validate=validate.OneOf(_BULK))
    cases = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        required=True,
        validate=validate.Length(1, BULK_LIMIT),
    )
    owner = fields.String(
        load_default=None, allow_none=True, metadata={"description": "For `assign`; null: nobody."}
    )
    note = fields.String(load_default="", validate=validate.Length(max=NOTE_LIMIT))
    evidence = fields.List(
        fields.String(validate=validate.Length(1, 200)),
        load_default=list,
        validate=validate.Length(max=EVIDENCE_LIMIT),
    )


class CaseBulkResult(Schema):
    """What became of one case."""

    case = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["done", "failed"]))
    problem = fields.Dict(
        required=True, allow_none=True, metadata={"description": "RFC 9457, when it failed."}
    )


class CaseBulkResults(Schema):
    """What became of each, in the order they were named."""

    results = fields.List(fields.Nested(CaseBulkResult), required=True)


class CaseSummaryRow(Schema):
    """Figures of one unit in one part of the region."""

    unit = fields.String(required=True)
    region = fields.String(required=True)
    open = fields.Integer(required=True)
    acknowledged = fields.Integer(required=True)
    acted = fields.Integer(required=True)
    closed = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    unowned = fields.Integer(required=True, metadata={"description": "Live ones that nobody owns."})


class CaseSummary(Schema):
    """Figures by unit and part of the region."""

    as_of = fields.Date(required=True)
    rows = fields.List(fields.Nested(CaseSummaryRow), required=True)
