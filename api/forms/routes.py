"""Form versions: read, checked, published. A version never changes, so it is cached for ever."""

from typing import Any

from flask import Response, request

from api.base import Blueprint
from api.body import read_json
from api.conditional import etag
from api.forms.schemas import DRAFT, CheckSchema, DiffSchema, FormList, FormSchema
from api.guard import allow, me
from api.rates import HEAVY
from api.services import services
from core.problems import Conflict, NotFound, NotPublishable
from forms.checks import check
from forms.definition import FormVersion
from forms.diff import FormDiff, diff
from ledger.dictionary import dictionary
from sync.worklists import announce_forms

blueprint = Blueprint("forms", __name__, url_prefix="/forms", description="What is asked.")
_FOR_EVER = {"Cache-Control": "private, immutable, max-age=31536000"}


@blueprint.at("")
@allow("forms:read")
@blueprint.gives(FormList)
def listed() -> dict[str, Any]:
    """List the newest version of each form."""
    return {"items": services().forms.latest()}


@blueprint.at("/<form_id>/versions")
@allow("forms:read", NotFound)
@blueprint.gives(FormList)
def versions(form_id: str) -> dict[str, Any]:
    """List the versions of a form, newest first."""
    found = services().forms.history(form_id)
    if not found:
        raise NotFound
    return {"items": found}


@blueprint.at("/versions/<sha256>")
@allow("forms:read", NotFound)
@blueprint.gives(
    {"type": "object"}, content_type="application/schema+json", description="The published bytes"
)
def definition(sha256: str) -> Response:
    """Read a version: the very bytes that were published."""
    version = services().forms.get(sha256)
    if version is None:
        raise NotFound
    headers = {**etag(sha256), **_FOR_EVER}
    return Response(version.raw, mimetype="application/schema+json", headers=headers)


@blueprint.at("/versions/<sha256>/changes-since/<earlier>")
@allow("forms:read", NotFound)
@blueprint.gives(DiffSchema)
def changes(sha256: str, earlier: str) -> FormDiff:
    """Tell which questions were added, removed, retyped and reworded since an earlier version."""
    found = services().forms.many((sha256, earlier))
    if not {sha256, earlier} <= found.keys():
        raise NotFound
    return diff(found[earlier], found[sha256])


@blueprint.at("", "POST")
@allow("forms:publish", NotPublishable, Conflict, body=True, rate=HEAVY)
@blueprint.reads(DRAFT)
@blueprint.gives(FormSchema, 201)
def publish() -> tuple[FormVersion, dict[str, str]]:
    """Publish a draft: it is compiled, checked and stored; the same draft again changes nothing."""
    draft, now = read_json(request), services().clock.now()
    version = services().forms.publish(draft, dictionary(), now, me())
    announce_forms(services())
    return version, {"Location": f"/api/v1/forms/versions/{version.sha256}"}


@blueprint.at("/check", "POST")
@allow("forms:publish", body=True, rate=HEAVY)
@blueprint.reads(DRAFT)
@blueprint.gives(CheckSchema)
def check_draft() -> dict[str, Any]:
    """Tell all that hinders the publication of a draft, and store nothing."""
    return {"problems": [problem.to_json() for problem in check(read_json(request), dictionary())]}
