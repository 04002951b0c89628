"""News for the caller: of the own unit, role and region, and what is addressed to oneself."""

from datetime import date, datetime
from typing import Any

from api.base import Blueprint
from api.guard import allow
from api.notifications.schemas import NewsArgs, NewsPage, ReadUpTo
from api.paging import page_of, read_place
from api.scope import news
from core.problems import NotFound
from store import Document
from sync.notify.outbox import News

blueprint = Blueprint(
    "notifications", __name__, url_prefix="/notifications", description="News of cases and reports."
)


@blueprint.at("")
@allow("notifications:read")
@blueprint.takes(NewsArgs, "query")
@blueprint.gives(NewsPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List the caller's news, newest first."""
    feed, place = news(), read_place(args["after"], datetime, str)
    found, following = feed.page(args["part"], limit=args["limit"], place=place)
    body, headers = page_of([_item(each) for each in found], following)
    return body | {"unread": feed.unread()}, headers


@blueprint.at("/read", "POST")
@allow("notifications:read", NotFound)
@blueprint.takes(ReadUpTo)
@blueprint.gives(None, 204)
def read(body: dict[str, Any]) -> None:
    """Mark a piece of news, and all before it, as read."""
    if not news().read_up_to(body["up_to"]):
        raise NotFound


def _item(each: Document) -> dict[str, Any]:
    due, kind = date.fromisoformat(each["due"]), News(each["kind"])
    return each | {"id": each["_id"], "due": due, "kind": kind}
