"""Full values: sought by the whole number, unmasked with a reason, and always in the trail."""

import pytest

from core.principal import Role
from core.problems import NotAllowed, NotFound, Unprocessable
from sync.settle import settle
from tests.api.builders import exchange, interview_body, op
from tests.api.test_forms import DRAFT

NUMBER, PHONE = "15062519800302123X", "13812345678"


@pytest.fixture
def interviewed(coordinator, phone, register, services):
    household, one = register(), phone()
    form = coordinator.post("/forms", DRAFT).get_json()["sha256"]
    sent = op(1, "interview", interview_body(household, form, {"site": f"电话{PHONE}"}))
    assert exchange(one, sent).get_json()["results"][0]["status"] == "stored"
    settle(services)
    return household, sent["id"]


def trail(store):
    return list(store["audit"].find({"action": {"$regex": "unmask|search"}}).sort("_id", 1))


def test_facts_are_unmasked_with_a_reason_and_the_trail_tells_who_and_why_but_not_what(
    coordinator, register, store
):
    household = register()
    fields = ["/persons/p1/facts/resident_id", "/persons/p1/facts/phone", "/persons/p1/spells/s1/scheme"]
    answer = coordinator.post(
        f"/households/{household}/unmask", {"fields": fields, "reason": f"call back {PHONE}"}
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["values"] == dict(zip(fields, [NUMBER, PHONE, "emp"], strict=True))
    (entry,) = trail(store)
    assert (entry["action"], entry["target"]) == ("households:unmask", f"household/{household}")
    assert entry["by"] == coordinator.user.id
    assert entry["detail"] == {"fields": fields, "reason": "call back 138****5678"}
    assert NUMBER not in str(entry)


def test_answers_are_unmasked_with_a_reason(coordinator, interviewed, store):
    _, op_id = interviewed
    assert PHONE not in coordinator.get(f"/interviews/{op_id}").get_data(as_text=True)
    answer = coordinator.post(f"/interviews/{op_id}/unmask", {"fields": ["/site"], "reason": "核对电话号码"})
    assert answer.get_json()["values"] == {"/site": f"电话{PHONE}"}
    (entry,) = trail(store)
    assert entry["detail"] == {"fields": ["/site"], "reason": "核对电话号码"}
    assert entry["region"] == "150625"


def test_nothing_is_unmasked_without_a_reason_for_a_wrong_field_or_outside_the_region(
    as_role, coordinator, interviewed, store, assert_problem
):
    household, op_id = interviewed
    good = {"fields": ["/site"], "reason": "to call back"}
    for body in (
        {"fields": ["/site"]},
        {"fields": ["/site"], "reason": "    "},
        {"fields": [], "reason": "to call back"},
        {"fields": ["/site", "/nothing"], "reason": "to call back"},
        {"fields": ["site"], "reason": "to call back"},
    ):
        assert_problem(coordinator.post(f"/interviews/{op_id}/unmask", body), Unprocessable)
    away = as_role(Role.COORDINATOR, "150626")
    assert_problem(away.post(f"/interviews/{op_id}/unmask", good), NotFound)
    assert_problem(away.post(f"/households/{household}/unmask", good), NotFound)
    for role in (Role.VIEWER, Role.ENUMERATOR):
        assert_problem(as_role(role).post(f"/interviews/{op_id}/unmask", good), NotAllowed)
        assert_problem(
            as_role(role, login=f"{role}-2").post(f"/households/{household}/unmask", good), NotAllowed
        )
    assert trail(store) == []


def test_households_are_sought_by_a_whole_number_in_ones_region(
    as_role, coordinator, register, store, assert_problem
):
    first, second = register(registry_no="H1"), register(registry_no="H2")
    elsewhere = register(registry_no="H3", region="150626")
    for body in ({"resident_id": "150625 19800302 123x"}, {"phone": "+86 138-1234-5678"}):
        answer = coordinator.post("/households/search", body)
        assert {each["id"] for each in answer.get_json()["items"]} == {first, second}
    found = as_role(Role.VIEWER, "150626").post("/households/search", {"resident_id": NUMBER})
    assert [each["id"] for each in found.get_json()["items"]] == [elsewhere]
    assert coordinator.post("/households/search", {"phone": "13812345679"}).get_json()["items"] == []
    for body in ({}, {"phone": PHONE, "resident_id": NUMBER}, {"phone": "     "}):
        assert_problem(coordinator.post("/households/search", body), Unprocessable)
    told = trail(store)
    assert len(told) == 4
    assert told[0]["detail"]["by"] == "resident_id"
    assert NUMBER not in str(told)
    assert PHONE not in str(told)


def test_the_search_uses_an_index(store, register):
    register()
    query = {"region": {"$gte": "150625", "$lt": "150625\uffff"}, "fingerprints": "phone:0"}
    plan = str(store["households"].find(query).sort("_id", 1).explain()["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in plan
