"""Sessions, cookies, API keys, passwords, second factors: over HTTP."""

from datetime import timedelta

import pyotp
import pytest

from access import passwords
from core.principal import Role
from core.problems import (
    BadCredentials,
    BadEnrolmentCode,
    Conflict,
    CrossSite,
    ForeignOrigin,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PasswordChangeRequired,
    SecondFactorRequired,
    TooManyAttempts,
    Unprocessable,
)
from tests.api.conftest import PASSWORD

COOKIE = "__Host-ruhu"


def sign_in(caller, login="wulan", password=PASSWORD, **more):
    return caller.post("/sessions", {"login": login, "password": password, **more})


@pytest.fixture
def wulan(as_role):
    return as_role(Role.COORDINATOR, login="wulan")


def test_a_session_ends_after_an_hour_without_use(wulan, clock, assert_problem):
    for _ in range(3):
        clock.instant += timedelta(minutes=50)
        assert wulan.get("/users").status_code == 200
    clock.instant += timedelta(minutes=60)
    assert_problem(wulan.get("/users"), NotAuthenticated)


def test_one_lists_what_one_holds_and_ends_one_or_all_others(wulan, nobody, assert_problem):
    for _ in range(3):
        sign_in(nobody)
    held = wulan.get("/sessions").get_json()["items"]
    assert [each["kind"] for each in held] == ["session"] * 4
    assert sum(each["address"] == "127.0.0.1" for each in held) == 3
    (mine,) = [each["id"] for each in held if each["address"] is None]
    other = next(each["id"] for each in held if each["id"] != mine)
    assert wulan("DELETE", f"/sessions/{other}").status_code == 204
    assert_problem(wulan("DELETE", f"/sessions/{other}"), NotFound)
    assert wulan("DELETE", "/sessions").get_json() == {"ended": 2}
    assert [each["id"] for each in wulan.get("/sessions").get_json()["items"]] == [mine]


def test_a_coordinator_sees_and_ends_the_sessions_of_those_whose_accounts_are_theirs(
    coordinator, as_role, assert_problem
):
    one, peer = as_role(Role.ENUMERATOR), as_role(Role.COORDINATOR, login="peer")
    path = f"/users/{one.user.id}/sessions"
    assert len(coordinator.get(path).get_json()["items"]) == 1
    assert coordinator("DELETE", path).get_json() == {"ended": 1}
    assert_problem(one.get("/sessions/current"), NotAuthenticated)
    assert_problem(coordinator.get(f"/users/{peer.user.id}/sessions"), NotAllowed)
    assert peer.get("/sessions/current").status_code == 200


def test_a_browser_gets_a_cookie_that_only_our_own_pages_can_use(app, make_user, assert_problem):
    make_user(Role.COORDINATOR, login="wulan")
    browser = app.test_client()
    secure = {"base_url": "https://localhost"}
    credentials = {"login": "wulan", "password": PASSWORD, "cookie": True}
    answer = browser.post("/api/v1/sessions", json=credentials, **secure)
    assert "token" not in answer.get_json()
    header = answer.headers["Set-Cookie"]
    assert header.startswith(f"{COOKIE}=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in header
    assert "Domain" not in header
    csrf = answer.get_json()["csrf"]
    assert browser.get("/api/v1/sessions/current", **secure).get_json()["csrf"] == csrf
    new = {"title": "九月", "region": "150625"}

    def post(**headers):
        return browser.post("/api/v1/rounds", json=new, headers=headers, **secure)

    assert_problem(post(), CrossSite)
    assert_problem(post(**{"X-CSRF-Token": "0" * 64}), CrossSite)
    for site in ("cross-site", "same-site"):
        assert_problem(post(**{"X-CSRF-Token": csrf, "Sec-Fetch-Site": site}), ForeignOrigin)
    assert post(**{"X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin"}).status_code == 201
    out = browser.delete("/api/v1/sessions/current", headers={"X-CSRF-Token": csrf}, **secure)
    assert out.status_code == 204
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert_problem(browser.get("/api/v1/sessions/current", **secure), NotAuthenticated)


def test_only_a_session_is_taken_from_a_cookie(app, phone, assert_problem):
    browser = app.test_client()
    browser.set_cookie(COOKIE, phone().token, secure=True)
    answer = browser.get("/api/v1/sessions/current", base_url="https://localhost")
    assert_problem(answer, NotAuthenticated)


def test_an_api_key_does_what_it_was_made_for_and_no_more_than_its_owner(
    wulan, nobody, clock, assert_problem
):
    ends = (clock.now() + timedelta(days=30)).isoformat()
    asked = {"name": "统计", "actions": ["users:read", "findings:read"], "expires_at": ends}
    made = wulan.post("/keys", asked).get_json()
    nobody.token = made["token"]
    assert nobody.get("/users").status_code == 200
    assert_problem(nobody.get("/households"), NotAllowed)
    assert_problem(nobody.get("/keys"), NotAllowed)
    listed = wulan.get("/keys").get_json()["items"]
    assert [(each["name"], each["actions"]) for each in listed] == [("统计", ["findings:read", "users:read"])]
    assert "token" not in listed[0]
    assert wulan("DELETE", f"/keys/{made['id']}").status_code == 204
    assert_problem(nobody.get("/users"), NotAuthenticated)


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"actions": ["users:write"]}, "/actions/0"),
        ({"actions": ["audit:read"]}, "/actions/0"),
        ({"expires_at": "2019-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2029-01-01T00:00:00Z"}, "/expires_at"),
    ],
)
def test_a_key_cannot_be_more_than_its_maker(wulan, assert_problem, change, at):
    asked = {"name": "x", "actions": ["policy:read"], "expires_at": "2020-10-01T00:00:00Z", **change}
    errors = assert_problem(wulan.post("/keys", asked), Unprocessable)["errors"]
    assert [error["at"] for error in errors] == [at]


def test_a_key_ends_on_its_day(wulan, nobody, clock, assert_problem):
    ends = (clock.now() + timedelta(days=1)).isoformat()
    asked = {"name": "x", "actions": ["policy:read"], "expires_at": ends}
    nobody.token = wulan.post("/keys", asked).get_json()["token"]
    clock.instant += timedelta(hours=23)
    assert nobody.get("/policy/units").status_code == 200
    clock.instant += timedelta(hours=1)
    assert_problem(nobody.get("/policy/units"), NotAuthenticated)


def test_one_changes_the_own_password_with_the_present_one(wulan, nobody, assert_problem):
    nobody.token = sign_in(nobody).get_json()["token"]
    path, wanted = "/sessions/current/password", "eleven wet stones"

    def change(present, password):
        return wulan("PUT", path, json={"present": present, "password": password})

    assert_problem(change("not it at all", wanted), BadCredentials)
    assert_problem(change(PASSWORD, PASSWORD), Unprocessable)
    assert_problem(change(PASSWORD, "password1234"), Unprocessable)
    assert change(PASSWORD, wanted).status_code == 204
    assert wulan.get("/users").status_code == 200
    assert_problem(nobody.get("/users"), NotAuthenticated)
    assert_problem(sign_in(nobody), BadCredentials)
    assert sign_in(nobody, password=wanted).status_code == 201


def test_a_reset_password_opens_nothing_but_its_own_change_within_a_week(
    coordinator, as_role, nobody, clock, assert_problem
):
    one = as_role(Role.SUPERVISOR, login="wulan")
    reset = coordinator.post(f"/users/{one.user.id}/reset")
    password = reset.get_json()["password"]
    assert_problem(one.get("/users"), NotAuthenticated)
    answer = sign_in(nobody, password=password)
    assert answer.get_json()["user"]["temporary"]
    nobody.token = answer.get_json()["token"]
    assert nobody.get("/sessions/current").status_code == 200
    for path in ("/users", "/sessions", "/households", "/policy/units"):
        assert_problem(nobody.get(path), PasswordChangeRequired)
    own = {"present": password, "password": "eleven wet stones"}
    assert nobody("PUT", "/sessions/current/password", json=own).status_code == 204
    assert nobody.get("/users").status_code == 200
    late = coordinator.post(f"/users/{one.user.id}/reset").get_json()["password"]
    clock.instant += timedelta(days=7)
    nobody.token = None
    assert_problem(sign_in(nobody, password=late), BadCredentials)


@pytest.mark.parametrize(
    "password",
    ["too short 1", "password1234", "qwertyuiop12", "aaaaaaaaaaaaaaaa", "woaini1314520",
     "wulan1wulan2",
     "Ruhu-2026-Ordos", "x" * 201],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_not_taken(wulan, assert_problem, password):
    body = {"present": PASSWORD, "password": password}
    errors = assert_problem(wulan("PUT", "/sessions/current/password", json=body), Unprocessable)["errors"]
    assert [error["at"] for error in errors] == ["/password"]


@pytest.mark.parametrize("login", ["wulan", "nobody-at-all"])
def test_after_five_failures_one_waits_longer_each_time_whether_the_login_exists_or_not(
    nobody, make_user, clock, assert_problem, login
):
    make_user(Role.VIEWER, login="wulan")
    waits = []
    for _ in range(5):
        assert_problem(sign_in(nobody, login, "wrong"), BadCredentials)
    for _ in range(4):
        told = assert_problem(sign_in(nobody, login, "wrong"), TooManyAttempts)
        waits.append(told["wait_s"])
        clock.instant += timedelta(seconds=told["wait_s"])
        assert_problem(sign_in(nobody, login, "wrong"), BadCredentials)
    assert waits == [2, 4, 8, 16]
    answer = sign_in(nobody, login)
    assert_problem(answer, TooManyAttempts)
    assert answer.headers["Retry-After"] == "32"


def test_no_wait_is_longer_than_a_quarter_of_an_hour_and_a_day_forgets(nobody, make_user, clock):
    make_user(Role.VIEWER, login="wulan")
    for _ in range(40):
        answer = sign_in(nobody, password="wrong")
        if answer.status_code == 429:
            assert answer.get_json()["wait_s"] <= 900
            clock.instant += timedelta(seconds=answer.get_json()["wait_s"])
    clock.instant += timedelta(minutes=15)
    assert sign_in(nobody).status_code == 201
    assert sign_in(nobody, password="wrong").status_code == 401


def test_who_is_attacked_from_everywhere_still_signs_in_from_the_usual_place(nobody, make_user):
    make_user(Role.VIEWER, login="wulan")
    home = {"environ_base": {"REMOTE_ADDR": "10.0.0.1"}}
    body = {"login": "wulan", "password": PASSWORD}
    assert nobody.post("/sessions", body, **home).status_code == 201
    for number in range(35):
        elsewhere = {"environ_base": {"REMOTE_ADDR": f"203.0.113.{number}"}}
        last = nobody.post("/sessions", {**body, "password": "wrong"}, **elsewhere)
    assert last.status_code == 429
    assert nobody.post("/sessions", body, environ_base={"REMOTE_ADDR": "198.51.100.1"}).status_code == 429
    assert nobody.post("/sessions", body, **home).status_code == 201


def test_who_tries_many_logins_from_one_place_waits_too(nobody):
    for number in range(50):
        assert sign_in(nobody, f"user{number}", "wrong").status_code == 401
    assert sign_in(nobody, "another", "wrong").status_code == 429


def test_codes_of_enrolment_cannot_be_tried_at_will(nobody, assert_problem):
    body = {"code": "AAAAA-AAAAA", "install": "01a20b38-4fa6-7527-be2a-227091d3f639"}
    for _ in range(10):
        assert_problem(nobody.post("/devices", body), BadEnrolmentCode)
    assert_problem(nobody.post("/devices", body), TooManyAttempts)


@pytest.fixture
def second(wulan, clock):
    """Return the authenticator and the recovery codes of a coordinator who turned the second factor on."""
    offer = wulan.post("/second-factor").get_json()
    assert offer["qr"].startswith("<svg")
    totp = pyotp.parse_uri(offer["uri"])
    codes = wulan("PUT", "/second-factor", json={"code": totp.at(clock.now())}).get_json()["recovery_codes"]
    clock.instant += timedelta(seconds=30)
    return totp, codes


def test_a_second_factor_is_asked_for_and_no_code_works_twice(second, wulan, nobody, clock, assert_problem):
    totp, _ = second
    assert_problem(sign_in(nobody), SecondFactorRequired)
    assert_problem(sign_in(nobody, password="wrong"), BadCredentials)
    code = totp.at(clock.now())
    assert_problem(sign_in(nobody, code="000000" if code != "000000" else "000001"), BadCredentials)
    assert sign_in(nobody, code=f"{code[:3]} {code[3:]}").status_code == 201
    assert_problem(sign_in(nobody, code=code), BadCredentials)
    clock.instant += timedelta(seconds=30)
    assert_problem(sign_in(nobody, code=code), BadCredentials)
    assert sign_in(nobody, code=totp.at(clock.now())).status_code == 201
    assert_problem(wulan.post("/second-factor"), Conflict)


def test_a_recovery_code_works_once_and_only_its_digest_is_kept(second, nobody, store, assert_problem):
    _, codes = second
    assert len(set(codes)) == 10
    kept = repr(list(store["users"].find()))
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    assert sign_in(nobody, code=codes[3].lower()).status_code == 201
    assert_problem(sign_in(nobody, code=codes[3]), BadCredentials)


@pytest.mark.usefixtures("second")
def test_guesses_at_the_second_factor_wait_like_guesses_at_the_password(nobody):
    told = [sign_in(nobody, code="12345x").status_code for _ in range(7)]
    assert told == [401] * 5 + [429] * 2


@pytest.mark.usefixtures("second")
def test_the_second_factor_is_taken_off_with_the_password_or_by_an_administrator(
    wulan, as_role, nobody, assert_problem
):
    assert_problem(wulan.post("/second-factor/off", {"password": "wrong"}), BadCredentials)
    administrator = as_role(Role.ADMINISTRATOR, "1506")
    path = f"/users/{wulan.user.id}"
    assert administrator.get(path).get_json()["second_factor"]
    assert administrator("DELETE", f"{path}/second-factor").status_code == 204
    assert sign_in(nobody).status_code == 201
    told = administrator.get(f"/audit?target=user/{wulan.user.id}&action=users:write").get_json()["items"]
    assert told[0]["detail"] == {"second_factor": "taken off"}
    assert told[0]["by"] == administrator.user.id


def test_secrets_of_an_account_are_in_no_answer(second, as_role):
    administrator = as_role(Role.ADMINISTRATOR, "1506")
    text = administrator.get("/users").get_data(as_text=True) + administrator.get("/audit").get_data(
        as_text=True
    )
    assert second[0].secret not in text
    assert "argon2" not in text


def test_the_trail_tells_who_from_which_session_and_address(wulan, as_role):
    made = wulan.post("/rounds", {"title": "九月", "region": "150625"}).get_json()["id"]
    administrator = as_role(Role.ADMINISTRATOR, "150625")
    (entry,) = administrator.get(f"/audit?target=round/{made}").get_json()["items"]
    assert (entry["by"], entry["address"]) == (wulan.user.id, "127.0.0.1")
    assert entry["session"] in [each["id"] for each in wulan.get("/sessions").get_json()["items"]]
    assert entry["link"] is None
    page = administrator.get("/audit?limit=1").get_json()
    second = administrator.get(f"/audit?limit=1&after={page['next']}").get_json()
    assert page["items"] != second["items"]


def test_a_login_that_does_not_exist_costs_the_same_work_and_gets_the_same_answer(
    nobody, make_user, monkeypatch, assert_problem
):
    make_user(Role.VIEWER, login="wulan")
    worked = []
    hasher = passwords._hasher

    class Counting:
        def verify(self, stored, password):
            worked.append(stored.rpartition("$")[0].rpartition("$")[0])  # the cost, without salt and hash
            return hasher.verify(stored, password)

        def __getattr__(self, name):
            return getattr(hasher, name)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    wrong = assert_problem(sign_in(nobody, "wulan", "wrong"), BadCredentials)
    unknown = assert_problem(sign_in(nobody, "nobody-at-all", "wrong"), BadCredentials)
    assert wrong == unknown
    assert worked == [worked[0]] * 2
