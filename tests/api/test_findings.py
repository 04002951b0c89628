"""Findings over HTTP: listed, read in words, replied to."""

from datetime import timedelta

import pytest

from core.principal import Role
from core.problems import (
    BadTransition,
    NotAllowed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unprocessable,
)
from sync.settle import settle


@pytest.fixture
def lapse(register, coordinator):
    """Return the lapse of medical cover of a registered household, as the list shows it."""
    register()
    items = coordinator.get("/findings?rule=insurance/lapse").get_json()["items"]
    assert len(items) == 1
    return items[0]


def reply(caller, finding, body, tag=None):
    path = f"/findings/{finding['id']}"
    tag = tag or caller.get(path).headers["ETag"]
    return caller.post(f"{path}/replies", body, headers={"If-Match": tag})


def test_a_finding_says_who_what_and_by_when_in_the_language_asked_for(coordinator, lapse):
    path = f"/findings/{lapse['id']}"
    chinese = coordinator.get(path).get_json()
    assert chinese["message"]["language"] == "zh-Hans"
    assert "乌兰" in chinese["message"]["text"]
    assert chinese["clause"] == "三(三)"
    assert chinese["days"] == ["2020-04-01", None]
    assert {"acknowledge", "dismiss", "comment"} <= set(chinese["allowed"])
    english = coordinator.get(path, headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert english.get_json()["message"]["language"] == "en"
    assert english.get_json()["message"]["text"] != chinese["message"]["text"]
    assert coordinator.get(f"{path}?lang=en").get_json()["message"] == english.get_json()["message"]
    for wanted in ("zh-CN", "mn", "zh-Hans-CN, en;q=0.5"):
        told = coordinator.get(path, headers={"Accept-Language": wanted}).get_json()
        assert told["message"]["language"] == "zh-Hans"
    tag = english.headers["ETag"]
    assert coordinator.get(f"{path}?lang=en", headers={"If-None-Match": tag}).status_code == 304
    assert coordinator.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_findings_are_filtered(coordinator, lapse, clock, assert_problem):
    unit, household = lapse["unit"], lapse["household"]
    found = (
        "",
        f"unit={unit}",
        "state=open",
        f"severity={lapse['severity']}",
        f"household={household}",
        "region=150625",
    )
    for query in found:
        items = coordinator.get(f"/findings?rule=insurance/lapse&{query}").get_json()["items"]
        assert [item["id"] for item in items] == [lapse["id"]]
    for query in ("unit=education", "state=acted", "severity=minor", "household=x", "overdue=true"):
        assert coordinator.get(f"/findings?rule=insurance/lapse&{query}").get_json()["items"] == []
    clock.instant += timedelta(hours=11)
    clock.instant = clock.instant.replace(year=2021)
    fresh = coordinator.client.post(
        "/api/v1/sessions", json={"login": coordinator.user.login, "password": "correct horse 4"}
    )
    coordinator.token = fresh.get_json()["token"]
    items = coordinator.get("/findings?rule=insurance/lapse&overdue=true").get_json()["items"]
    assert [item["id"] for item in items] == [lapse["id"]]
    for query in ("state=gone", "severity=x", "lang=fr", "overdue=perhaps", "after=W10"):
        assert_problem(coordinator.get(f"/findings?{query}"), Unprocessable)


def test_findings_are_paged_by_deadline(coordinator, register):
    for number in range(3):
        register(registry_no=f"H{number}")
    everything = coordinator.get("/findings?limit=200").get_json()["items"]
    seen, after = [], ""
    while after is not None:
        page = coordinator.get(f"/findings?limit=2{after and '&after=' + after}").get_json()
        seen, after = seen + page["items"], page["next"]
    assert seen == everything
    assert [item["due"] for item in seen] == sorted(item["due"] for item in seen)


def test_a_reply_is_an_op_and_moves_the_finding_when_it_is_settled(lapse, as_role, services, assert_problem):
    officer = as_role(Role.OFFICER, unit=lapse["unit"])
    tag = officer.get(f"/findings/{lapse['id']}").headers["ETag"]
    answer = reply(officer, lapse, {"action": "act", "note": "已电话13812345678联系"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/ops/{answer.get_json()['op']}"
    settle(services)
    after = officer.get(f"/findings/{lapse['id']}").get_json()
    assert after["state"] == "acted"
    event = next(event for event in after["history"] if event["op"] == answer.get_json()["op"])
    assert (event["by"], event["why"], event["note"]) == (officer.user.id, "act", "已电话138****5678联系")
    assert_problem(reply(officer, lapse, {"action": "comment"}, tag), PreconditionFailed)
    told = assert_problem(reply(officer, lapse, {"action": "acknowledge"}), BadTransition)
    assert "verify" in told["allowed"]


def test_a_reply_that_does_not_fit_is_refused(coordinator, lapse, as_role, assert_problem):
    path = f"/findings/{lapse['id']}/replies"
    assert_problem(coordinator.post(path, {"action": "act"}), PreconditionRequired)
    for body in (
        {"action": "dismiss"},
        {"action": "dismiss", "reason": "  "},
        {"action": "forget"},
        {},
        {"action": 1},
    ):
        assert_problem(reply(coordinator, lapse, body), Unprocessable)
    viewer = as_role(Role.VIEWER)
    assert_problem(reply(viewer, lapse, {"action": "act"}), NotAllowed)
    assert_problem(coordinator.post("/findings/none/replies", {"action": "act"}), NotFound)


def test_an_officer_sees_the_findings_of_the_own_unit_only(lapse, as_role, assert_problem):
    other = as_role(Role.OFFICER, unit="education")
    assert lapse["unit"] != "education"
    assert other.get("/findings?rule=insurance/lapse").get_json()["items"] == []
    assert_problem(other.get(f"/findings/{lapse['id']}"), NotFound)
    neighbour = as_role(Role.OFFICER, "150626", unit=lapse["unit"])
    assert_problem(neighbour.get(f"/findings/{lapse['id']}"), NotFound)
    body = {"action": "act"}
    assert_problem(
        neighbour.post(f"/findings/{lapse['id']}/replies", body, headers={"If-Match": '"x"'}), NotFound
    )


def test_an_officer_who_asks_for_another_unit_is_told_no_and_not_shown_the_own_instead(
    as_role, lapse, assert_problem
):
    officer = as_role(Role.OFFICER, unit="education")
    assert lapse["unit"] != "education"
    assert_problem(officer.get(f"/findings?unit={lapse['unit']}"), NotAllowed)
    assert officer.get("/findings?unit=education").status_code == 200
