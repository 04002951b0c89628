"""Webhooks and what is on its way to them, in the database."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from bson.binary import Binary
from pymongo import ReturnDocument, UpdateOne

from store import Document, Session, Store

_LEASE = timedelta(minutes=2)
"""How long a delivery is nobody else's; whoever was killed meanwhile leaves it to the next."""


class DeliveryState(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of news.

    Attributes:
        id: its id.
        region: news of this region, and of what lies in it.
        shown: where to, but for what may be a secret: scheme and host, and `…` for all that follows.
        kinds: which kinds; empty: all.
        unit: only news of this unit's cases, and of those in which it cooperates; None: of all.
        created_at, by: when and by whom it was made.
        failures: failed attempts since the last that went well.
        rest_until: nothing is sent before; None: nothing failed.
    """

    id: str
    region: str
    shown: str
    kinds: tuple[str, ...]
    unit: str | None
    created_at: datetime
    by: str
    failures: int = 0
    rest_until: datetime | None = None

    def wants(self, news: Document) -> bool:
        """Tell whether it is to be told of a piece of news."""
        return (
            self.region in news["areas"]
            and (not self.kinds or news["kind"] in self.kinds)
            and self.unit in {None, news["unit"], *news.get("cooperating", ())}
        )


@dataclass(frozen=True, slots=True)
class Whither:
    """Where a webhook's news goes, and the secret that signs it: what is sealed of a webhook."""

    url: str
    secret: str


def masked(url: str) -> str:
    """Return a URL without what may be a token in it: its path and its query."""
    parts = urlsplit(url)
    rest = "…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{rest}"


class WebhookRepository:
    """Webhooks with their sealed addresses and secrets, and deliveries by the moment at which they are due.

    Args:
        store: the database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- webhooks

    def insert(self, webhook: Webhook, whither: Whither, session: Session) -> None:
        """Keep a new webhook."""
        document: Document = {
            "_id": webhook.id,
            "region": webhook.region,
            "shown": webhook.shown,
            "kinds": list(webhook.kinds),
            "unit": webhook.unit,
            "created_at": webhook.created_at,
            "by": webhook.by,
            "failures": 0,
            "rest_until": None,
            "sealed": Binary(self._store.sealer.seal(f"webhook/{webhook.id}", asdict(whither))),
        }
        self._store["webhooks"].insert_one(document, session=session)

    def all(self) -> list[Webhook]:
        """Return every webhook; they are few."""
        return [to_webhook(document) for document in self._store["webhooks"].find({}, {"sealed": 0})]

    def whither(self, webhook: str) -> Whither | None:
        """Return where a webhook's news goes, and its secret; None when it is gone."""
        found = self._store["webhooks"].find_one({"_id": webhook}, {"sealed": 1})
        if found is None:
            return None
        told: Any = self._store.sealer.unseal(f"webhook/{webhook}", found["sealed"])
        return Whither(told["url"], told["secret"])

    def delete(self, webhook: str, session: Session) -> None:
        """Forget a webhook and what is on its way to it."""
        self._store["webhooks"].delete_one({"_id": webhook}, session=session)
        self._store["deliveries"].delete_many({"webhook": webhook}, session=session)

    # --- deliveries

    def unsent(self, limit: int) -> list[Document]:
        """Return news that was not handed to the webhooks yet, oldest first."""
        return list(self._store["notifications"].find({"fan": True}).sort("_id", 1).limit(limit))

    def hand_over(self, news: Sequence[Document], webhooks: Iterable[Webhook], now: datetime) -> None:
        """Make a delivery of each piece of news for each webhook that wants it; the same again makes no second."""
        writes = [
            UpdateOne(
                {"_id": f"{each['_id']}/{webhook.id}"},
                {"$setOnInsert": _delivery(each, webhook, now)},
                upsert=True,
            )
            for webhook in webhooks
            for each in news
            if webhook.wants(each)
        ]
        if writes:
            self._store["deliveries"].bulk_write(writes, ordered=False)
        done = {"_id": {"$in": [each["_id"] for each in news]}}
        self._store["notifications"].update_many(done, {"$unset": {"fan": ""}})

    def claim(self, now: datetime, webhooks: Collection[str]) -> Document | None:
        """Take the delivery to one of some webhooks that is due longest, for two minutes; count the attempt."""
        query = {
            "state": DeliveryState.WAITING.value,
            "next_at": {"$lte": now},
            "webhook": {"$in": list(webhooks)},
        }
        change = {"$set": {"next_at": now + _LEASE}, "$inc": {"tries": 1}}
        return self._store["deliveries"].find_one_and_update(
            query, change, sort=[("next_at", 1)], return_document=ReturnDocument.AFTER
        )

    def arrived(self, delivery: Document, status: int, now: datetime) -> None:
        """Note that a delivery arrived: its webhook is well."""
        last = {"at": now, "status": status, "error": None}
        self._set(delivery, {"state": DeliveryState.DONE.value, "last": last})
        well = {"failures": 0, "rest_until": None}
        self._store["webhooks"].update_one({"_id": delivery["webhook"]}, {"$set": well})

    def failed(  # noqa: PLR0913 - what failed, how, and what comes of it
        self,
        delivery: Document,
        *,
        status: int | None,
        error: str | None,
        now: datetime,
        next_at: datetime,
        dead: bool,
    ) -> None:
        """Note that an attempt failed: its webhook rests until the next."""
        state = DeliveryState.DEAD if dead else DeliveryState.WAITING
        last = {"at": now, "status": status, "error": error}
        self._set(delivery, {"state": state.value, "next_at": next_at, "last": last})
        rest = {"$set": {"rest_until": next_at}, "$inc": {"failures": 1}}
        self._store["webhooks"].update_one({"_id": delivery["webhook"]}, rest)

    def bury(self, before: datetime) -> int:
        """Let go of what has waited since before an instant; return how many."""
        query = {"state": DeliveryState.WAITING.value, "at": {"$lt": before}}
        done = self._store["deliveries"].update_many(query, {"$set": {"state": DeliveryState.DEAD.value}})
        return done.modified_count

    def redrive(self, webhook: str, now: datetime, session: Session | None = None) -> int:
        """Send again what was let go of, from now on; return how many."""
        query = {"webhook": webhook, "state": DeliveryState.DEAD.value}
        fresh = {"state": DeliveryState.WAITING.value, "next_at": now, "at": now, "tries": 0}
        done = self._store["deliveries"].update_many(query, {"$set": fresh}, session=session)
        rested = {"$set": {"rest_until": None, "failures": 0}}
        self._store["webhooks"].update_one({"_id": webhook}, rested, session=session)
        return done.modified_count

    def counts(self, webhook: str) -> dict[str, int]:
        """Return how many deliveries of a webhook stand how."""
        deliveries = self._store["deliveries"]
        return {
            state.value: deliveries.count_documents({"webhook": webhook, "state": state.value})
            for state in DeliveryState
        }

    def purge(self, news_before: datetime, done_before: datetime) -> int:
        """Delete news from before an instant, and deliveries that arrived before another; return how many."""
        old = self._store["notifications"].delete_many({"at": {"$lt": news_before}}).deleted_count
        gone = {"$or": [{"at": {"$lt": news_before}}, {"at": {"$lt": done_before}, "state": "done"}]}
        return old + self._store["deliveries"].delete_many(gone).deleted_count

    def _set(self, delivery: Document, values: dict[str, Any]) -> None:
        """Change a delivery, unless it was taken by another meanwhile."""
        query = {"_id": delivery["_id"], "tries": delivery["tries"]}
        self._store["deliveries"].update_one(query, {"$set": values})


def _delivery(news: Document, webhook: Webhook, now: datetime) -> Document:
    return {
        "webhook": webhook.id,
        "notification": news["_id"],
        "kind": news["kind"],
        "at": now,
        "state": DeliveryState.WAITING.value,
        "next_at": now,
        "tries": 0,
        "last": None,
        "told": {
            "id": news["_id"],
            "at": news["at"].isoformat(),
            "kind": news["kind"],
            "case": news["case"],
            "report": news.get("report"),
            "month": news.get("month"),
            "unit": news["unit"],
            "cooperating": news.get("cooperating", []),
            "region": news["region"],
            "due": news["due"],
            "step": news["step"],
        },
    }


def to_webhook(document: Document) -> Webhook:
    """Read a document of `webhooks`."""
    return Webhook(
        document["_id"],
        document["region"],
        document["shown"],
        tuple(document["kinds"]),
        document["unit"],
        document["created_at"],
        document["by"],
        document["failures"],
        document["rest_until"],
    )
