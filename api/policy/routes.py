"""What findings are judged by. It changes only with a release, so its version is the ETag."""

from collections.abc import Iterable
from typing import Any

from api.base import Blueprint
from api.conditional import etag
from api.findings.schemas import Language
from api.guard import allow
from api.language import language
from api.policy.schemas import (
    ClauseSchema,
    ParameterSchema,
    RuleSchema,
    TemplatesSchema,
    UnitSchema,
    list_of,
)
from api.services import services
from validators.messages import templates

blueprint = Blueprint("policy", __name__, url_prefix="/policy", description="What findings are judged by.")
Listed = tuple[dict[str, Any], dict[str, str]]


def _listed(items: Iterable[Any]) -> Listed:
    version = services().engine.policy.version
    return {"version": version, "items": list(items)}, etag(version)


@blueprint.at("/clauses")
@allow("policy:read")
@blueprint.gives(list_of(ClauseSchema))
def clauses() -> Listed:
    """List the clauses of the notice, in its order."""
    return _listed(services().engine.policy.clauses.values())


@blueprint.at("/units")
@allow("policy:read")
@blueprint.gives(list_of(UnitSchema))
def units() -> Listed:
    """List the units that the notice names."""
    return _listed(services().engine.policy.units.values())


@blueprint.at("/parameters")
@allow("policy:read")
@blueprint.gives(list_of(ParameterSchema))
def parameters() -> Listed:
    """List the parameters with their dated values and sources."""
    return _listed(services().engine.policy.parameters.values())


@blueprint.at("/rules")
@allow("policy:read")
@blueprint.gives(list_of(RuleSchema))
def rules() -> Listed:
    """List the rules."""
    return _listed(services().engine.policy.rules.values())


@blueprint.at("/messages")
@allow("policy:read")
@blueprint.takes(Language, "query")
@blueprint.gives(TemplatesSchema)
def messages(args: dict[str, Any]) -> Listed:
    """Give the templates of findings in one language: phones say findings from them, offline."""
    said_in, policy = language(args["lang"]), services().engine.policy
    return templates(policy, said_in), etag(f"{policy.version}.{said_in}") | {"Vary": "Accept-Language"}
