"""What every exchange shares: request id, access log, security headers, conditional answers, gzip."""

import time

import deflate
import structlog
from flask import Flask, Response, g, request

from core.ids import uuid7
from core.problems import ForeignOrigin

_SMALL = 1024
_LEVEL = 6
_TEXT = ("application/json", "application/problem+json", "application/schema+json")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    ),
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of every answer that does not set its own."""
_HSTS = "max-age=31536000; includeSubDomains"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ELSEWHERE = frozenset({"cross-site", "same-site"})


def register(app: Flask) -> None:
    """Add the steps before and after each request."""
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = (
        False  # no preflight is ever answered: other sites have no part here
    )
    app.before_request(_begin)
    app.before_request(_refuse_other_sites)
    app.after_request(_finish)


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = uuid7()


def _refuse_other_sites() -> None:
    """Let no page of another site write, whatever it shows: a browser says where a request comes from.

    What is no browser says nothing, and is asked for its token all the same. A sandboxed page or a local file says
    `null`, which is another site too.

    Raises:
        ForeignOrigin: the browser says so.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin")
    elsewhere = request.headers.get("Sec-Fetch-Site") in _ELSEWHERE
    if elsewhere or (origin is not None and origin.lower() not in _own_origins()):
        raise ForeignOrigin


def _own_origins() -> tuple[str, str]:
    """Return this server's origins: behind a proxy one may be spoken to by https and not know it."""
    host = request.headers.get("Host", "").lower()
    return f"http://{host}", f"https://{host}"


def _finish(response: Response) -> Response:
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", _HSTS)
    response.headers["X-Request-Id"] = g.request_id
    if response.headers.get("ETag") and response.status_code == 200:  # noqa: PLR2004 - HTTP OK
        response.make_conditional(request)
    _compress(response)
    _log(response)
    return response


def _compress(response: Response) -> None:
    if response.mimetype not in _TEXT:
        return
    response.vary.add("Accept-Encoding")
    wanted = request.accept_encodings["gzip"] > 0
    if not wanted or response.direct_passthrough or "Content-Encoding" in response.headers:
        return
    content = response.get_data()
    if len(content) > _SMALL:
        response.set_data(bytes(deflate.gzip_compress(content, _LEVEL)))
        response.headers["Content-Encoding"] = "gzip"


def _log(response: Response) -> None:
    caller = g.get("caller")
    structlog.get_logger("ruhu.access").info(
        "request",
        request_id=g.request_id,
        method=request.method,
        route=str(request.url_rule or ""),
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
        bytes_in=request.content_length,
        bytes_out=response.content_length,
        user=caller.principal.user if caller else None,
        device=caller.principal.device if caller else None,
    )
