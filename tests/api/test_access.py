"""Sessions, accounts and devices over HTTP."""

from datetime import timedelta

import pytest

from core.ids import uuid7
from core.principal import Role
from core.problems import (
    BadCredentials,
    BadEnrolmentCode,
    Conflict,
    DeviceRevoked,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unprocessable,
)
from tests.api.builders import exchange, op

NEW = {
    "login": "batu",
    "name": "巴图",
    "role": "enumerator",
    "region": "150625",
    "password": "a long password",
}


def test_who_signs_in_gets_a_token_and_is_told_what_it_may_do(nobody, make_user):
    make_user(Role.COORDINATOR, login="wulan")
    answer = nobody.post("/sessions", {"login": "Wulan", "password": "correct horse 4"})
    assert answer.status_code == 201
    nobody.token = answer.get_json()["token"]
    me = nobody.get("/sessions/current").get_json()
    assert me["user"]["login"] == "wulan"
    assert "password" not in me["user"]
    assert {"forms:publish", "users:write"} <= set(me["actions"])
    assert me["device"] is None


def test_signing_out_ends_the_token(coordinator, assert_problem):
    assert coordinator("DELETE", "/sessions/current").status_code == 204
    assert_problem(coordinator.get("/sessions/current"), NotAuthenticated)


def test_a_wrong_login_and_a_wrong_password_are_told_alike(nobody, make_user, assert_problem):
    make_user(Role.VIEWER, login="wulan")
    wrong = assert_problem(nobody.post("/sessions", {"login": "wulan", "password": "x"}), BadCredentials)
    unknown = assert_problem(nobody.post("/sessions", {"login": "who", "password": "x"}), BadCredentials)
    assert wrong == unknown


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \xff\xfe", "Bearer " + "x" * 4000]
)
def test_without_a_valid_token_nothing_is_told(nobody, assert_problem, header):
    answer = nobody.get("/users", headers={"Authorization": header})
    assert_problem(answer, NotAuthenticated)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_session_is_not_authenticated(coordinator, clock, assert_problem):
    clock.instant += timedelta(hours=12)
    assert_problem(coordinator.get("/users"), NotAuthenticated)


def test_accounts_are_made_read_and_changed_on_the_state_that_was_read(coordinator, assert_problem):
    made = coordinator.post("/users", NEW)
    assert made.status_code == 201
    path = made.headers["Location"].removeprefix("/api/v1")
    tag = coordinator.get(path).headers["ETag"]
    assert coordinator.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert_problem(coordinator.patch(path, {"name": "x"}), PreconditionRequired)
    changed = coordinator.patch(path, {"name": "巴图尔"}, headers={"If-Match": tag})
    assert changed.get_json()["name"] == "巴图尔"
    assert_problem(coordinator.patch(path, {"name": "x"}, headers={"If-Match": tag}), PreconditionFailed)
    assert coordinator.post(f"{path}/reset").status_code == 201
    assert_problem(coordinator.post("/users", NEW), Conflict)


def test_an_account_outside_the_region_is_not_there(coordinator, make_user, assert_problem):
    other = make_user(Role.ENUMERATOR, "150626")
    assert_problem(coordinator.get(f"/users/{other.id}"), NotFound)
    assert_problem(coordinator.post("/users", {**NEW, "region": "150626"}), NotAllowed)
    assert [user["region"] for user in coordinator.get("/users").get_json()["items"]] == ["150625"]


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"login": "B@tu"}, "/login"),
        ({"role": "king"}, "/role"),
        ({"role": "officer"}, "/unit"),
        ({"role": "officer", "unit": "navy"}, "/unit"),
        ({"region": "１５０６２５"}, "/region"),
        ({"password": "short"}, "/password"),
        ({"more": 1}, "/more"),
        ({"name": None}, "/name"),
        ({"login": 7}, "/login"),
    ],
)
def test_a_wrong_account_is_told_where_it_is_wrong(coordinator, assert_problem, change, at):
    body = assert_problem(coordinator.post("/users", {**NEW, **change}), Unprocessable)
    assert at in [error["at"] for error in body["errors"]]


def test_a_list_is_read_page_by_page(coordinator, assert_problem):
    for number in range(4):
        coordinator.post("/users", {**NEW, "login": f"user{number}"})
    first = coordinator.get("/users?limit=3")
    assert len(first.get_json()["items"]) == 3
    assert first.headers["Link"].endswith('; rel="next"')
    second = coordinator.get(f"/users?limit=3&after={first.get_json()['next']}")
    assert len(second.get_json()["items"]) == 2
    assert second.get_json()["next"] is None
    assert "Link" not in second.headers
    for query in ("limit=0", "limit=201", "limit=x", "after=x", "after=W10", "after=%FF", "unknown=1"):
        assert_problem(coordinator.get(f"/users?{query}"), Unprocessable)


def test_a_role_without_the_right_is_told_so(as_role, assert_problem):
    assert_problem(as_role(Role.ENUMERATOR).get("/users"), NotAllowed)
    assert_problem(as_role(Role.VIEWER).post("/users", NEW), NotAllowed)


def test_a_phone_is_enrolled_once_with_a_code(coordinator, nobody, make_user, assert_problem):
    user = make_user(Role.ENUMERATOR)
    code = coordinator.post("/devices/codes", {"user": user.id}).get_json()["code"]
    body = {"code": code, "install": uuid7(), "app": "1.0.0"}
    answer = nobody.post("/devices", body)
    assert answer.status_code == 201
    assert_problem(nobody.post("/devices", body), BadEnrolmentCode)
    assert_problem(nobody.post("/devices", {**body, "install": "x"}), Unprocessable)
    nobody.token = answer.get_json()["token"]
    assert nobody.get("/sessions/current").get_json()["device"]["install"] == body["install"]
    assert_problem(coordinator.post("/devices/codes", {"user": "nobody"}), NotFound)


def test_a_phone_gets_a_new_token_and_a_desk_does_not(phone, coordinator, assert_problem):
    one = phone()
    answer = one.post("/devices/rotate")
    assert answer.status_code == 201
    one.token = answer.get_json()["token"]
    assert one.get("/sessions/current").status_code == 200
    assert_problem(coordinator.post("/devices/rotate"), NotAllowed)


def test_a_phone_may_not_do_what_its_user_may_do_at_a_desk(phone, assert_problem):
    assert_problem(phone(Role.COORDINATOR).get("/users"), NotAllowed)


@pytest.mark.parametrize("state", ["retired", "stolen"])
def test_a_revoked_phone_is_told_so(phone, coordinator, assert_problem, state):
    one = phone()
    device = coordinator.get("/devices").get_json()["items"][0]
    path, tag = f"/devices/{device['id']}", {"If-Match": f'"{device["version"]}"'}
    assert_problem(coordinator.patch(path, {"state": "active"}, headers=tag), Unprocessable)
    assert coordinator.patch(path, {"state": state}, headers=tag).get_json()["state"] == state
    assert_problem(one.get("/sessions/current"), DeviceRevoked)


def test_a_phone_that_was_reinstalled_with_unsent_ops_is_seen_by_the_coordinator(
    phone, coordinator, register
):
    caller, household = phone(), register()
    sent = op(1, "visit", {"household": household, "round": None, "outcome": "nobody_home"})
    clock = {"wall": 0, "rtt": 300, "boot": "b7"}
    exchange(caller, sent, outbox={"max_n": 4, "pending": 3, "blobs": 2}, clock=clock)
    phone()  # what was installed again is another install, and knows nothing of what was lost
    before, _ = coordinator.get("/devices").get_json()["items"]
    assert before["outbox"] == {"max_n": 4, "pending": 3, "blobs": 2}
    assert (before["have"], before["missing"]) == ([[1, 1]], [[2, 4]])
    assert before["clock"]["quality"] == "A"
    assert before["clock"]["offset_ms"] > 50 * 365 * 86_400_000, "its clock says 1970"
    assert (before["forked_at"], before["clones"]) == (None, [])
