"""What findings are judged by. It changes only with a release, so its version is the ETag."""

from collections.abc import Iterable
from typing import Any

from api.base import Blueprint
from api.conditional import etag
from api.guard import allow
from api.policy.schemas import ClauseSchema, ParameterSchema, RuleSchema, UnitSchema, list_of
from api.services import services

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
