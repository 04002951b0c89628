"""The page that shows the OpenAPI document, from files of this server alone."""

from importlib.resources import files

from flask import Blueprint, Response, send_file
from swagger_ui_bundle import swagger_ui_path

from core.problems import NotFound

blueprint = Blueprint("docs_page", __name__, url_prefix="/api/docs")

_BUNDLED = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_OWN = ("start.js", "page.css")
_POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("")
def page() -> Response:
    """Return the page."""
    html = files(__name__).joinpath("page.html").read_text(encoding="utf-8")
    return Response(html, mimetype="text/html", headers={"Content-Security-Policy": _POLICY})


@blueprint.get("/<name>")
def asset(name: str) -> Response:
    """Return a script, a style or the icon."""
    if name in _OWN:
        return send_file(str(files(__name__).joinpath(name)), max_age=3600)
    if name not in _BUNDLED:
        raise NotFound
    return send_file(swagger_ui_path / name, max_age=3600)
