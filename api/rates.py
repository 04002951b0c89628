"""How often somebody may ask: classes of routes, each counted by who asks and where it is counted.

What a wrong guess or much work costs is counted in the database, for all processes together; those routes need the
database anyway, so without it they answer 503 and nobody guesses on. What is only to be kept from running wild is
counted in each process's own memory: no round trip, and no need of the database; a server with N processes lets
through up to N times as much. Phones are counted one by one, never by address: a whole banner's phones may stand
behind one.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import structlog
from flask import Flask, current_app, g, request
from flask_limiter import Limiter, RateLimitExceeded

from core.problems import TooManyRequests
from store import COUNTERS_SCHEME, Store

_KEY = "ruhu-rates"
_SITE_BITS = 64
"""Of an IPv6 address so much names the network; the rest is its holder's to choose."""


class By(StrEnum):
    """Whom a count belongs to."""

    ADDRESS = "address"
    CALLER = "caller"


@dataclass(frozen=True, slots=True)
class Rate:
    """One class of routes.

    Attributes:
        name: of the class; its routes share one count.
        by: whom a count belongs to.
        everywhere: counted in the database for all processes; else in each process's memory.
        limits: how often, as the library writes it.
    """

    name: str
    by: By
    everywhere: bool
    limits: str


ENTRY = Rate("entry", By.ADDRESS, everywhere=True, limits="60 per minute; 600 per hour")
"""Signing in and enrolling: whole offices share an address; one account is guarded by its own lock."""
HEAVY = Rate("heavy", By.CALLER, everywhere=True, limits="30 per minute; 300 per hour")
"""Imports, exports, publishing, passwords, codes: what costs seconds of work, or carries much away."""
PLAIN = Rate("plain", By.CALLER, everywhere=False, limits="1200 per minute")
"""Reading and writing one thing or one page."""
PHONE = Rate("phone", By.CALLER, everywhere=False, limits="6000 per minute")
"""The exchange, snapshots and photos: only a phone that runs wild comes near."""
OPEN = Rate("open", By.ADDRESS, everywhere=False, limits="1200 per minute")
"""Health and the document, for whoever comes."""
STRANGER = Rate("stranger", By.ADDRESS, everywhere=False, limits="600 per minute")
"""Tokens that nobody knows."""

RATES = (ENTRY, HEAVY, PLAIN, PHONE, OPEN, STRANGER)


def register(app: Flask, store: Store, limits: Mapping[str, str] | None = None) -> None:
    """Let the application count.

    Args:
        app: the application.
        store: where classes are counted that count everywhere.
        limits: other limits by name of the class.
    """
    counted = {
        True: Limiter(
            _address,
            app=app,
            storage_uri=f"{COUNTERS_SCHEME}://",
            storage_options={"store": store},  # type: ignore[dict-item] # handed on to our own storage
            strategy="fixed-window",
        ),
        False: Limiter(_address, app=app, storage_uri="memory://", strategy="fixed-window"),
    }
    app.extensions[_KEY] = {
        rate: (counted[rate.everywhere], _gate(counted[rate.everywhere], rate, limits or {}))
        for rate in RATES
    }
    app.before_request(_count_pages)


def _gate(limiter: Limiter, rate: Rate, limits: Mapping[str, str]) -> Callable[[], None]:
    def gate() -> None:
        """Do nothing: calling it is what is counted."""

    gate.__name__ = rate.name  # the library knows functions by their names
    key = _caller if rate.by is By.CALLER else _address
    return limiter.shared_limit(limits.get(rate.name, rate.limits), scope=rate.name, key_func=key)(gate)


def count(rate: Rate) -> None:
    """Count a request.

    Raises:
        TooManyRequests: there were too many; its Retry-After says when the window ends.
    """
    gates: dict[Rate, tuple[Limiter, Callable[[], Any]]] = current_app.extensions[_KEY]
    limiter, gate = gates[rate]
    try:
        gate()
    except RateLimitExceeded:
        reached = limiter.current_limit
        wait = reached.reset_at - time.time() if reached else 1
        structlog.get_logger("ruhu.access").warning("too many requests", rate=rate.name, who=_who(rate))
        problem = TooManyRequests(rate=rate.name)
        problem.headers["Retry-After"] = str(max(1, math.ceil(wait)))
        raise problem from None


def _count_pages() -> None:
    """Count what has no action: the document and its page."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and not hasattr(view, "action"):
        count(OPEN)


def _who(rate: Rate) -> str:
    return _caller() if rate.by is By.CALLER else _address()


def _caller() -> str:
    """Return who is counted: the phone, else the user."""
    principal = g.caller.principal
    return str(principal.device or principal.user)


def _address() -> str:
    """Return the address that is counted; of IPv6, the network."""
    text = request.remote_addr or "none"
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, _SITE_BITS), strict=False))
    return text
