"""Ledger entries of the caller's region. Whatever changes one is an op in the log."""

from typing import Any

from access import audit
from api.base import Blueprint
from api.conditional import etag, matched
from api.guard import act, allow, me
from api.households.present import in_clear, item, whole
from api.households.schemas import (
    Correction,
    HouseholdArgs,
    HouseholdPage,
    HouseholdSchema,
    OpAccepted,
    Registration,
    Search,
)
from api.paging import page_of, read_place
from api.scope import narrowed
from api.services import services
from api.unmasking import Unmask, Unmasked, unmasked
from core.ids import household_id
from core.problems import NotFound, Unprocessable
from forms.facts import Row
from forms.op import OpKind
from ledger.numbers import written
from ledger.repository import Entry
from sync.office import submit

blueprint = Blueprint("households", __name__, url_prefix="/households", description="The ledger (台账).")
_MOST_FOUND = 50
Accepted = tuple[dict[str, str], dict[str, str]]


def _found(household: str) -> Entry:
    entry = services().ledger.get_within(me().region, household)
    if entry is None:
        raise NotFound
    return entry


@blueprint.at("")
@allow("households:read")
@blueprint.takes(HouseholdArgs, "query")
@blueprint.gives(HouseholdPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List households by region, site or number in the register."""
    place, limit, region = read_place(args["after"], str), args["limit"], narrowed(args["region"])
    found = services().ledger.page(
        region,
        after=place[0] if place else None,
        limit=limit + 1,
        site=args["site"],
        registry_no=args["registry_no"],
    )
    shown = found[:limit]
    return page_of([item(e) for e in shown], (shown[-1].household.id,) if len(found) > limit else None)


@blueprint.at("", "POST")
@allow("households:register")
@blueprint.takes(Registration)
@blueprint.gives(OpAccepted, 201)
def register(body: dict[str, Any]) -> Accepted:
    """Register a household, or say anew what the register says of it."""
    region = narrowed(body["region"])
    household = household_id(region[:6], body["registry_no"])
    return _submit(OpKind.REGISTRY, household, {"region": region, "row": _row(body).to_json()})


@blueprint.at("/<household>")
@allow("households:read", NotFound)
@blueprint.gives(HouseholdSchema)
def one(household: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a household: persons, spells, contradictions, interviews."""
    entry = _found(household)
    return whole(entry), etag(entry.version)


@blueprint.at("/search", "POST")
@allow("households:read")
@blueprint.takes(Search)
@blueprint.gives(HouseholdPage)
def search(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Find the households that state a resident ID, telephone or bank account number, by the whole number.

    The number comes in the body, so that no log has it; that somebody sought is kept in the trail, the number is not.
    """
    kind, text = next(iter(body.items()))
    number = written(kind, text)
    if number is None:
        raise Unprocessable(errors=[{"at": f"/{kind}", "message": "the whole number"}])
    found = services().ledger.page(me().region, number=(kind, number), limit=_MOST_FOUND)
    detail = {"by": kind, "found": [entry.household.id for entry in found]}
    audit.record(services().store, act(), "households:search", "households", me().region, detail)
    return page_of([item(entry) for entry in found], None)


@blueprint.at("/<household>/unmask", "POST")
@allow("households:unmask", NotFound)
@blueprint.takes(Unmask)
@blueprint.gives(Unmasked)
def unmask(body: dict[str, Any], household: str) -> dict[str, Any]:
    """Read facts in full: `/facts/<name>`, `/persons/<id>/facts/<name>`, `/persons/<id>/spells/<key>/<field>`."""
    entry = _found(household)
    return unmasked(
        in_clear(entry.household),
        body["fields_"],
        body["reason"],
        action="households:unmask",
        target=f"household/{household}",
        region=entry.household.region,
    )


@blueprint.at("/<household>/corrections", "POST")
@allow("households:correct", NotFound, edit=True)
@blueprint.takes(Correction)
@blueprint.gives(OpAccepted, 201)
def correct(body: dict[str, Any], household: str) -> Accepted:
    """Correct facts of the ledger, with a reason; what was said before stays in the log."""
    entry = _found(household)
    matched(entry.version)
    persons = {person.id for person in entry.household.persons}
    for index, change in enumerate(body["changes"]):
        path = change["path"]
        if path and not (len(path) > 1 and path[0] == "person" and path[1] in persons):
            message = "[] or [person, the id of a person of this household]"
            raise Unprocessable(errors=[{"at": f"/changes/{index}/path", "message": message}])
    return _submit(OpKind.CORRECTION, household, body)


def _submit(kind: OpKind, household: str, body: dict[str, Any]) -> Accepted:
    op_id = submit(services(), me(), kind, household, body, services().clock.now())
    return {"op": op_id, "household": household}, {"Location": f"/api/v1/ops/{op_id}"}


def _row(body: dict[str, Any]) -> Row:
    """Return the row, which carries the number it is registered under.

    Raises:
        Unprocessable: a row inside is none.
    """
    row = body["row"]
    try:
        read = Row.from_json({**row, "facts": {**row["facts"], "registry_no": body["registry_no"]}})
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unprocessable(errors=[{"at": "/row", "message": "a row of entity, key, facts, rows"}]) from None
    return read
