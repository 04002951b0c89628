"""The trail: who did what to whom, written in the same transaction as the deed."""

from access.model import Act
from core.ids import uuid7
from core.jsonvalue import JsonObject
from store import Document, Session, Store
from store.paging import Place, page, within


def record(  # noqa: PLR0913 - who, what, to whom, where, how
    store: Store,
    act: Act,
    action: str,
    target: str,
    region: str,
    detail: JsonObject | None = None,
    *,
    session: Session | None = None,
) -> None:
    """Append one entry beside the write it tells of.

    Args:
        store: the database.
        act: who did it, and when.
        action: a name such as `users:write`.
        target: what it was done to, such as `user/<id>`.
        region: region code of the target.
        detail: what changed; never a password, a token or an answer.
        session: the transaction of the write.
    """
    entry = {
        "_id": uuid7(),
        "at": act.at,
        "by": act.by.user,
        "device": act.by.device,
        "action": action,
        "target": target,
        "region": region,
        "detail": dict(detail or {}),
    }
    store["audit"].insert_one(entry, session=session)


def trail(
    store: Store, region: str, *, limit: int, place: Place | None = None
) -> tuple[list[Document], Place | None]:
    """Return entries of a region scope in order of region and entry, and the place of the next page."""
    query = {"region": within(region)}
    return page(store, "audit", query, keys=("region", "_id"), place=place, limit=limit)
