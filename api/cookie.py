"""A browser's session: a cookie that only we set and see, and proof that a request comes from our own pages.

The cookie is `__Host-` (this host alone, whole, secure), HttpOnly and SameSite=Strict. A request with it that is no
GET must also show, in X-CSRF-Token, a value that is made from the session's token by HMAC: a page of another site can
neither read it nor set the header without a preflight, which we never answer (OWASP: Cross-Site Request Forgery
Prevention). A write that says it comes from another site is refused before, cookie or not (`api.transport`). Bearer
tokens need none of this: no browser adds them by itself.

Browsers take a Secure cookie from http://localhost and http://127.0.0.1 as from https (W3C Secure Contexts §3.1),
so a server on one's own machine needs no TLS for it.
"""

import hmac
from datetime import datetime

from flask import Request, Response

from access import tokens
from core.problems import CrossSite

COOKIE = "__Host-ruhu"
"""Name of the cookie with a browser's session; its prefix binds it to this host, whole and secure (RFC 6265bis)."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def shown(request: Request) -> str | None:
    """Return the token in a request's cookie, or None."""
    return request.cookies.get(COOKIE)


def check_site(request: Request, token: str) -> None:
    """Check that a request with a cookie comes from our own pages.

    Raises:
        CrossSite: it does not show so.
    """
    if request.method in _SAFE:
        return
    stated = request.headers.get("X-CSRF-Token", "").encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(stated, tokens.csrf_of(token).encode()):
        raise CrossSite("X-CSRF-Token is missing, or of another session.")


def give(response: Response, token: str, until: datetime) -> None:
    """Set the cookie of a session."""
    response.set_cookie(COOKIE, token, expires=until, path="/", secure=True, httponly=True, samesite="Strict")


def take(response: Response) -> None:
    """Delete the cookie."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
