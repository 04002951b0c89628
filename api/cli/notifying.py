"""`ruhu notify`: what is on its way to webhooks, and what was let go of."""

import click

from access.model import Act
from api.cli import console
from api.cli.connect import database, settings
from api.cli.people import OPERATOR
from api.cli.tables import show
from core.clock import SHANGHAI
from core.settings import Settings
from store import Document, Store
from sync.notify.repository import DeliveryState, Webhook
from sync.notify.webhooks import MOST_WEBHOOKS, Webhooks
from sync.services import Services


@click.group()
def notify() -> None:
    """News on its way to webhooks: list, retry."""


@notify.command("list")
@click.option("--webhook", "webhook_id", help="Only to this one.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in DeliveryState]),
    default=DeliveryState.DEAD.value,
    show_default=True,
    help="Dead is what was let go of after twelve attempts or a week.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Of each webhook.")
def list_(webhook_id: str | None, state: str, limit: int) -> None:
    """List the webhooks, and their deliveries in a state, newest first."""
    with database(settings()) as (known, store):
        webhooks = _webhooks(known, store)
        found = _found(webhooks, webhook_id)
        counted = [(each, webhooks.counts(each)) for each in found]
        deliveries = [
            (each, delivery)
            for each in found
            for delivery in webhooks.deliveries(each.id, state, limit=limit, place=None)[0]
        ]
    show(
        ("webhook", "to", "region", "unit", *DeliveryState),
        [
            (each.id, each.shown, each.region, each.unit or "all", *(str(counts[s]) for s in DeliveryState))
            for each, counts in counted
        ],
    )
    if deliveries:
        console.print()
        show(
            ("news", "webhook", "kind", "at", "tries", "last attempt"),
            [_row(webhook, delivery) for webhook, delivery in deliveries],
            title=state,
        )


@notify.command()
@click.argument("webhook_id", required=False)
def retry(webhook_id: str | None) -> None:
    """Send again what was let go of, to one webhook or to all."""
    with database(settings()) as (known, store):
        webhooks = _webhooks(known, store)
        done = {each.id: webhooks.redrive(each.id) for each in _found(webhooks, webhook_id)}
    for webhook, count in done.items():
        console.print(f"{webhook}: {count} sent again")
    if not done:
        console.print("there are no webhooks")


def _webhooks(known: Settings, store: Store) -> Webhooks:
    services = Services.open(store, known)
    return Webhooks(services, Act(OPERATOR, services.clock.now()))


def _found(webhooks: Webhooks, webhook_id: str | None) -> list[Webhook]:
    if webhook_id is not None:
        return [webhooks.get(webhook_id)]
    return [each for each, _ in webhooks.page(limit=MOST_WEBHOOKS, place=None)[0]]


def _row(webhook: Webhook, delivery: Document) -> tuple[str, ...]:
    last = delivery["last"] or {}
    why = str(last.get("status") or last.get("error") or "")
    return (
        delivery["notification"],
        webhook.id,
        delivery["kind"],
        f"{delivery['at'].astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        str(delivery["tries"]),
        why,
    )
