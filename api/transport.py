"""What every exchange shares: request id, access log, security headers, conditional answers, gzip."""

import time

import deflate
import structlog
from flask import Flask, Response, g, request

from core.ids import uuid7

_SMALL = 1024
_LEVEL = 6
_TEXT = ("application/json", "application/problem+json", "application/schema+json")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of every answer that does not set its own."""


def register(app: Flask) -> None:
    """Add the steps before and after each request."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = uuid7()


def _finish(response: Response) -> Response:
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
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
