"""Seal the addresses of webhooks, beside their secrets in one envelope: a token often stands in the path.

Each webhook is written for itself, so an interrupted run is simply run again.
"""

from urllib.parse import urlsplit

from bson.binary import Binary

from store.client import Store

ABOUT = "sealed addresses of webhooks"


def up(store: Store) -> None:
    """Put address and secret into one envelope; what is listed keeps scheme and host."""
    for webhook in store["webhooks"].find({"url": {"$exists": True}}):
        place, url = f"webhook/{webhook['_id']}", webhook["url"]
        secret = store.sealer.unseal(place, webhook["secret"])
        sealed = Binary(store.sealer.seal(place, {"url": url, "secret": secret}))
        parts = urlsplit(url)
        rest = "…" if parts.path.strip("/") or parts.query else ""
        shown = f"{parts.scheme}://{parts.netloc}/{rest}"
        store["webhooks"].update_one(
            {"_id": webhook["_id"], "url": url},
            {"$set": {"sealed": sealed, "shown": shown}, "$unset": {"url": "", "secret": ""}},
        )
