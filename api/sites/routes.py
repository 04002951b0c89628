"""Ledger entries of sites and banners of the caller's region. Whatever changes one is an op in the log."""

from typing import Any

from api.base import Blueprint
from api.conditional import etag, matched
from api.guard import allow
from api.households.paths import must_lead_somewhere, read_row
from api.households.present import whole_site
from api.households.schemas import Correction, OpAccepted
from api.paging import page_of, read_place
from api.scope import say, sight
from api.sites.schemas import SiteArgs, SitePage, SiteRegistration, SiteSchema
from core.problems import NotFound
from forms.op import OpKind
from ledger.repository import SiteEntry

blueprint = Blueprint(
    "sites", __name__, url_prefix="/sites", description="Sites (安置点) and banners (旗区)."
)
Accepted = tuple[dict[str, str], dict[str, str]]


@blueprint.at("")
@allow("households:read")
@blueprint.takes(SiteArgs, "query")
@blueprint.gives(SitePage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the sites and banners of a region."""
    place, limit = read_place(args["after"], str), args["limit"]
    after = place[0] if place else None
    found = sight().sites(args["region"], kind=args["kind"], after=after, limit=limit + 1)
    shown = found[:limit]
    return page_of([_item(e) for e in shown], (shown[-1].household.id,) if len(found) > limit else None)


@blueprint.at("", "POST")
@allow("households:register")
@blueprint.takes(SiteRegistration)
@blueprint.gives(OpAccepted, 201)
def register(body: dict[str, Any]) -> Accepted:
    """Register a site or banner, or say anew what the register says of it."""
    row = read_row(body["row"])
    return say(OpKind.REGISTRY, body["id"], {"region": body["region"], "row": row.to_json()})


@blueprint.at("/<site>")
@allow("households:read", NotFound)
@blueprint.gives(SiteSchema)
def one(site: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a site or banner: facts, records, contradictions, interviews."""
    entry = sight().site(site)
    return whole_site(entry, sight().findings_about(site)), etag(entry.version)


@blueprint.at("/<site>/corrections", "POST")
@allow("households:correct", NotFound, edit=True)
@blueprint.takes(Correction)
@blueprint.gives(OpAccepted, 201)
def correct(body: dict[str, Any], site: str) -> Accepted:
    """Correct facts of a site or banner, with a reason; what was said before stays in the log."""
    entry = sight().site(site)
    matched(entry.version)
    must_lead_somewhere(entry.household, body["changes"])
    return say(OpKind.CORRECTION, site, body)


def _item(entry: SiteEntry) -> dict[str, Any]:
    site = entry.household
    return {
        "id": site.id,
        "kind": site.kind,
        "region": site.region,
        "name": site.name,
        "version": entry.version,
        "as_of": entry.as_of,
    }
