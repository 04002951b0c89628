"""What stands at the edge of every exchange: headers, origins, methods, odd addresses, and faults of every layer."""

import gzip
import re
import zlib

import pytest
from pymongo.errors import OperationFailure

import access.sessions
import api.guard
import api.language
import api.sync.routes
from api.app import create_app
from core.ids import uuid7
from core.principal import Role
from core.problems import (
    ForeignOrigin,
    InternalError,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    UnsupportedMediaType,
)
from forms.repository import FormRepository
from ledger.repository import LedgerRepository
from tests.api.builders import exchange
from tests.api.conftest import Caller

PAGES = ("/health", "/nothing", "/users", "/openapi.json", "/sessions")
SECRET = "resident 15062519800302123X, find({'users': 1})"


@pytest.mark.parametrize(
    "path", [*(f"/api/v1{page}" for page in PAGES), "/api/docs", "/api/docs/start.js", "/"]
)
def test_every_answer_says_what_a_browser_may_do_with_it(app, path):
    with app.test_client().get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in policy
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
        assert part in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert not [name for name, _ in headers if name.lower().startswith("access-control-")]
    assert "Server" not in headers


def test_https_stays_https(app):
    client = app.test_client()
    told = client.get("/api/v1/health", base_url="https://localhost").headers
    assert told["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in client.get("/api/v1/health").headers


def test_what_is_about_people_is_kept_by_nobody_on_the_way(coordinator, register):
    household = register()
    for path in ("/households", f"/households/{household}", "/findings", "/users", "/sessions/current"):
        assert coordinator.get(path).headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_a_page_of_another_site_writes_nothing(nobody, coordinator, assert_problem, said):
    for answer in (
        nobody.post("/sessions", {"login": "x", "password": "x"}, headers=said),
        coordinator.post("/rounds", {"title": "x", "region": "150625"}, headers=said),
        coordinator("DELETE", "/sessions/current", headers=said),
    ):
        assert_problem(answer, ForeignOrigin)
    assert coordinator.get("/rounds", headers=said).get_json()["items"] == []


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_pages_and_what_is_no_browser_write(coordinator, said):
    answer = coordinator.post("/rounds", {"title": "x", "region": "150625"}, headers=said)
    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PUT"])
@pytest.mark.parametrize("path", ["/sessions", "/households", "/sync"])
def test_no_preflight_is_answered_and_no_other_method_taken(nobody, assert_problem, method, path):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = nobody(method, path, headers=asked if method == "OPTIONS" else {})
    assert_problem(answer, MethodNotAllowed)
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


ODD = [
    "%00", "a%00b", "%2F", "..%2f..%2fetc%2fpasswd", "%2e%2e", "a" * 3000, "%F0%9F%98%80", "%ff%fe", "%ED%A0%80",
    "%E2%80%AE", "$where", "{%22$gt%22:%22%22}", "[]", "'%20or%20'1'='1", "%0d%0aSet-Cookie:%20a=b", "null", "-1",
    "9" * 400, "%25s%25n", "%7B%7B7*7%7D%7D", " ", "%3Cscript%3E", "a%3Bb", "%E7%83%8F",
]  # fmt: skip


def test_odd_names_in_addresses_are_of_nothing_and_never_a_fault(services, as_role, phone):
    callers = [as_role(Role.ADMINISTRATOR, "1506"), phone()]
    app = create_app(services, {"heavy": "10000 per minute"})  # rates have tests of their own
    tried = 0
    for rule in app.url_map.iter_rules():
        if not rule.arguments:
            continue
        for odd in ODD:
            path = re.sub(r"<[^>]+>", lambda _, odd=odd: odd, rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                for caller in callers:
                    token = {"Authorization": f"Bearer {caller.token}", "If-Match": '"1"'}
                    body = {} if method in {"POST", "PUT", "PATCH"} else None
                    answer = app.test_client().open(path, method=method, headers=token, json=body)
                    where = f"{method} {path[:120]}: {answer.get_data(as_text=True)[:300]}"
                    assert answer.status_code in {400, 403, 404, 405, 422, 428, 412}, where
                    assert answer.mimetype == "application/problem+json", where
                    tried += 1
    assert tried > 1000


@pytest.mark.parametrize("odd", ["%00", "%ff", "%ED%A0%80", "a" * 5000, "$gt", "%0d%0aX: y", "-1", "1e999"])
def test_odd_questions_are_told_or_find_nothing_and_never_a_fault(coordinator, odd):
    for path in ("/households", "/findings", "/interviews", "/users", "/devices", "/rounds", "/worklists"):
        for name in (
            "region",
            "site",
            "household",
            "user",
            "after",
            "limit",
            "unit",
            "lang",
            "nothing",
            "a[$gt]",
        ):
            answer = coordinator.get(f"{path}?{name}={odd}")
            assert answer.status_code in {200, 403, 404, 422}, f"{path} {name}"
            assert "X" not in answer.headers


def test_the_same_name_twice_is_refused_or_the_first_counts(coordinator):
    one = coordinator.get("/users?limit=1&limit=200")
    assert one.status_code == 422 or len(one.get_json()["items"]) == 1


def test_nothing_ever_sends_the_browser_elsewhere(app, coordinator):
    seen = set()
    for path in (
        "//evil.example/api/v1/users",
        "/api//v1/users",
        "/api/v1/users/",
        "/api/docs/",
        "/api/v1//users",
    ):
        answer = app.test_client().get(path, headers={"Host": "evil.example"})
        seen.add(answer.status_code)
        assert "Location" not in answer.headers
        assert "evil" not in answer.get_data(as_text=True)
    assert seen <= {200, 401, 404}
    made = coordinator.post("/rounds", {"title": "x", "region": "150625"}, headers={"Host": "evil.example"})
    assert made.headers["Location"].startswith("/api/v1/rounds/")


BODY_ROUTES = (
    ("POST", "/sessions"), ("POST", "/users"), ("POST", "/devices"), ("POST", "/devices/codes"), ("POST", "/forms"),
    ("POST", "/forms/check"), ("POST", "/households"), ("POST", "/rounds"), ("POST", "/worklists"), ("POST", "/sync"),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path"), BODY_ROUTES)
def test_every_route_bounds_what_a_body_unpacks_to_and_takes_json_alone(
    coordinator, phone, assert_problem, method, path
):
    caller = phone() if path == "/sync" else coordinator
    packer = zlib.compressobj(wbits=31)
    bomb = packer.compress(bytes(40 * 1024 * 1024)) + packer.flush()
    assert_problem(_send(caller, method, path, bomb, "application/json", "gzip"), TooLarge)
    for kind in (
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "text/plain",
        "text/xml",
    ):
        assert_problem(_send(caller, method, path, b"{}", kind), UnsupportedMediaType)
    nested = b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"
    assert _send(caller, method, path, nested, "application/json").status_code in {200, 400, 422}
    assert _send(caller, method, path, gzip.compress(b"{}"), "application/json", "GZIP").status_code != 415


def _send(caller: Caller, method: str, path: str, data: bytes, kind: str, encoding: str | None = None):  # noqa: PLR0913 - a request's parts
    packed = {"Content-Encoding": encoding} if encoding else {}
    return caller(method, path, data=data, headers={"Content-Type": kind, **packed})


def test_a_body_that_names_a_member_twice_means_the_last(nobody):
    """Both readers agree (`test_bodies`), and what is stored is what was read, in canonical form."""
    raw = b'{"login":"a","login":1,"password":"x"}'
    answer = _send(nobody, "POST", "/sessions", raw, "application/json")
    assert answer.get_json()["errors"][0]["at"] == "/login"


def _fail(*_args, **_kwargs):
    raise RuntimeError(SECRET)


def _refuse(*_args, **_kwargs):
    raise OperationFailure(SECRET, 11000, {"errmsg": SECRET})


@pytest.mark.parametrize("fault", [_fail, _refuse])
@pytest.mark.parametrize(
    ("owner", "name", "ask"),
    [
        (access.sessions.tokens, "token_id", "/users"),
        (api.guard, "allows", "/users"),
        (api.guard.rates, "count", "/users"),
        (api.guard, "services", "/users"),
        (LedgerRepository, "get_within", "/households/x"),
        (LedgerRepository, "page", "/households"),
        (FormRepository, "latest", "/forms"),
        (api.sync.routes, "parse_request", "sync"),
        (api.sync.routes, "jsonify", "sync"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", None),
)
def test_a_fault_of_any_layer_tells_its_number_and_nothing_else(  # noqa: PLR0913 - fixtures and the fault's parts
    coordinator, phone, assert_problem, monkeypatch, owner, name, ask, fault
):
    caller = phone() if ask == "sync" else coordinator
    install = caller.get("/sessions/current").get_json()["device"]["install"] if ask == "sync" else None
    body = {"v": 1, "install": install, "app": "1", "cursor": None, "ops": []}
    monkeypatch.setattr(owner, name, fault)
    answer = caller.post("/sync", body) if ask == "sync" else caller.get(ask)
    told = assert_problem(answer, InternalError)
    assert set(told) == {"type", "title", "status", "retryable", "todo", "incident"}
    text = answer.get_data(as_text=True) + str(answer.headers)
    for inside in ("resident", "find(", "RuntimeError", "OperationFailure", "Traceback", ".py"):
        assert inside not in text


@pytest.mark.parametrize("step", ["before", "after", "teardown"])
def test_a_fault_around_the_views_tells_nothing_either(services, step):
    app = create_app(services)
    add = {"before": app.before_request, "after": app.after_request, "teardown": app.teardown_request}[step]
    add(_fail)
    if step == "teardown":  # the answer is made by then; the server logs, and the next request is served
        with pytest.raises(RuntimeError):
            app.test_client().get("/api/v1/health")
        return
    answer = app.test_client().get("/api/v1/health")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert "resident" not in answer.get_data(as_text=True)


def test_no_problem_speaks_of_the_inside():
    for kind in Problem.__subclasses__():
        assert not re.search(r"mongo|flask|python|traceback", f"{kind.title} {kind.todo}", re.IGNORECASE), (
            kind
        )


def test_a_phone_goes_on_after_all_of_this(phone, assert_problem):
    one = phone()
    assert_problem(one.get(f"/ops/{uuid7()}"), NotFound)
    assert exchange(one).status_code == 200
