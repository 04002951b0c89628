"""Accounts of the caller's region."""

from dataclasses import asdict
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from flask import request

from access import User as Account
from access.bulk import NotATable
from api.base import Blueprint
from api.body import read_file
from api.conditional import etag, matched
from api.guard import allow
from api.paging import page_of, read_place
from api.rates import HEAVY
from api.scope import accounts, holdings_of, user_import
from api.services import services
from api.sessions.held import Ended, HeldList
from api.users.schemas import (
    ImportArgs,
    ImportReport,
    NewUser,
    OneTimePassword,
    UserArgs,
    UserChanges,
    UserPage,
    UserSchema,
)
from core.problems import Conflict, NotFound, Unprocessable
from ledger.roster import Cells, NotARoster, read

_TABLES = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_TABLE_BODY = {
    "required": True,
    "description": "The table: its first row names the columns; at most 1 MiB and 500 rows.",
    "content": {each: {"schema": {"type": "string", "format": "binary"}} for each in _TABLES},
}
_LARGEST_TABLE = 1 << 20
_MOST_ROWS = 500
blueprint = Blueprint("users", __name__, url_prefix="/users", description="Accounts.")


def _check_unit(unit: str | None) -> None:
    if unit is not None and unit not in services().engine.policy.units:
        raise Unprocessable(errors=[{"at": "/unit", "message": "no such unit; see /api/v1/policy/units"}])


@blueprint.at("")
@allow("users:read")
@blueprint.takes(UserArgs, "query")
@blueprint.gives(UserPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the accounts of the caller's region."""
    place = read_place(args["after"], str, str)
    return page_of(*accounts().list(limit=args["limit"], place=place, role=args["role"]))


@blueprint.at("", "POST")
@allow("users:write", Conflict, rate=HEAVY)
@blueprint.takes(NewUser)
@blueprint.gives(UserSchema, 201)
def create(body: dict[str, Any]) -> tuple[Account, dict[str, str]]:
    """Make an account; the password is changed at its first sign-in, within a week."""
    _check_unit(body["unit"])
    made = accounts().create(**body, temporary=True)
    return made, {**etag(made.version), "Location": f"/api/v1/users/{made.id}"}


@blueprint.at("/import", "POST")
@blueprint.says(requestBody=_TABLE_BODY)
@allow("users:write", Conflict, body=True, rate=HEAVY)
@blueprint.takes(ImportArgs, "query")
@blueprint.gives(ImportReport)
def import_table(args: dict[str, Any]) -> dict[str, Any]:
    """Look over a table of accounts (CSV or XLSX: login, name, role, region, unit), and make them with `write`.

    A row with a fault, and nothing is written. One-time passwords are in the answer, and nowhere else.
    """
    bulk = user_import()
    try:
        lines = bulk.look(_rows(read_file(request, tuple(_TABLES), _LARGEST_TABLE)))
    except NotATable as error:
        raise Unprocessable(errors=[{"at": "/rows/1", "message": str(error)}]) from None
    rows = [asdict(line) | {"login": line.values["login"]} for line in lines]
    if not args["write"]:
        return {"written": False, "rows": rows, "passwords": []}
    faults = [(line.row, fault) for line in lines for fault in line.faults]
    if faults:
        errors = [{"at": f"/rows/{row}/{fault['at']}", "message": fault["message"]} for row, fault in faults]
        raise Unprocessable("Nothing was written.", errors=errors)
    given = bulk.passwords(lines)
    made = sum(bulk.write(given))
    passwords = [{"login": line.values["login"], "password": password} for line, password in given]
    return {"written": made > 0, "rows": rows, "passwords": passwords}


def _rows(raw: bytes) -> list[Cells]:
    """Return the rows of an uploaded table.

    Raises:
        Unprocessable: it cannot be read, or has too many rows.
    """
    with NamedTemporaryFile(suffix=_TABLES[request.mimetype]) as file:  # the name is ours, never the sender's
        file.write(raw)
        file.flush()
        try:
            rows = list(islice(read(Path(file.name)), _MOST_ROWS + 2))
        except NotARoster:
            message = "not a readable table of its type"
            raise Unprocessable(errors=[{"at": "/", "message": message}]) from None
    if len(rows) > _MOST_ROWS + 1:
        message = f"more than {_MOST_ROWS} rows: send parts, or use 'ruhu import users'"
        raise Unprocessable(errors=[{"at": "/", "message": message}])
    return rows


@blueprint.at("/<user_id>")
@allow("users:read", NotFound)
@blueprint.gives(UserSchema)
def one(user_id: str) -> tuple[Account, dict[str, str]]:
    """Read an account."""
    found = accounts().get(user_id)
    return found, etag(found.version)


@blueprint.at("/<user_id>", "PATCH")
@allow("users:write", NotFound, edit=True)
@blueprint.takes(UserChanges)
@blueprint.gives(UserSchema)
def change(body: dict[str, Any], user_id: str) -> tuple[Account, dict[str, str]]:
    """Change name, role, region, unit or state; a disabled account's tokens end."""
    _check_unit(body.get("unit"))
    version = matched(accounts().get(user_id).version)
    changes = {name: None if value is None else str(value) for name, value in body.items()}
    changed = accounts().change(user_id, changes, version=version)
    return changed, etag(changed.version)


@blueprint.at("/<user_id>/reset", "POST")
@allow("users:write", NotFound, rate=HEAVY)
@blueprint.gives(OneTimePassword, 201)
def reset(user_id: str) -> dict[str, str]:
    """Give an account a one-time password, shown once; its sessions and keys end, its phones stay."""
    return {"password": accounts().reset_password(user_id)}


@blueprint.at("/<user_id>/second-factor", "DELETE")
@allow("users:write", NotFound)
@blueprint.gives(None, 204)
def take_off_second_factor(user_id: str) -> None:
    """Take the second factor off an account whose owner lost it."""
    accounts().take_off_second_factor(user_id)


@blueprint.at("/<user_id>/sessions")
@allow("users:tokens", NotFound)
@blueprint.gives(HeldList)
def sessions(user_id: str) -> dict[str, Any]:
    """List the sessions, phones' tokens and API keys of an account."""
    return {"items": holdings_of(user_id).list()}


@blueprint.at("/<user_id>/sessions", "DELETE")
@allow("users:tokens", NotFound)
@blueprint.gives(Ended)
def end_sessions(user_id: str) -> dict[str, int]:
    """End all sessions and API keys of an account; phones are retired one by one."""
    return {"ended": holdings_of(user_id).revoke_all()}


@blueprint.at("/<user_id>/sessions/<token>", "DELETE")
@allow("users:tokens", NotFound)
@blueprint.gives(None, 204)
def end_session(user_id: str, token: str) -> None:
    """End a session, a phone's token or an API key of an account."""
    holdings_of(user_id).revoke(token)
