"""Who may call a route: said once, checked before the body is read, written into the OpenAPI document."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from access import ACTIONS, Act, Caller, DeviceState, Origin, allows, authenticate
from access.policy import FIRST_ACTIONS, RETIRED_ACTIONS
from api import cookie, rates
from api.rates import Rate
from api.services import services
from api.standing import refuse_while_restoring
from core import problems
from core.principal import Principal
from core.problems import TYPE_ROOT, Problem

View = TypeVar("View", bound=Callable[..., Any])

_ALWAYS = (problems.TooManyRequests, problems.InternalError, problems.Unavailable)
_WAITED_FOR = (problems.TooManyRequests, problems.Unavailable)
_WITH_TOKEN = (
    problems.NotAuthenticated,
    problems.NotAllowed,
    problems.PasswordChangeRequired,
    problems.CrossSite,
    problems.DeviceRevoked,
)
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
_WITH_BODY = (
    problems.MalformedRequest,
    problems.DigestMismatch,
    problems.BadEncoding,
    problems.Incomplete,
    problems.TooLarge,
    problems.UnsupportedMediaType,
    problems.Unprocessable,
)
_EDIT = (problems.PreconditionRequired, problems.PreconditionFailed)


def caller() -> Caller:
    """Return who calls; only inside a view with `allow`."""
    found: Caller = g.caller
    return found


def me() -> Principal:
    """Return the caller's user, role and scope."""
    return caller().principal


def act() -> Act:
    """Return who calls, and when."""
    return Act(me(), services().clock.now())


def may(who: Caller, action: str) -> bool:
    """Tell whether a caller may do an action with the token that was shown."""
    return allows(who.principal.role, action, device=who.device is not None, key=who.actions)


def allow(
    action: str,
    *can_fail: type[Problem],
    body: bool = False,
    edit: bool = False,
    more: tuple[str, ...] = (),
    rate: Rate = rates.PLAIN,
) -> Callable[[View], View]:
    """Let only callers through who may do an action; document what can fail.

    A caller shows a bearer token, or, from a browser, a session's cookie (`api.cookie`).

    Args:
        action: a name of `access.policy.ACTIONS`.
        can_fail: problems of this route beside those of every route with a token (and with a body).
        body: the view reads a body by itself; `takes` is seen without this.
        edit: the view asks for If-Match.
        more: actions that the view asks for by itself, for a part of what it gives.
        rate: how often a caller may.
    """
    for each in (action, *more):
        if each not in ACTIONS:
            msg = f"no action {each!r} in access/policy.py"
            raise KeyError(msg)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.caller = _authenticated(action)
            rates.count(rate)
            return view(*args, **kwargs)

        found = (*_WITH_TOKEN, *_inputs(view, body=body), *(_EDIT if edit else ()), *can_fail)
        _document(guarded, found, {"security": SECURITY, "x-action": action}, edit=edit)
        guarded.action = action  # type: ignore[attr-defined] # read by tests/health/test_routes.py
        guarded.more = more  # type: ignore[attr-defined] # likewise
        return guarded  # type: ignore[return-value] # wraps() keeps the signature

    return decorate


def open_to_all(
    *can_fail: type[Problem], database: bool = True, rate: Rate = rates.OPEN
) -> Callable[[View], View]:
    """Let everyone call a view; only health, sign-in and enrolment are such.

    Args:
        can_fail: problems it may answer with.
        database: whether it needs the database.
        rate: how often an address may.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(*args: Any, **kwargs: Any) -> Any:
            if database:
                refuse_while_restoring()
            rates.count(rate)
            return view(*args, **kwargs)

        _document(opened, (*_inputs(view, body=False), *can_fail), {"security": []}, edit=False)
        opened.action = None  # type: ignore[attr-defined] # read by tests/health/test_routes.py
        return opened  # type: ignore[return-value] # wraps() keeps the signature

    return decorate


def origin() -> Origin:
    """Return where this request comes from."""
    return Origin(request.remote_addr, request.user_agent.string or None)


def _authenticated(action: str) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    by_cookie = not scheme and cookie.shown(request)
    if by_cookie:
        token = by_cookie
        cookie.check_site(request, token)
    elif scheme.lower() != "bearer" or not token:
        raise problems.NotAuthenticated("There is no bearer token in the Authorization header.")
    refuse_while_restoring()
    try:
        found = authenticate(services().store, token.strip(), services().clock.now())
    except problems.NotAuthenticated:
        rates.count(rates.STRANGER)
        raise
    if by_cookie and found.kind != "session":
        raise problems.NotAuthenticated("Only a session's token comes as a cookie.")
    state = found.device.state if found.device else DeviceState.ACTIVE
    if state is DeviceState.STOLEN or (state is DeviceState.RETIRED and action not in RETIRED_ACTIONS):
        raise problems.DeviceRevoked(state=state.value)
    if found.user.temporary and found.device is None and action not in FIRST_ACTIONS:
        raise problems.PasswordChangeRequired
    if not may(found, action):
        raise problems.NotAllowed(f"{action} is not for {found.principal.role}.", action=action)
    return replace(found, principal=replace(found.principal, address=request.remote_addr))


def _inputs(view: Callable[..., Any], *, body: bool) -> tuple[type[Problem], ...]:
    apidoc: Mapping[str, Any] = getattr(view, "_apidoc", {})
    places = {each["in"] for each in apidoc.get("arguments", {}).get("parameters", ())}
    if body or "json" in places:
        return _WITH_BODY
    return (problems.Unprocessable,) if places else ()


def _document(
    view: Callable[..., Any],
    can_fail: tuple[type[Problem], ...],
    operation: Mapping[str, Any],
    *,
    edit: bool,
) -> None:
    kinds: tuple[type[Problem], ...] = (*can_fail, *_ALWAYS)
    manual: dict[str, Any] = dict(operation)
    manual["responses"] = _responses(kinds)
    if edit:
        about = "ETag of the state that was read."
        schema = {"type": "string"}
        header = {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": about,
            "schema": schema,
        }
        manual["parameters"] = [header]
    apidoc = deepcopy(getattr(view, "_apidoc", {}))
    apidoc["manual_doc"] = {**apidoc.get("manual_doc", {}), **manual}
    view._apidoc = apidoc  # type: ignore[attr-defined] # noqa: SLF001 - where flask-smorest reads
    view.kinds = kinds  # type: ignore[attr-defined] # what `also` adds to


def also(view: Callable[..., Any], *more: type[Problem]) -> None:
    """Document what can fail besides, whoever calls: what the method and the address bring with them."""
    kinds = (*getattr(view, "kinds", ()), *more)
    told = view._apidoc["manual_doc"]["responses"]  # type: ignore[attr-defined] # noqa: SLF001 - where flask-smorest reads
    for status, response in _responses(kinds).items():
        before = told.get(status, {})
        headers = {**response.get("headers", {}), **before.get("headers", {})}
        told[status] = {**before, **response} | ({"headers": headers} if headers else {})


def _responses(kinds: tuple[type[Problem], ...]) -> dict[str, Any]:
    by_status: dict[str, list[type[Problem]]] = {}
    for kind in dict.fromkeys(kinds):
        by_status.setdefault(str(kind.status), []).append(kind)
    return {status: problem_response(same) for status, same in sorted(by_status.items())}


def problem_response(kinds: list[type[Problem]]) -> dict[str, Any]:
    """Return the OpenAPI response of one status: which problems it can tell, and what to do about each."""
    text = "\n".join(f"- `{kind.slug}`: {kind.title}. {kind.todo}" for kind in kinds)
    types = {"properties": {"type": {"enum": [TYPE_ROOT + kind.slug for kind in kinds]}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, types]}
    response: dict[str, Any] = {
        "description": text,
        "content": {"application/problem+json": {"schema": schema}},
    }
    if any(kind in _WAITED_FOR for kind in kinds):
        about = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        response["headers"] = {"Retry-After": about}
    return response
