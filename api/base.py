"""Our own Api, Blueprint and Schema: strict bodies, problems in the document, no names of outside sites."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import marshmallow as ma
from flask import Flask, Request, Response
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser

from api.body import read_json
from api.cookie import COOKIE
from api.guard import also
from core.jsonvalue import Json
from core.problems import ForeignOrigin, NotFound

View = TypeVar("View", bound=Callable[..., Any])

PREFIX = "/api/v1"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_PAGE = 200


class Schema(ma.Schema):
    """Base of all schemas: a member that is not named is an error, and order is kept."""

    class Meta:
        """Options of marshmallow."""

        unknown = ma.RAISE


class PageArgs(Schema):
    """Keyset paging."""

    limit = ma.fields.Integer(
        load_default=50,
        validate=ma.validate.Range(1, MAX_PAGE),
        metadata={"description": "Items of a page."},
    )
    after = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(max=1000),
        metadata={"description": "`next` of the page before."},
    )


class ProblemSchema(Schema):
    """RFC 9457; some problems have members of their own beside these."""

    class Meta:
        """Options of marshmallow."""

        unknown = ma.INCLUDE

    type = ma.fields.String(required=True, metadata={"description": "Stable name of the problem."})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String()
    todo = ma.fields.String(required=True, metadata={"description": "What to do."})
    retryable = ma.fields.Boolean(required=True)
    errors = ma.fields.List(ma.fields.Dict(), metadata={"description": "For 422: `at` and `message` each."})
    incident = ma.fields.String(metadata={"description": "For 500: the number to tell the operator."})


class _Parser(FlaskParser):
    """Reads JSON bodies by `api.body`; query arguments that are not named are errors."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}  # noqa: RUF012 - webargs' own form

    def load_json(self, req: Request, schema: ma.Schema) -> Json:  # noqa: ARG002 - webargs' signature
        """Return the body."""
        return read_json(req)


class Blueprint(SmorestBlueprint):  # type: ignore[misc] # flask-smorest carries no types
    """One resource."""

    ARGUMENTS_PARSER = _Parser()

    def at(self, rule: str, method: str = "GET") -> Callable[[View], View]:
        """Register a view."""

        def decorate(view: View) -> View:
            writes, names = method not in SAFE_METHODS, "<" in rule
            also(view, *((ForeignOrigin,) if writes else ()), *((NotFound,) if names else ()))
            named = self.doc(operationId=f"{self.name}_{view.__name__}")(view)
            self.add_url_rule(rule, view_func=named, methods=[method])
            return view

        return decorate

    def takes(self, schema: type[ma.Schema], location: str = "json") -> Callable[[View], View]:
        """Say what a view takes as body or query; it is handed over as one positional argument."""

        def decorate(view: View) -> View:
            decorated: View = self.arguments(schema, location=location)(view)
            decorated._apidoc["arguments"].pop("responses")  # type: ignore[attr-defined] # noqa: SLF001 - problems are documented by api.guard
            return decorated

        return decorate

    def reads(self, schema: Mapping[str, Any]) -> Callable[[View], View]:
        """Document the body that a view reads by itself."""
        body = {"required": True, "content": {"application/json": {"schema": schema}}}

        def decorate(view: View) -> View:
            decorated: View = self.doc(requestBody=body)(view)
            return decorated

        return decorate

    def gives(
        self,
        schema: type[ma.Schema] | ma.Schema | Mapping[str, Any] | None,
        status: int = 200,
        *,
        content_type: str | None = None,
        description: str | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Say what a view gives."""

        def decorate(view: View) -> View:
            decorated: View = self.response(
                status, schema, content_type=content_type, description=description, headers=headers
            )(view)
            return decorated

        return decorate

    def gives_also(
        self,
        status: int,
        *,
        content_type: str | None = None,
        description: str | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Say what else a view gives, in place of the usual: a part of it, or nothing new."""

        def decorate(view: View) -> View:
            schema = {"type": "string", "format": "binary"} if content_type else None
            decorated: View = self.alt_response(
                status, schema=schema, content_type=content_type, description=description, headers=headers
            )(view)
            return decorated

        return decorate

    def says(self, **operation: Any) -> Callable[[View], View]:
        """Add to what the OpenAPI document says of a view; put it over `allow`, whose responses it completes."""

        def decorate(view: View) -> View:
            decorated: View = self.doc(**operation)(view)
            return decorated

        return decorate


class Api(SmorestApi):  # type: ignore[misc] # flask-smorest carries no types
    """The interface with its OpenAPI document; errors are answered by `api.problems`."""

    ERROR_SCHEMA = ProblemSchema
    _written: bytes | None = None

    def _openapi_json(self) -> Response:
        """Serve the document, which is written once: that takes longer than anything else that all may ask for."""
        if self._written is None:
            self._written = super()._openapi_json().get_data()
        return Response(self._written, mimetype="application/json")

    def _register_error_handlers(self) -> None:
        """Do nothing: `api.problems` has registered all."""


def make_api(app: Flask) -> Api:
    """Return the Api of an application."""
    app.config.update(
        API_TITLE="Ruhu",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    bearer = {
        "type": "http",
        "scheme": "bearer",
        "description": "A session's token, a device's, or an API key.",
    }
    cookie = {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A browser's session. What is no GET needs `csrf` of the session in X-CSRF-Token.",
    }
    return Api(
        app,
        spec_kwargs={
            "info": {"description": "Household visits, ledger and findings (入户)."},
            "components": {"securitySchemes": {"bearer": bearer, "cookie": cookie}},
            "servers": [{"url": "/"}],
        },
    )
