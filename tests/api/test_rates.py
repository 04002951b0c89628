"""How often one may ask: who wants too much is told when to come again, and nobody else is hurt."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import request
from structlog.testing import capture_logs

from api import rates
from api.app import behind_proxies, create_app
from core.principal import Role
from core.problems import (
    BadCredentials,
    BadEnrolmentCode,
    NotAuthenticated,
    TooManyRequests,
    Unavailable,
)
from store import Counters, Store
from sync.services import Services
from tests.api.builders import exchange
from tests.api.conftest import PASSWORD, Caller

SIGN_IN = {"login": "nobody", "password": PASSWORD}


@pytest.fixture
def strict(services):
    """Return an application in which each class allows three requests an hour, over the same database."""

    def make(**limits):
        three = {rate.name: "3 per hour" for rate in rates.RATES}
        return create_app(services, three | limits)

    return make


def test_guesses_from_one_address_end_whatever_they_are_of(strict, assert_problem):
    client = strict().test_client()
    for _ in range(2):
        assert_problem(client.post("/api/v1/sessions", json=SIGN_IN), BadCredentials)
    code = {"code": "AAAAA-AAAAA", "install": "018f0000-0000-7000-8000-000000000000"}
    assert_problem(client.post("/api/v1/devices", json=code), BadEnrolmentCode)
    for path, body in (("/api/v1/sessions", SIGN_IN), ("/api/v1/devices", code)):
        answer = client.post(path, json=body)
        told = assert_problem(answer, TooManyRequests)
        assert told["rate"] == "entry"
        assert 0 < int(answer.headers["Retry-After"]) <= 3601


def test_guesses_are_counted_for_all_processes_and_by_address(strict, assert_problem):
    one, other = strict().test_client(), strict().test_client()
    for client in (one, other, one):
        client.post("/api/v1/sessions", json=SIGN_IN)
    assert_problem(other.post("/api/v1/sessions", json=SIGN_IN), TooManyRequests)
    elsewhere = other.post("/api/v1/sessions", json=SIGN_IN, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert_problem(elsewhere, BadCredentials)


def test_an_ipv6_network_is_one_address(strict, assert_problem):
    client = strict().test_client()
    for host in range(3):
        client.post("/api/v1/sessions", json=SIGN_IN, environ_base={"REMOTE_ADDR": f"2001:db8:0:1::{host}"})
    inside = client.post("/api/v1/sessions", json=SIGN_IN, environ_base={"REMOTE_ADDR": "2001:db8:0:1::ffff"})
    assert_problem(inside, TooManyRequests)
    outside = client.post("/api/v1/sessions", json=SIGN_IN, environ_base={"REMOTE_ADDR": "2001:db8:0:2::1"})
    assert_problem(outside, BadCredentials)


def test_what_is_much_work_is_counted_for_each_user(strict, as_role, assert_problem):
    app = strict()
    many, other = as_role(Role.COORDINATOR), as_role(Role.ADMINISTRATOR)
    for caller in (many, other):
        caller.client = app.test_client()
    for _ in range(3):
        assert many.post("/forms/check", {}).status_code == 200
    assert_problem(many.post("/forms/check", {}), TooManyRequests)
    assert other.post("/forms/check", {}).status_code == 200
    assert many.get("/users").status_code == 200, "another class has its own count"


def test_eight_phones_behind_one_address_do_not_hurt_each_other(strict, phone):
    app = strict(phone="5 per hour", plain="100 per hour")
    phones = [phone() for _ in range(8)]
    for each in phones:
        each.client = app.test_client()
    assert [exchange(each).status_code for each in phones for _ in range(5)] == [200] * 40
    assert [exchange(each).status_code for each in phones] == [429] * 8


def test_a_phone_that_begins_is_not_cut_off(phone):
    one = phone()
    assert {exchange(one).status_code for _ in range(200)} == {200}


def test_who_shows_unknown_tokens_is_counted_and_who_shows_known_ones_is_not(
    strict, coordinator, assert_problem
):
    client = strict(plain="100 per hour").test_client()
    stranger, known = Caller(client, "x" * 43), Caller(client, coordinator.token)
    for _ in range(3):
        assert_problem(stranger.get("/users"), NotAuthenticated)
    assert_problem(stranger.get("/users"), TooManyRequests)
    assert known.get("/users").status_code == 200


def test_the_document_and_its_page_are_counted_too(strict):
    client = strict().test_client()
    paths = ("/api/v1/openapi.json", "/api/docs", "/api/docs/start.js", "/api/v1/health")
    for path, status in zip(paths, (200, 200, 200, 429), strict=True):
        with client.get(path) as answer:
            assert answer.status_code == status


def test_without_a_database_nobody_guesses_on_and_what_needs_none_is_counted_all_the_same(
    clock, assert_problem
):
    away = Store("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1&replicaSet=none", "none")
    client = create_app(Services.build(away, clock), {"open": "2 per hour"}).test_client()
    assert_problem(client.post("/api/v1/sessions", json=SIGN_IN), Unavailable)
    assert [client.get("/api/v1/health").status_code for _ in range(3)] == [200, 200, 429]
    away.close()


def test_the_counters_use_the_one_client_of_the_process_and_leave_it_open(store):
    counters = Counters("ruhu-store://", store)
    assert counters.storage is store.client
    assert counters.incr("a", 60) == 1
    assert counters.incr("a", 60) == 2
    del counters
    assert Counters("ruhu-store://", store).get("a") == 2


def test_no_count_is_lost_between_threads(store):
    counters = Counters("ruhu-store://", store)
    start = threading.Barrier(8)

    def hit(_):
        start.wait()
        return [counters.incr("b", 60) for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        seen = [n for counted in pool.map(hit, range(8)) for n in counted]
    assert sorted(seen) == list(range(1, 161))


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "10.0.0.3"), (2, "10.0.0.2")])
def test_forwarded_addresses_are_believed_as_far_as_the_operator_says(services, hops, seen):
    app = create_app(services)
    app.add_url_rule("/whoami", view_func=lambda: f"{request.remote_addr} {request.scheme} {request.host}")
    client = behind_proxies(app, hops).test_client()
    said = {
        "X-Forwarded-For": "10.0.0.1, 10.0.0.2, 10.0.0.3",
        "X-Forwarded-Proto": "https, https, https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
    }
    answer = client.get("/whoami", headers=said)
    assert answer.text == f"{seen} {'https' if hops else 'http'} localhost"
    assert ("Strict-Transport-Security" in answer.headers) == bool(hops)


def test_reaching_a_rate_is_logged(strict):
    client = strict().test_client()
    with capture_logs() as logs:
        for _ in range(4):
            client.post("/api/v1/sessions", json=SIGN_IN)
    (told,) = [entry for entry in logs if entry["event"] == "too many requests"]
    assert (told["rate"], told["who"], told["log_level"]) == ("entry", "127.0.0.1", "warning")
