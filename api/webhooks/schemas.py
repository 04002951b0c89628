"""Schemas of webhooks."""

from marshmallow import fields, validate

from api.base import PageArgs, Schema
from sync.notify.outbox import News
from sync.notify.repository import DeliveryState

_REGION = validate.Regexp(r"([0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})\Z", error="a region code")


class NewWebhook(Schema):
    """An address to be told of news."""

    url = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "https; no private address unless the operator allows it."},
    )
    kinds = fields.List(
        fields.Enum(News, by_value=True),
        load_default=list,
        validate=validate.Length(max=len(News)),
        metadata={"description": "Left out: all."},
    )
    unit = fields.String(load_default=None, allow_none=True, metadata={"description": "Left out: all."})
    region = fields.String(required=True, validate=_REGION)


class WebhookSchema(Schema):
    """A webhook, and how its deliveries stand."""

    id = fields.String(required=True)
    url = fields.String(
        required=True,
        attribute="shown",
        metadata={
            "description": "But for path and query, in which there may be a token: `…` stands for them."
        },
    )
    kinds = fields.List(fields.String(), required=True)
    unit = fields.String(required=True, allow_none=True)
    region = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    failures = fields.Integer(
        required=True, metadata={"description": "Attempts that failed since the last good one."}
    )
    rest_until = fields.AwareDateTime(required=True, allow_none=True)
    waiting = fields.Integer(required=True)
    done = fields.Integer(required=True)
    dead = fields.Integer(required=True, metadata={"description": "Let go of; `redrive` sends them again."})


class MadeWebhook(WebhookSchema):
    """A new webhook with its secret and its whole address."""

    url = fields.String(required=True, attribute="shown", metadata={"description": "Whole, this once."})

    secret = fields.String(required=True, metadata={"description": "Shown this once."})


class WebhookPage(Schema):
    """A page of webhooks."""

    items = fields.List(fields.Nested(WebhookSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class DeliveryArgs(PageArgs):
    """Which deliveries."""

    state = fields.Enum(DeliveryState, by_value=True, load_default=DeliveryState.DEAD)


class AttemptSchema(Schema):
    """The last attempt."""

    at = fields.AwareDateTime(required=True)
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "Of the answer."})
    error = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "timeout, connection, tls, answer, or refused (a private address)."},
    )


class DeliverySchema(Schema):
    """One piece of news on its way."""

    id = fields.String(required=True)
    notification = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    at = fields.AwareDateTime(required=True, metadata={"description": "When it was put on its way."})
    tries = fields.Integer(required=True)
    next_at = fields.AwareDateTime(required=True)
    last = fields.Nested(AttemptSchema, required=True, allow_none=True)


class DeliveryPage(Schema):
    """A page of deliveries."""

    items = fields.List(fields.Nested(DeliverySchema), required=True)
    next = fields.String(required=True, allow_none=True)


class Redriven(Schema):
    """How many are sent again."""

    redriven = fields.Integer(required=True)
