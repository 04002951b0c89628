"""Rounds and work lists over HTTP."""

import pytest

from core.principal import Role
from core.problems import (
    Conflict,
    NotAllowed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unprocessable,
)
from tests.api.test_forms import DRAFT


@pytest.fixture
def plan(coordinator, make_user):
    """Return the body of a work list in an open round."""
    coordinator.post("/forms", DRAFT)
    round_id = coordinator.post("/rounds", {"title": "九月", "region": "150625"}).get_json()["id"]
    user = make_user(Role.ENUMERATOR)
    return {
        "title": "一组",
        "round": round_id,
        "region": "150625",
        "forms": ["short"],
        "assignees": [user.id],
    }


def test_a_work_list_is_made_filled_changed_and_closed(coordinator, plan, register, assert_problem):
    household = register()
    made = coordinator.post("/worklists", {**plan, "due": "2020-09-30"})
    assert made.status_code == 201, made.get_data(as_text=True)
    path = f"/worklists/{made.get_json()['id']}"
    put = {"households": [household]}
    assert coordinator.post(f"{path}/households", put).get_json() == {"moved": 1}
    assert coordinator.post(f"{path}/households", put).get_json() == {"moved": 0}
    assert coordinator.get(f"{path}/households").get_json()["items"] == [household]
    tag = {"If-Match": coordinator.get(path).headers["ETag"]}
    assert_problem(coordinator.patch(path, {"title": "x"}), PreconditionRequired)
    changed = coordinator.patch(path, {"title": "二组", "due": "2020-10-07"}, headers=tag)
    assert (changed.get_json()["title"], changed.get_json()["due"]) == ("二组", "2020-10-07")
    assert_problem(coordinator.patch(path, {"title": "x"}, headers=tag), PreconditionFailed)
    assert coordinator("DELETE", f"{path}/households/{household}").status_code == 204
    assert_problem(coordinator("DELETE", f"{path}/households/{household}"), NotFound)
    assert coordinator.post(f"{path}/close").get_json()["state"] == "closed"
    assert_problem(coordinator.post(f"{path}/households", put), Conflict)
    assert len(coordinator.get("/worklists").get_json()["items"]) == 1


def test_a_round_is_closed_and_opened_again(coordinator, plan, assert_problem):
    path = f"/rounds/{plan['round']}"
    assert coordinator.post(f"{path}/close").get_json()["state"] == "closed"
    assert_problem(coordinator.post("/worklists", plan), Conflict)
    again = coordinator.post(f"{path}/reopen").get_json()
    assert (again["state"], again["released"]) == ("open", 0)
    assert coordinator.get(path).get_json()["title"] == "九月"
    assert len(coordinator.get("/rounds").get_json()["items"]) == 1


def test_a_work_list_names_what_there_is(coordinator, plan, make_user, assert_problem):
    stranger = make_user(Role.ENUMERATOR, "150626")
    wrong = {**plan, "forms": ["none"], "assignees": [stranger.id]}
    errors = assert_problem(coordinator.post("/worklists", wrong), Unprocessable)["errors"]
    assert [error["at"] for error in errors] == ["/forms/0", "/assignees/0"]
    assert_problem(coordinator.post("/worklists", {**plan, "round": "none"}), NotFound)
    assert_problem(coordinator.post("/worklists", {**plan, "region": "150626"}), NotAllowed)
    made = coordinator.post("/worklists", plan).get_json()["id"]
    assert_problem(coordinator.post(f"/worklists/{made}/households", {"households": ["none"]}), NotFound)
    many = {"households": ["x"] * 10_001}
    assert_problem(coordinator.post(f"/worklists/{made}/households", many), Unprocessable)


def test_an_enumerator_reads_the_plan_and_changes_nothing(as_role, coordinator, plan, assert_problem):
    coordinator.post("/worklists", plan)
    one = as_role(Role.ENUMERATOR, login="another")
    assert len(one.get("/worklists").get_json()["items"]) == 1
    assert_problem(one.post("/worklists", plan), NotAllowed)
    assert_problem(one.post("/rounds", {"title": "x", "region": "150625"}), NotAllowed)
    assert_problem(as_role(Role.COORDINATOR, "150626").get(f"/rounds/{plan['round']}"), NotFound)
