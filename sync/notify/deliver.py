"""Sending news to webhooks: signed, at least once, again after a growing while, and let go of after twelve attempts.

The database is the work list; whoever runs this takes what is due. A webhook that failed rests until its next attempt,
so one that is dead costs the others at most ten seconds now and then.
"""

import hashlib
import hmac
import time
from datetime import datetime, timedelta

import orjson
import structlog

from store import Document
from sync.notify.post import FailedError, RefusedError, post, target_of
from sync.notify.repository import Webhook, WebhookRepository
from sync.services import Services

MOST_TRIES = 12
OLDEST = timedelta(days=7)
"""What has waited longer is let go of, however often it was tried."""
NEWS_LIFE, DONE_LIFE = timedelta(days=180), timedelta(days=30)
_FIRST_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(hours=6)
_PART = 200
_GOOD = range(200, 300)
_log = structlog.get_logger(__name__)


def signature(secret: str, moment: int, body: bytes) -> str:
    """Return what the header `Ruhu-Signature` says: the second of sending, and HMAC-SHA-256 over it, a dot, the body.

    Args:
        secret: the webhook's, as it was shown when it was made.
        moment: Unix time in seconds.
        body: the very bytes that are sent.
    """
    mac = hmac.digest(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={mac.hex()}"


def delay(tries: int) -> timedelta:
    """Return how long to wait after so many attempts: half a minute, doubled each time, six hours at most."""
    doublings = min(tries - 1, 20)
    return min(_FIRST_DELAY * (1 << doublings), _LONGEST_DELAY)


def deliver(services: Services, budget_s: float) -> int:
    """Hand new news to the webhooks, and send what is due; return how many arrived.

    Args:
        services: the process's.
        budget_s: nothing more is begun after so many seconds.
    """
    repository, end, arrived = WebhookRepository(services.store), time.monotonic() + budget_s, 0
    webhooks = repository.all()
    while time.monotonic() < end and (news := repository.unsent(_PART)):
        repository.hand_over(news, webhooks, services.clock.now())
    now = services.clock.now()
    repository.bury(now - OLDEST)
    awake = {each.id: each for each in webhooks if each.rest_until is None or each.rest_until <= now}
    while awake and time.monotonic() < end:
        delivery = repository.claim(services.clock.now(), awake)
        if delivery is None:
            break
        if _send(services, repository, awake[delivery["webhook"]], delivery):
            arrived += 1
        else:
            del awake[delivery["webhook"]]
    return arrived


def purge(services: Services, now: datetime) -> int:
    """Delete news older than 180 days and deliveries that arrived 30 days ago; return how many."""
    return WebhookRepository(services.store).purge(now - NEWS_LIFE, now - DONE_LIFE)


def _send(services: Services, repository: WebhookRepository, webhook: Webhook, delivery: Document) -> bool:
    """Send one delivery; tell whether it arrived."""
    whither = repository.whither(webhook.id)
    if whither is None:  # it was deleted meanwhile, and its deliveries with it
        return False
    body = orjson.dumps(delivery["told"], option=orjson.OPT_SORT_KEYS)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ruhu-webhook/1",
        "Ruhu-Delivery": delivery["_id"],
        "Ruhu-Signature": signature(whither.secret, int(services.clock.now().timestamp()), body),
    }
    status, error = None, None
    try:
        status = post(target_of(whither.url, services.webhook_networks), body, headers)
    except RefusedError:
        error = "refused"
    except FailedError as failure:
        error = str(failure)
    now = services.clock.now()
    if status is not None and status in _GOOD:
        repository.arrived(delivery, status, now)
        return True
    tries = delivery["tries"]
    dead = tries >= MOST_TRIES
    next_at = now + delay(tries)
    repository.failed(delivery, status=status, error=error, now=now, next_at=next_at, dead=dead)
    log = _log.error if dead else _log.warning
    log(
        "webhook_failed",
        webhook=webhook.id,
        delivery=delivery["_id"],
        status=status,
        error=error,
        tries=tries,
    )
    return False
