"""Schemas of routing."""

from marshmallow import fields, validate

from api.base import Schema

MOST_ROUTES = 50
_VALUE = validate.Length(1, 64)


class RouteLine(Schema):
    """Findings of some rules go to a unit."""

    rule = fields.String(
        required=True, validate=_VALUE, metadata={"description": "Rule id; `*` stands for any part."}
    )
    unit = fields.String(required=True, validate=_VALUE)
    where = fields.Dict(
        keys=fields.String(validate=_VALUE),
        values=fields.String(validate=_VALUE),
        load_default=dict,
        validate=validate.Length(max=5),
        metadata={"description": "Values that the finding must carry, such as `branch: medical`."},
    )
    reason = fields.String(required=True, validate=validate.Length(4, 500))


class RegionRoutes(Schema):
    """The routes of a region; they go before those that are shipped."""

    routes = fields.List(fields.Nested(RouteLine), required=True, validate=validate.Length(max=MOST_ROUTES))


class RouteSchema(RouteLine):
    """A route in the order in which they are asked; the first that fits counts."""

    region = fields.String(required=True, metadata={"description": "Region prefix; empty: everywhere."})
    shipped = fields.Boolean(
        required=True, metadata={"description": "It comes with Ruhu; else a region made it."}
    )


class RouteList(Schema):
    """All routes. What none fits goes to the unit that the rule names, or the first responsible of its clause."""

    version = fields.String(required=True, metadata={"description": "Of the policy with this routing."})
    items = fields.List(fields.Nested(RouteSchema), required=True)
