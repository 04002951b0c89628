"""Every failure becomes application/problem+json (RFC 9457); nothing of the inside is told."""

import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, json
from werkzeug.exceptions import HTTPException

from core import problems
from core.problems import Problem, errors_of
from store import unavailable

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

_BY_STATUS: Mapping[int, type[Problem]] = {
    400: problems.MalformedRequest,
    401: problems.NotAuthenticated,
    403: problems.NotAllowed,
    404: problems.NotFound,
    405: problems.MethodNotAllowed,
    406: problems.NotAcceptable,
    408: problems.Incomplete,
    412: problems.PreconditionFailed,
    413: problems.TooLarge,
    415: problems.UnsupportedMediaType,
    416: problems.RangeNotSatisfiable,
    422: problems.Unprocessable,
    428: problems.PreconditionRequired,
    429: problems.TooManyRequests,
    503: problems.Unavailable,
}


def register(app: Flask) -> None:
    """Let the application answer every exception with a problem."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _from_unexpected)


def respond(problem: Problem) -> Response:
    """Return the response that tells a problem."""
    response = Response(json.dumps(problem.to_json()), problem.status, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    if problem.status == problems.NotAuthenticated.status:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.status == problems.Unavailable.status:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _from_http(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:  # noqa: PLR2004 - redirects are no failures
        redirect = error.get_response()
        return Response(redirect.get_data(), error.code, redirect.headers)
    kind = _BY_STATUS.get(error.code or 500, problems.MalformedRequest)
    if (error.code or 500) >= 500 and kind is not problems.Unavailable:  # noqa: PLR2004 - server errors
        return _from_unexpected(error)
    problem = kind(**_members(error))
    if error.code == problems.MethodNotAllowed.status:
        problem.headers["Allow"] = error.get_response().headers.get("Allow", "")
    if error.code == problems.RangeNotSatisfiable.status:
        problem.headers["Content-Range"] = error.get_response().headers.get("Content-Range", "")
    return respond(problem)


def _members(error: HTTPException) -> dict[str, Any]:
    """Return the validation messages that webargs left, one `at` and `message` each."""
    messages: Mapping[str, Any] = getattr(error, "data", {}).get("messages", {})
    places = [place for place in messages.values() if isinstance(place, Mapping)]
    errors = [each for place in places for each in errors_of(place)] or errors_of(messages)
    return {"errors": errors} if errors else {}


def _from_unexpected(error: Exception) -> Response:
    log = structlog.get_logger("ruhu.errors")
    if unavailable(error):
        log.warning("database unavailable", error=type(error).__name__)
        return respond(problems.Unavailable())
    incident = str(uuid.uuid4())
    log.error("incident", incident=incident, exc_info=error)
    return respond(problems.InternalError(incident=incident))
