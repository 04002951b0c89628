"""The exchange over HTTP: bad input of every kind costs nothing but itself, and never gives a 5xx."""

import gzip
import json

import pytest

from core.ids import uuid7
from core.principal import Role
from core.problems import (
    BadCursor,
    Conflict,
    DeviceRevoked,
    MalformedRequest,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooLarge,
    Unprocessable,
    UnsupportedMediaType,
)
from sync.settle import settle
from tests.api.builders import exchange, interview_body, op
from tests.api.test_forms import DRAFT

ONE_PAGE = 1_000_000  # bytes that hold every row, so that nothing comes in a second page


@pytest.fixture
def form(coordinator):
    return coordinator.post("/forms", DRAFT).get_json()["sha256"]


def one_result(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (result,) = answer.get_json()["results"]
    return result


def test_an_interview_is_stored_once_however_often_it_is_sent(phone, register, form):
    caller, sent = phone(), op(1, "interview", interview_body(register(), form, {"site": "锡尼镇"}))
    first = exchange(caller, sent).get_json()
    assert [result["status"] for result in first["results"]] == ["stored"]
    assert first["have"] == [[1, 1]]
    assert one_result(exchange(caller, sent))["status"] == "duplicate"


def test_answers_that_violate_the_form_are_stored_with_their_issues(phone, register, form):
    body = interview_body(register(), form, {"site": 5, "more": [1]})
    result = one_result(exchange(phone(), op(1, "interview", body)))
    assert result["status"] == "stored"
    assert result["issues"]


def test_what_names_something_unknown_waits_in_quarantine(phone, register):
    caller = phone()
    unknown_form = op(1, "interview", interview_body(register(), "0" * 64, {}))
    assert one_result(exchange(caller, unknown_form))["status"] == "quarantined"
    unknown_household = op(2, "visit", {"household": uuid7(), "round": None, "outcome": "nobody_home"})
    assert one_result(exchange(caller, unknown_household))["status"] == "quarantined"


def test_a_household_of_another_banner_is_refused(phone, register, form):
    body = interview_body(register(), form, {})
    result = one_result(exchange(phone(region="150626"), op(1, "interview", body)))
    assert (result["status"], result["code"]) == ("rejected", "not-permitted")


ODD = {
    "keys with a dollar, dots and NUL": '{"$where":"1","a.b":1,"\\u0000":2}',
    "half of a surrogate pair": '{"site":"\\ud800"}',
    "a key with half of a surrogate pair": '{"\\ud800":1}',
    "an integer beyond 64 bits": f'{{"site":{2**70}}}',
    "a number beyond a double": '{"site":1e999}',
    "200 levels": '{"site":' + "[" * 200 + "]" * 200 + "}",
    "30,000 levels": '{"site":' + "[" * 30_000 + "]" * 30_000 + "}",
    "answers that are no object": "[]",
    "no answers": "null",
}


@pytest.mark.parametrize("answers", ODD.values(), ids=ODD.keys())
def test_one_odd_op_among_good_ones_costs_nothing_but_itself(phone, register, form, answers):
    caller, household = phone(), register()
    good = [op(n, "interview", interview_body(household, form, {})) for n in (1, 2)]
    install = caller.get("/sessions/current").get_json()["device"]["install"]
    odd = op(3, "interview", interview_body(household, form, {"MARK": 1}))
    text = json.dumps(
        {"v": 1, "install": install, "app": "1", "cursor": None, "ops": [good[0], odd, good[1]]}
    )
    raw = text.replace('{"MARK": 1}', answers).encode()
    response = caller("POST", "/sync", data=raw, content_type="application/json")
    if response.status_code == 400:  # the whole text is no JSON
        assert response.get_json()["type"].endswith("malformed-request")
        return
    statuses = [result["status"] for result in response.get_json()["results"]]
    assert statuses[::2] == ["stored", "stored"]
    assert statuses[1] in {"stored", "rejected"}


@pytest.mark.parametrize(
    "bad", [None, 5, "x", [], {}, {"id": "x"}, {"id": uuid7(), "n": -1}, {"kind": {"$ne": 1}}]
)
def test_what_is_no_op_is_rejected_by_itself(phone, register, form, bad):
    caller, good = phone(), op(1, "interview", interview_body(register(), form, {}))
    results = exchange(caller, bad, good).get_json()["results"]
    assert [result["status"] for result in results] == ["rejected", "stored"]


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"install": "x"},
        {"install": None},
        {"cursor": 5},
        {"ops": {}},
        {"ops": "x"},
        {"max_bytes": -1},
        {"clock": 5},
        {"outbox": []},
    ],
)
def test_an_envelope_of_the_wrong_form_is_unprocessable(phone, assert_problem, change):
    assert assert_problem(exchange(phone(), **change), Unprocessable)["errors"]


def test_ten_thousand_ops_are_too_many(phone, assert_problem):
    assert "limit" in assert_problem(exchange(phone(), *[{}] * 10_000), TooLarge)


def test_a_forged_cursor_is_refused(phone, assert_problem):
    for cursor in ("c1.x", "x", "c1." + "A" * 400, "\x00"):
        assert_problem(exchange(phone(), cursor=cursor), BadCursor)


def test_what_cannot_be_read_is_told_as_such(phone, nobody, assert_problem):
    caller = phone()
    assert_problem(caller("POST", "/sync", data=b"{", content_type="application/json"), MalformedRequest)
    assert_problem(caller("POST", "/sync", data=b"\xff", content_type="application/json"), MalformedRequest)
    nan = b'{"v":1,"clock":{"wall":NaN}}'
    assert_problem(caller("POST", "/sync", data=nan, content_type="application/json"), MalformedRequest)
    assert_problem(caller("POST", "/sync", data=b"{}", content_type="text/plain"), UnsupportedMediaType)
    assert_problem(nobody.post("/sync", {}), NotAuthenticated)


def test_only_a_phone_exchanges(as_role, assert_problem):
    assert_problem(as_role(Role.ENUMERATOR, login="desk").post("/sync", {}), NotAllowed)
    assert_problem(as_role(Role.VIEWER).post("/sync", {}), NotAllowed)


def test_a_retired_phone_pushes_into_quarantine_and_a_stolen_one_is_refused(
    phone, coordinator, register, form, assert_problem
):
    caller, body = phone(), interview_body(register(), form, {})
    install = caller.get("/sessions/current").get_json()["device"]["install"]
    request = {"v": 1, "install": install, "app": "1", "cursor": None, "ops": [op(1, "interview", body)]}
    for state in ("retired", "stolen"):
        device = coordinator.get("/devices").get_json()["items"][0]
        tag = {"If-Match": f'"{device["version"]}"'}
        coordinator.patch(f"/devices/{device['id']}", {"state": state}, headers=tag)
        answer = caller.post("/sync", request)
        if state == "retired":
            assert one_result(answer)["status"] == "quarantined"
            assert answer.get_json()["wipe"] is True
        else:
            assert_problem(answer, DeviceRevoked)


def test_an_exchange_without_news_is_304_and_costs_two_reads(phone, store):
    caller = phone()
    cursor = exchange(caller).get_json()["cursor"]
    install = caller.get("/sessions/current").get_json()["device"]["install"]
    request = {"v": 1, "install": install, "app": "1.0.0", "cursor": cursor, "ops": []}
    tag = {"If-None-Match": f'"{cursor}"'}
    assert caller.post("/sync", request, headers=tag).status_code == 304
    store.db.command("profile", 2)
    answer = caller.post("/sync", request, headers=tag)
    store.db.command("profile", 0)
    assert (answer.status_code, answer.data) == (304, b"")
    profile = list(store.db["system.profile"].find())
    done = [
        (each["op"], each["ns"])
        for each in profile
        if each["op"] != "command" or "aggregate" in each["command"]
    ]
    assert len(done) <= 2, done
    assert {kind for kind, _ in done} <= {"query", "command"}, done
    plain = caller.post("/sync", request)
    assert plain.status_code == 200
    assert len(plain.data) <= 300


def test_a_long_answer_is_packed(phone, register, form):
    caller, household = phone(), register()
    ops = [op(n, "interview", interview_body(household, form, {})) for n in range(1, 21)]
    answer = exchange(caller, *ops, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(answer.data))["results"]) == 20


def test_an_interview_is_returned_for_correction_and_its_enumerator_is_told(  # noqa: PLR0913 - fixtures
    phone, register, form, coordinator, services, as_role, assert_problem
):
    caller, household = phone(), register()
    body = interview_body(household, form, {"site": "锡尼镇"})
    first = op(1, "interview", body)
    exchange(caller, first)
    settle(services)
    path = f"/interviews/{first['id']}/return"
    assert_problem(coordinator.post(path, {"reason": "  "}), Unprocessable)
    assert_problem(as_role(Role.COORDINATOR, "150626").post(path, {"reason": "年龄不对"}), NotFound)
    assert_problem(as_role(Role.VIEWER).post(path, {"reason": "年龄不对"}), NotAllowed)
    assert coordinator.post(path, {"reason": "年龄不对，请再问"}).status_code == 201
    settle(services)
    shown = coordinator.get(f"/interviews/{first['id']}").get_json()
    assert (shown["state"], shown["returned"]["reason"]) == ("head", "年龄不对，请再问")
    rows = dict(row[1:] for row in exchange(caller, max_bytes=ONE_PAGE).get_json()["rows"])
    put, row = rows[f"interview/{body['interview']}"]
    assert (put, row["state"], row["returned"]["reason"]) == ("put", "head", "年龄不对，请再问")
    again = body | {"revision": uuid7(), "parent": body["revision"], "answers": {"site": "安居"}}
    exchange(caller, op(2, "interview", again))
    settle(services)
    rows = dict(row[1:] for row in exchange(caller, max_bytes=ONE_PAGE).get_json()["rows"])
    assert "returned" not in rows[f"interview/{body['interview']}"][1]
    assert_problem(coordinator.post(path, {"reason": "年龄不对"}), Conflict)
