"""Purging: tombstones that no phone needs any more leave the feed; the floor of their scope rises (PROTOCOL §5)."""

from datetime import datetime, timedelta

from store import Document, Session
from sync.feed import DEL, Head
from sync.services import Services

TOMBSTONE_LIFE = timedelta(days=400)
AFTER_CLOSING = timedelta(days=180)
_BATCH = 1000


def purge(services: Services, now: datetime) -> int:
    """Delete tombstones older than 400 days, of work lists closed for 180 days or more; return how many.

    A phone that is further behind than the floor begins the scope again.
    """
    old: Document = {"op": DEL, "at": {"$lt": now - TOMBSTONE_LIFE}}
    scopes = services.store["feed"].distinct("_id.s", old)
    kept = services.store["worklists"].find(
        {
            "_id": {"$in": scopes},
            "$or": [{"state": "open"}, {"closed_at": {"$gt": now - AFTER_CLOSING}}],
        },
        {"_id": 1},
    )
    spared = {document["_id"] for document in kept}
    return sum([_purge_scope(services, scope, old) for scope in scopes if scope not in spared])


def _purge_scope(services: Services, scope: str, old: Document) -> int:
    feed, scopes = services.store["feed"], services.store["feed_scopes"]

    def work(session: Session) -> int:
        query = {"_id.s": scope, **old}
        found = list(feed.find(query, {"seq": 1}, session=session).sort("seq", 1).limit(_BATCH))
        if found:
            feed.delete_many({"_id": {"$in": [each["_id"] for each in found]}}, session=session)
            floor = Head.from_document(scopes.find_one({"_id": scope}, session=session) or {}).floor
            newest = max(floor, found[-1]["seq"])
            scopes.update_one({"_id": scope}, {"$set": {"floor": newest}}, session=session)
        return len(found)

    total = 0
    while count := services.store.transaction(work):
        total += count
    return total
