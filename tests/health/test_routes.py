"""Every route says who may call it, and tells in the document what can fail."""

import ast
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from access import ACTIONS
from api.app import create_app
from core.clock import FixedClock
from core.problems import TYPE_ROOT, all_problems
from store import Store
from sync.services import Services
from tests.keys import MASTER_KEY

ROOT = Path(__file__).parents[2]
OPEN = {
    ("GET", "/api/v1/health"),
    ("GET", "/api/v1/health/ready"),
    ("POST", "/api/v1/sessions"),
    ("POST", "/api/v1/devices"),
}
PAGES = {"/api/v1/openapi.json", "/api/docs", "/api/docs/<name>", "/", "/app/", "/app/<path:name>"}
BY_OFFSET = {"/api/v1/blobs/{name}"}  # Upload-Offset says what If-Match says elsewhere
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def app() -> Flask:
    away = Store("mongodb://127.0.0.1:1/?replicaSet=none", "none", MASTER_KEY)
    clock = FixedClock(datetime(2020, 9, 1, tzinfo=UTC))
    return create_app(Services.build(away, clock))


@pytest.fixture(scope="module")
def document(app: Flask) -> dict:
    return app.test_client().get("/api/v1/openapi.json").get_json()


@pytest.fixture(scope="module")
def operations(document: dict) -> dict:
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def told(operation: dict, status: int) -> set[str]:
    response = operation["responses"].get(str(status))
    if response is None or "application/problem+json" not in response.get("content", {}):
        return set()
    schema = response["content"]["application/problem+json"]["schema"]
    return {each.removeprefix(TYPE_ROOT) for each in schema["allOf"][1]["properties"]["type"]["enum"]}


def test_every_route_declares_who_may_call_it(app: Flask):
    undeclared, opened = set(), set()
    for rule in app.url_map.iter_rules():
        if rule.rule in PAGES:
            continue
        view = app.view_functions[rule.endpoint]
        methods = rule.methods - {"HEAD", "OPTIONS"}
        if not hasattr(view, "action"):
            undeclared |= {(method, rule.rule) for method in methods}
        elif view.action is None:
            opened |= {(method, rule.rule) for method in methods}
    assert not undeclared, "put @allow(<action of access/policy.py>) right under @blueprint.at"
    assert opened == OPEN, "only these are open without a token; put @allow(...) on the others"


def test_every_action_of_the_table_is_asked_for_somewhere(app: Flask):
    views = [view for view in app.view_functions.values() if hasattr(view, "action")]
    asked = {view.action for view in views} | {each for view in views for each in getattr(view, "more", ())}
    later = {"exports:make"}
    assert set(ACTIONS) - asked <= later, "no route asks for these; remove them from access/policy.py"


def test_every_route_is_in_the_document_with_a_summary(app: Flask, operations: dict):
    for rule in app.url_map.iter_rules():
        if rule.rule in PAGES:
            continue
        path = rule.rule.replace("<", "{").replace(">", "}")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert operations[method, path]["summary"].endswith("."), f"{method} {path} needs a docstring"


def test_every_route_documents_the_problems_that_all_have(operations: dict):
    for (method, path), operation in operations.items():
        where = f"{method} {path}"
        assert told(operation, 500) == {"internal-error"}, where
        assert "too-many-requests" in told(operation, 429), where
        assert told(operation, 503) == {"unavailable"}, where
        if method != "GET":
            assert "foreign-origin" in told(operation, 403), where
        if (method, path) not in OPEN:
            assert "not-authenticated" in told(operation, 401), where
            assert {"not-allowed", "device-revoked"} <= told(operation, 403), where
            assert operation["security"] == [{"bearer": []}, {"cookie": []}], where
        if method in {"PATCH", "PUT"} or "requestBody" in operation:
            assert {"malformed-request", "digest-mismatch", "bad-encoding"} <= told(operation, 400), where
            assert told(operation, 408) == {"incomplete"}, where
            assert told(operation, 413) == {"too-large"}, where
            assert told(operation, 415) == {"unsupported-media-type"}, where
            assert "unprocessable" in told(operation, 422), where
        if any(parameter.get("in") == "query" for parameter in operation.get("parameters", ())):
            assert "unprocessable" in told(operation, 422), where
        if "{" in path:
            assert "not-found" in told(operation, 404), f"{where} names something that may not be there"
        if method == "PATCH" and path not in BY_OFFSET:
            assert told(operation, 412) == {"precondition-failed"}, where
            assert told(operation, 428) == {"precondition-required"}, where


def test_every_problem_is_told_of_by_some_route(operations: dict):
    everywhere = {
        slug
        for operation in operations.values()
        for status in range(400, 504)
        for slug in told(operation, status)
    }
    routing = {"method-not-allowed", "not-acceptable"}  # answered before a route is found
    assert {kind.slug for kind in all_problems()} - everywhere <= routing


def test_the_document_is_sound_openapi(document: dict, operations: dict):
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "Ruhu"
    known = document["components"]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                *_, kind, name = node["$ref"].split("/")
                assert name in known[kind], node["$ref"]
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(document)
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len(set(names)), "two operations share an operationId"
    for (method, path), operation in operations.items():
        assert operation["responses"], f"{method} {path}"
        named = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        shared = {p["name"] for p in document["paths"][path].get("parameters", ()) if p["in"] == "path"}
        wanted = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert named | shared == wanted, f"{method} {path}"


UNBOUNDED = {"log", "ledger", "findings", "store"}
BY_HAND = {
    ("api/health/routes.py", "store"): "asks the database for nothing but a sign of life",
    (
        "api/sessions/routes.py",
        "store",
    ): "signs in and out: there is no caller yet, or only the caller's own token",
    ("api/blobs/routes.py", "store"): "writes into the trail that an original was read",
    ("api/devices/routes.py", "store"): "enrols by a code: there is no caller yet",
}


def test_views_reach_data_only_through_what_is_bounded_by_the_caller() -> None:
    """`services().ledger` and its like know no caller; `api.scope` offers what does."""
    listed = subprocess.run(
        ["git", "ls-files", "api"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    found = set()
    for name in listed:
        path = Path(name)
        if path.suffix != ".py" or len(path.parts) < 3 or path.parts[1] == "cli":
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in UNBOUNDED
                and isinstance(node.value, ast.Call)
                and getattr(node.value.func, "id", "") == "services"
            ):
                found.add((name, node.attr))
    assert found - BY_HAND.keys() == set(), (
        "ask `api.scope` (sight, accounts, devices, plans, trail, …): it is bounded by the caller"
    )
    assert BY_HAND.keys() <= found, "these are no more; remove them from BY_HAND"
