"""The phone app as files: what the build of `web/` left in `dist/`, open to everyone because it carries no data.

Names under `assets/` hold a digest of their content, so a browser may keep them for good; the page, the service worker
and the manifest keep their names and are asked for each time.
"""

import re
from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from core.problems import NotFound

FOLDER = Path(__file__).parent / "dist"
"""Where `npm run build` writes."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types ruhu"
)
"""No `unsafe-…`, no other host. The one Trusted Types policy, `ruhu`, names the service worker's script."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}
_FOR_GOOD, _ASK = "public, max-age=31536000, immutable", "no-cache"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What is served, and as what; not by the machine's own list of types."""

_is_name = re.compile(r"(assets/)?[\w-][\w.-]{0,100}", re.ASCII).fullmatch

blueprint = Blueprint("web", __name__)


@blueprint.get("/")
def start() -> AnyResponse:
    """Send whoever comes to the app."""
    return redirect("/app/")


@blueprint.get("/app/")
def page() -> AnyResponse:
    """Return the app's page; of `/app`, which lies outside the service worker's scope, send on to it."""
    if request.path == "/app":
        return redirect("/app/")
    if request.path != "/app/":
        raise NotFound
    if not (_folder() / "index.html").is_file():
        return _not_built()
    return _file("index.html")


@blueprint.get("/app/<path:name>")
def asset(name: str) -> Response:
    """Return a file of the build."""
    return _file(name)


def _folder() -> Path:
    folder: Path = current_app.config.get("WEB_FOLDER", FOLDER)
    return folder


def _file(name: str) -> Response:
    """Return a file of the build, its gzip copy to whom takes it.

    Raises:
        NotFound: the build made no such file.
    """
    found = _folder() / name
    kind = _TYPES.get(found.suffix)
    if kind is None or not _is_name(name) or not found.is_file():
        raise NotFound
    copy = found.with_name(f"{found.name}.gz")
    packed = copy.is_file() and request.accept_encodings["gzip"] > 0
    answer = Response((copy if packed else found).read_bytes(), content_type=kind)
    answer.add_etag()
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    if copy.is_file():
        answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = _FOR_GOOD if name.startswith("assets/") else _ASK
    answer.headers.update(_HEADERS)
    return answer


def _not_built() -> Response:
    """Return the page that says how the app is built: it was installed without."""
    text = Path(__file__).with_name("not_built.html").read_text(encoding="utf-8")
    return Response(text, 503, {**_HEADERS, "Cache-Control": "no-store"}, mimetype="text/html")
