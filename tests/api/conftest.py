"""The web application over a real database, people of two banners, and one helper for every failure."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from access import SYSTEM, Accounts, Act, Devices, User, enrol, sign_in
from api.app import create_app
from core.clock import FixedClock
from core.ids import uuid7
from core.principal import Role
from core.problems import TYPE_ROOT, Problem
from store import Store
from sync.services import Services
from sync.settle import settle
from tests.api.builders import roster_row

NOW = datetime(2020, 9, 1, 4, 0, tzinfo=UTC)
PASSWORD = "correct horse 4"
HANGGIN, UUSHIN = "150625", "150626"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def services(store: Store, clock: FixedClock) -> Services:
    return Services.build(store, clock)


@pytest.fixture
def app(services: Services) -> Flask:
    made = create_app(services)
    made.testing = False  # exceptions become problems, as they do in service
    return made


class Caller:
    """A client that shows a token."""

    def __init__(self, client: FlaskClient, token: str | None, user: User | None = None) -> None:
        self.client, self.token, self.user = client, token, user

    def __call__(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = dict(kwargs.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self("GET", path, **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self("POST", path, json=json, **kwargs) if json is not None else self("POST", path, **kwargs)

    def patch(self, path: str, json: Any, **kwargs: Any) -> TestResponse:
        return self("PATCH", path, json=json, **kwargs)


@pytest.fixture
def nobody(app: Flask) -> Caller:
    return Caller(app.test_client(), None)


@pytest.fixture
def make_user(store: Store, clock: FixedClock) -> Callable[..., User]:
    def make(role: Role, region: str = HANGGIN, login: str | None = None, **more: Any) -> User:
        if role is Role.OFFICER:
            more.setdefault("unit", "education")
        login = login or f"{role.value}-{region}"
        accounts = Accounts(store, Act(SYSTEM, clock.now()))
        return accounts.create(login=login, name="乌兰", role=role, region=region, password=PASSWORD, **more)

    return make


@pytest.fixture
def as_role(
    app: Flask, store: Store, clock: FixedClock, make_user: Callable[..., User]
) -> Callable[..., Caller]:
    """Return a caller signed in with a role in a region."""

    def call(role: Role, region: str = HANGGIN, **more: Any) -> Caller:
        user = make_user(role, region, **more)
        token, _ = sign_in(store, user.login, PASSWORD, clock.now())
        return Caller(app.test_client(), token, user)

    return call


@pytest.fixture
def coordinator(as_role: Callable[..., Caller]) -> Caller:
    return as_role(Role.COORDINATOR)


@pytest.fixture
def phone(
    app: Flask, store: Store, clock: FixedClock, make_user: Callable[..., User]
) -> Callable[..., Caller]:
    """Return a caller that shows a device's token."""

    def call(role: Role = Role.ENUMERATOR, region: str = HANGGIN, install: str | None = None) -> Caller:
        user = make_user(role, region, login=f"phone-{uuid7()[-8:]}")
        code, _ = Devices(store, Act(SYSTEM, clock.now())).make_code(user.id)
        token, _ = enrol(store, code, install or uuid7(), clock.now())
        return Caller(app.test_client(), token, user)

    return call


@pytest.fixture
def assert_problem(app: Flask) -> Callable[..., dict[str, Any]]:
    """Return the one helper for every failing route: status, type, form, and that the document tells of it."""
    document = app.test_client().get("/api/v1/openapi.json").get_json()

    def check(response: TestResponse, kind: type[Problem]) -> dict[str, Any]:
        text = response.get_data(as_text=True)
        assert response.status_code == kind.status, text
        assert response.mimetype == "application/problem+json"
        body = response.get_json()
        assert body["type"] == TYPE_ROOT + kind.slug, text
        assert (body["title"], body["status"]) == (kind.title, kind.status)
        assert (body["retryable"], body["todo"]) == (kind.retryable, kind.todo)
        assert "Traceback" not in text
        operation = operation_of(document, response.request.method, response.request.path)
        if operation is not None:
            told = operation["responses"].get(str(kind.status), {"content": {}})["content"]
            enum = told["application/problem+json"]["schema"]["allOf"][1]["properties"]["type"]["enum"]
            assert body["type"] in enum, f"{operation['summary']} does not document {kind.slug}"
        return body

    return check


def operation_of(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """Return the documented operation of a request; the path without parameters prevails."""
    for template in sorted(document["paths"], key=lambda each: each.count("{")):
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in document["paths"][template]:
            return document["paths"][template][method.lower()]
    return None


@pytest.fixture
def register(as_role: Callable[..., Caller], services: Services) -> Callable[..., str]:
    """Register a household over HTTP, settle it, and return its id."""
    offices: dict[str, Caller] = {}

    def put(region: str = HANGGIN, registry_no: str = "H1", **row: Any) -> str:
        if region not in offices:
            offices[region] = as_role(Role.COORDINATOR, region, login=f"registrar-{region}")
        body = {"registry_no": registry_no, "region": region, "row": roster_row(**row)}
        answer = offices[region].post("/households", body)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        settle(services)
        return str(answer.get_json()["household"])

    return put


@pytest.fixture
def order(coordinator: Caller, register: Callable[..., str]) -> Callable[..., tuple[Any, str]]:
    """Return what orders a report of a banner with one household; it gives the answer's body, and where to look."""
    register()

    def ask(month: str = "2020-08", **more: Any) -> tuple[Any, str]:
        answer = coordinator.post("/reports", {"month": month, "region": HANGGIN, **more})
        assert answer.status_code == 202, answer.get_data(as_text=True)
        return answer.get_json(), answer.headers["Location"].removeprefix("/api/v1")

    return ask
