"""The webhooks as one administrator sees and changes them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from access import audit
from access.model import Act
from core.ids import uuid7
from core.problems import Conflict, NotAllowed, NotFound, Unprocessable
from store import Document, Session
from store.paging import Place, page, within
from sync.notify.post import RefusedError, target_of
from sync.notify.repository import Webhook, WebhookRepository, Whither, masked, to_webhook
from sync.services import Services

MOST_WEBHOOKS = 50
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebhookPlan:
    """What an administrator says of a webhook: address, kinds (empty: all), unit (None: all) and region."""

    url: str
    kinds: Sequence[str]
    unit: str | None
    region: str


class Webhooks:
    """The webhooks of a caller's region.

    Args:
        services: the process's.
        act: who asks, and when.
    """

    def __init__(self, services: Services, act: Act) -> None:
        self._services = services
        self._act = act
        self._webhooks = WebhookRepository(services.store)

    def create(self, wanted: WebhookPlan) -> tuple[Webhook, str]:
        """Make a webhook; return it and its secret, which is shown this once, as is the whole address.

        Raises:
            NotAllowed: the region lies outside the caller's.
            Unprocessable: the address may not be sent to, or there is no such unit.
            Conflict: there are fifty.
        """
        if not self._act.by.covers(wanted.region):
            raise NotAllowed(f"Region {wanted.region} lies outside yours ({self._act.by.region}).")
        self._check(wanted)
        by = self._act.by.user
        webhook = Webhook(
            uuid7(), wanted.region, masked(wanted.url), tuple(wanted.kinds), wanted.unit, self._act.at, by
        )
        secret = secrets.token_urlsafe(_SECRET_BYTES)

        def work(session: Session) -> None:
            self._webhooks.insert(webhook, Whither(wanted.url, secret), session)
            host = urlsplit(wanted.url).netloc
            self._record(webhook, {"made": {"host": host, "kinds": list(wanted.kinds)}}, session)

        self._services.store.transaction(work)
        return webhook, secret

    def page(
        self, *, limit: int, place: Place | None
    ) -> tuple[list[tuple[Webhook, dict[str, int]]], Place | None]:
        """Return a page of webhooks, each with how many deliveries stand how, and the place of the next page."""
        query = {"region": within(self._act.by.region)}
        found, following = page(
            self._services.store, "webhooks", query, keys=("region", "_id"), place=place, limit=limit,
            without=("sealed",),
        )  # fmt: skip
        return [(to_webhook(each), self._webhooks.counts(each["_id"])) for each in found], following

    def get(self, webhook: str) -> Webhook:
        """Return a webhook.

        Raises:
            NotFound: there is none in the caller's region.
        """
        query = {"_id": webhook, "region": within(self._act.by.region)}
        found = self._services.store["webhooks"].find_one(query, {"sealed": 0})
        if found is None:
            raise NotFound
        return to_webhook(found)

    def counts(self, webhook: Webhook) -> dict[str, int]:
        """Return how many deliveries of a webhook stand how."""
        return self._webhooks.counts(webhook.id)

    def delete(self, webhook: str) -> None:
        """Delete a webhook, and what is on its way to it.

        Raises:
            NotFound: there is none in the caller's region.
        """
        found = self.get(webhook)

        def work(session: Session) -> None:
            self._webhooks.delete(webhook, session)
            self._record(found, {"deleted": True}, session)

        self._services.store.transaction(work)

    def deliveries(
        self, webhook: str, state: str, *, limit: int, place: Place | None
    ) -> tuple[list[Document], Place | None]:
        """Return a page of a webhook's deliveries in a state, newest first, and the place of the next page.

        Raises:
            NotFound: there is no such webhook in the caller's region.
        """
        query = {"webhook": self.get(webhook).id, "state": state}
        return page(
            self._services.store, "deliveries", query, keys=("at", "_id"), place=place, limit=limit,
            newest_first=True,
        )  # fmt: skip

    def redrive(self, webhook: str) -> int:
        """Send again what was let go of; return how many.

        Raises:
            NotFound: there is no such webhook in the caller's region.
        """
        found = self.get(webhook)

        def work(session: Session) -> int:
            count = self._webhooks.redrive(webhook, self._act.at, session)
            self._record(found, {"redriven": count}, session)
            return count

        return self._services.store.transaction(work)

    def _check(self, wanted: WebhookPlan) -> None:
        errors = []
        if wanted.unit is not None and wanted.unit not in self._services.engine.policy.units:
            errors.append({"at": "/unit", "message": "no such unit; GET /policy/units lists them"})
        try:
            target_of(wanted.url, self._services.webhook_networks)
        except RefusedError as refused:
            errors.append({"at": "/url", "message": str(refused)})
        if errors:
            raise Unprocessable(errors=errors)
        if self._services.store["webhooks"].count_documents({}) >= MOST_WEBHOOKS:
            raise Conflict(f"There are {MOST_WEBHOOKS} webhooks; delete one first.")

    def _record(self, webhook: Webhook, detail: Document, session: Session) -> None:
        store, target = self._services.store, f"webhook/{webhook.id}"
        audit.record(store, self._act, "webhooks:write", target, webhook.region, detail, session=session)
