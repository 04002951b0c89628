"""Work lists of the caller's region."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from api.base import Blueprint, PageArgs
from api.conditional import etag, matched
from api.guard import allow
from api.paging import page_of, read_place
from api.scope import accounts, plans
from api.services import services
from api.worklists.schemas import (
    HouseholdIds,
    Households,
    Moved,
    NewWorkList,
    WorkListChanges,
    WorkListPage,
    WorkListSchema,
)
from core.problems import Conflict, NotFound, Unprocessable
from sync.worklists import WorkListPlan

blueprint = Blueprint("worklists", __name__, url_prefix="/worklists", description="Who visits whom.")
Shown = tuple[dict[str, Any], dict[str, str]]


def _tag(worklist: Mapping[str, Any]) -> str:
    text = json.dumps(worklist, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _shown(worklist: dict[str, Any]) -> Shown:
    return worklist, etag(_tag(worklist))


@blueprint.at("")
@allow("worklists:read")
@blueprint.takes(PageArgs, "query")
@blueprint.gives(WorkListPage)
def listed(args: dict[str, Any]) -> Shown:
    """List the work lists of the caller's region."""
    return page_of(*plans().page(limit=args["limit"], place=read_place(args["after"], str, str)))


@blueprint.at("", "POST")
@allow("worklists:write", NotFound, Conflict)
@blueprint.takes(NewWorkList)
@blueprint.gives(WorkListSchema, 201)
def create(body: dict[str, Any]) -> Shown:
    """Make a work list in an open round."""
    plans().must_cover(body["region"])
    _check(body["region"], body["forms"], body["assignees"])
    lists = {name: tuple(body[name]) for name in ("forms", "assignees")}
    made, headers = _shown(plans().create(WorkListPlan(**{**body, **lists})))
    return made, headers | {"Location": f"/api/v1/worklists/{made['_id']}"}


@blueprint.at("/<worklist>")
@allow("worklists:read", NotFound)
@blueprint.gives(WorkListSchema)
def one(worklist: str) -> Shown:
    """Read a work list."""
    return _shown(plans().get(worklist))


@blueprint.at("/<worklist>", "PATCH")
@allow("worklists:write", NotFound, Conflict, edit=True)
@blueprint.takes(WorkListChanges)
@blueprint.gives(WorkListSchema)
def change(body: dict[str, Any], worklist: str) -> Shown:
    """Change title, forms, assignees or last day."""
    found = plans().get(worklist)
    _check(found["region"], body.get("forms", ()), body.get("assignees", ()))
    matched(_tag(found))
    if body.get("due"):
        body["due"] = body["due"].isoformat()
    return _shown(plans().change(worklist, body))


@blueprint.at("/<worklist>/households")
@allow("worklists:read", NotFound)
@blueprint.takes(PageArgs, "query")
@blueprint.gives(HouseholdIds)
def households(args: dict[str, Any], worklist: str) -> Shown:
    """List the households of a work list."""
    place = read_place(args["after"], str, str)
    return page_of(*plans().households(worklist, limit=args["limit"], place=place))


@blueprint.at("/<worklist>/households", "POST")
@allow("worklists:write", NotFound, Conflict)
@blueprint.takes(Households)
@blueprint.gives(Moved)
def assign(body: dict[str, Any], worklist: str) -> dict[str, int]:
    """Put households into a work list, out of any other of its round; the same again moves none."""
    return {"moved": plans().assign(worklist, body["households"])}


@blueprint.at("/<worklist>/households/<household>", "DELETE")
@allow("worklists:write", NotFound, Conflict)
@blueprint.gives(None, 204)
def unassign(worklist: str, household: str) -> None:
    """Take a household out of a work list."""
    if not plans().unassign(worklist, [household]):
        raise NotFound


@blueprint.at("/<worklist>/close", "POST")
@allow("worklists:write", NotFound, Conflict)
@blueprint.gives(WorkListSchema)
def close(worklist: str) -> Shown:
    """Close a work list: phones drop it; unsent work stays on them."""
    plans().close(worklist)
    return _shown(plans().get(worklist))


def _check(region: str, forms: Iterable[str], assignees: Iterable[str]) -> None:
    """Check that forms are published, and that assignees are users of the caller's region whose own holds the list's.

    Raises:
        Unprocessable: one is not.
    """
    published = {form.form_id for form in services().forms.latest()} if forms else set()
    errors = [
        {"at": f"/forms/{index}", "message": f"no form {form} is published"}
        for index, form in enumerate(forms)
        if form not in published
    ]
    known = accounts()
    for index, user in enumerate(assignees):
        try:
            if known.get(user).principal.covers(region):
                continue
            message = f"this user's region does not hold {region}"
        except NotFound:
            message = "no such user in your region"
        errors.append({"at": f"/assignees/{index}", "message": message})
    if errors:
        raise Unprocessable(errors=errors)
