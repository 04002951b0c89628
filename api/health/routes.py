"""Health, for load balancers and for whoever starts the server."""

from marshmallow import fields

from api.base import Blueprint, Schema
from api.guard import open_to_all
from api.services import services

blueprint = Blueprint("health", __name__, url_prefix="/health", description="Whether it lives and can work.")


class HealthSchema(Schema):
    """One word."""

    status = fields.String(required=True)


@blueprint.at("")
@open_to_all(database=False)
@blueprint.gives(HealthSchema)
def live() -> dict[str, str]:
    """Tell that the process lives."""
    return {"status": "live"}


@blueprint.at("/ready")
@open_to_all()
@blueprint.gives(HealthSchema)
def ready() -> dict[str, str]:
    """Tell that the database answers; 503 when it does not."""
    services().store.db.command("ping")
    return {"status": "ready"}
