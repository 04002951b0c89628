"""Ledger entries of the caller's region. Whatever changes one is an op in the log."""

from typing import Any

from api.base import Blueprint
from api.conditional import etag, matched
from api.guard import allow
from api.households.paths import must_lead_somewhere, read_row
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
from api.rates import HEAVY
from api.scope import say, sight
from api.unmasking import Unmask, Unmasked, note_search, unmasked
from core.ids import household_id
from core.problems import NotFound, Unprocessable
from forms.op import OpKind
from ledger.numbers import written

blueprint = Blueprint("households", __name__, url_prefix="/households", description="The ledger (台账).")
_MOST_FOUND = 50
Accepted = tuple[dict[str, str], dict[str, str]]


@blueprint.at("")
@allow("households:read")
@blueprint.takes(HouseholdArgs, "query")
@blueprint.gives(HouseholdPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List households by region, site or number in the register."""
    place, limit = read_place(args["after"], str), args["limit"]
    found = sight().households(
        args["region"],
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
    household = household_id(body["region"][:6], body["registry_no"])
    row = read_row({**body["row"], "facts": {**body["row"]["facts"], "registry_no": body["registry_no"]}})
    return say(OpKind.REGISTRY, household, {"region": body["region"], "row": row.to_json()})


@blueprint.at("/<household>")
@allow("households:read", NotFound)
@blueprint.gives(HouseholdSchema)
def one(household: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a household: persons, spells, records, contradictions, interviews."""
    entry = sight().household(household)
    return whole(entry, sight().findings_about(household)), etag(entry.version)


@blueprint.at("/search", "POST")
@allow("households:read", rate=HEAVY)
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
    found = sight().stating(kind, number, limit=_MOST_FOUND)
    note_search(kind, [entry.household.id for entry in found])
    return page_of([item(entry) for entry in found], None)


@blueprint.at("/<household>/unmask", "POST")
@allow("households:unmask", NotFound, rate=HEAVY)
@blueprint.takes(Unmask)
@blueprint.gives(Unmasked)
def unmask(body: dict[str, Any], household: str) -> dict[str, Any]:
    """Read facts in full: `/facts/<name>`, `/spells/<key>/<field>`, `/records/<id>/<field>`, or `/persons/<id>/…`."""
    entry = sight().household(household)
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
    entry = sight().household(household)
    matched(entry.version)
    must_lead_somewhere(entry.household, body["changes"])
    return say(OpKind.CORRECTION, household, body)
