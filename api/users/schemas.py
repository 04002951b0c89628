"""Schemas of accounts."""

from marshmallow import fields, validate

from access import UserState
from access.bulk import Outcome
from api.base import PageArgs, Schema
from core.principal import Role

_NAME = validate.Length(1, 100)


class UserSchema(Schema):
    """An account; the password is never shown."""

    id = fields.String(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    region = fields.String(required=True, metadata={"description": "Scope: 4, 6, 9 or 12 digits."})
    unit = fields.String(required=True, allow_none=True, metadata={"description": "Code of the unit."})
    state = fields.Enum(UserState, by_value=True, required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    failures = fields.Integer(required=True, metadata={"description": "Failed sign-ins since the last."})
    temporary = fields.Boolean(
        required=True, metadata={"description": "The password must be changed at the next sign-in."}
    )
    second_factor = fields.Boolean(required=True, metadata={"description": "A second factor is asked for."})


class NewUser(Schema):
    """An account to make."""

    login = fields.String(required=True)
    name = fields.String(required=True, validate=_NAME)
    role = fields.Enum(Role, by_value=True, required=True)
    region = fields.String(required=True)
    unit = fields.String(load_default=None, allow_none=True)
    password = fields.String(required=True, load_only=True)


class UserChanges(Schema):
    """What to change of an account."""

    name = fields.String(validate=_NAME)
    role = fields.Enum(Role, by_value=True)
    region = fields.String()
    unit = fields.String(allow_none=True)
    state = fields.Enum(UserState, by_value=True)


class OneTimePassword(Schema):
    """A password that works for a week, for nothing but its own change; shown once."""

    password = fields.String(required=True)


class ImportArgs(Schema):
    """Whether to write."""

    write = fields.Boolean(
        load_default=False, metadata={"description": "false: a dry run, nothing is written."}
    )


class ImportedRow(Schema):
    """What is to become of a row, or became of it."""

    row = fields.Integer(required=True, metadata={"description": "As a spreadsheet counts."})
    login = fields.String(required=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    faults = fields.List(fields.Dict(), required=True, metadata={"description": "`at` and `message` each."})


class IssuedPassword(Schema):
    """A one-time password, shown once."""

    login = fields.String(required=True)
    password = fields.String(required=True)


class ImportReport(Schema):
    """What a table of accounts says, row by row."""

    written = fields.Boolean(required=True)
    rows = fields.List(fields.Nested(ImportedRow), required=True)
    passwords = fields.List(fields.Nested(IssuedPassword), required=True)


class UserArgs(PageArgs):
    """Filters of the list."""

    role = fields.Enum(Role, by_value=True, load_default=None)


class UserPage(Schema):
    """A page of accounts."""

    items = fields.List(fields.Nested(UserSchema), required=True)
    next = fields.String(required=True, allow_none=True)
