"""A banner decides who gets which findings; the decision is part of the policy that judges."""

from datetime import timedelta

import pytest

from api.cli.people import OPERATOR
from core.clock import day_of
from core.principal import Role
from core.problems import (
    NotAllowed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unprocessable,
)
from forms.op import OpKind
from sync.office import Submission, submit_many
from sync.rebuild import check
from sync.services import Services
from sync.settle import settle, settle_due
from tests.api.builders import roster_row

MEDICAL = {
    "rule": "insurance/*",
    "where": {"branch": "medical"},
    "unit": "hrss",
    "reason": "旗内由人社经办医保",
}


@pytest.fixture
def administrator(as_role):
    return as_role(Role.ADMINISTRATOR, "1506")


def put(caller, region, *routes, tag=None):
    tag = tag or caller.get(f"/routing/{region}").headers["ETag"]
    return caller("PUT", f"/routing/{region}", json={"routes": list(routes)}, headers={"If-Match": tag})


def units(services):
    """Return the units of live cases by household's region."""
    found = services.store["cases"].find({"state": {"$ne": "closed"}, "rules": "insurance/lapse"})
    return {(each["region"], each["unit"]) for each in found}


def days_pass(services, clock):
    settle_due(services, day_of(clock.now()))


def test_a_banner_sends_medical_flags_to_another_unit_and_takes_it_back(
    administrator, register, services, clock, as_role
):
    register(registry_no="H1", region="150625101201")
    register(registry_no="H2", region="150626101201")
    here, there = ("150625101201", "medical_insurance"), ("150626101201", "medical_insurance")
    assert units(services) == {here, there}
    answer = put(administrator, "150625", MEDICAL)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    days_pass(services, clock)
    assert units(services) == {("150625101201", "hrss"), there}
    officer = as_role(Role.OFFICER, unit="hrss")
    (case,) = officer.get("/cases").get_json()["items"]
    assert officer.post(f"/cases/{case['id']}/actions", {"action": "act"}).status_code == 201
    settle(services)
    assert as_role(Role.OFFICER, unit="medical_insurance", login="mi").get("/cases").get_json()["items"] == []
    assert check(services).differing == []
    assert put(administrator, "150625").status_code == 200
    days_pass(services, clock)
    assert units(services) == {here, there}
    assert check(services).differing == []
    (acted,) = services.store["cases"].find({"region": "150625101201", "unit": "medical_insurance"})
    assert acted["state"] == "acted", "what was done stays done, whoever's it is"


def judged_by(services):
    """Return by which policy each entry was judged, by its region."""
    return {each["region"]: each["policy"] for each in services.store["households"].find()}


def test_only_what_is_or_was_in_the_region_is_judged_anew(administrator, register, services, clock):
    moved = register(registry_no="H1", region="150625101201")
    register(registry_no="H2", region="150625101202")
    register(registry_no="H3", region="150626101201")
    clock.instant += timedelta(minutes=1)
    row = {"household": moved, "region": "150627101201", "row": roster_row()}
    submit_many(services, OPERATOR, [Submission(OpKind.REGISTRY, row)], clock.now())
    settle(services)
    before = services.engine.policy.version
    assert judged_by(services) == dict.fromkeys(("150627101201", "150625101202", "150626101201"), before)
    assert put(administrator, "150625", MEDICAL).status_code == 200
    after = services.engine.policy.version
    assert judged_by(services) == {
        "150627101201": before,
        "150625101202": before,
        "150626101201": after,
    }
    assert settle_due(services, day_of(clock.now())).households == 2
    assert set(judged_by(services).values()) == {after}
    assert check(services).differing == []
    assert put(administrator, "150625").status_code == 200
    assert settle_due(services, day_of(clock.now())).households == 2
    assert check(services).differing == []


def test_two_regions_changed_at_once_are_both_judged_by_what_holds_then(
    administrator, register, services, clock
):
    for number, region in enumerate(("150625101201", "150626101201", "150627101201")):
        register(registry_no=f"H{number}", region=region)
    put(administrator, "150625", MEDICAL)
    put(administrator, "150626", MEDICAL)
    days_pass(services, clock)
    assert units(services) == {
        ("150625101201", "hrss"),
        ("150626101201", "hrss"),
        ("150627101201", "medical_insurance"),
    }
    assert set(judged_by(services).values()) == {services.engine.policy.version}
    assert check(services).differing == []


def test_a_process_that_does_not_know_yet_is_made_up_for(administrator, register, services, store, clock):
    register(region="150625101201")
    late = Services.build(store, clock)
    late.engine  # noqa: B018 - it has read the routing, and reads it again in twenty seconds
    put(administrator, "150625", MEDICAL)
    days_pass(services, clock)
    assert {unit for _, unit in units(services)} == {"hrss"}
    days_pass(late, clock)
    assert {unit for _, unit in units(services)} == {"medical_insurance"}
    days_pass(services, clock)
    assert {unit for _, unit in units(services)} == {"hrss"}
    assert store["meta"].find_one({"_id": "policy"}) is None, "not remembered as done within two minutes"
    clock.instant += timedelta(minutes=3)
    late.routed.forget()
    days_pass(late, clock)
    assert store["meta"].find_one({"_id": "policy"})["value"] == services.engine.policy.version
    assert check(services).differing == []


def test_routes_are_listed_in_the_order_in_which_they_are_asked(administrator, as_role, services):
    before = administrator.get("/routing").get_json()
    assert before["version"] == services.shipped.policy.version
    assert all(each["shipped"] for each in before["items"])
    assert {each["unit"] for each in before["items"] if each["where"] == {"branch": "medical"}} == {
        "medical_insurance"
    }
    put(administrator, "150625", MEDICAL)
    after = as_role(Role.VIEWER, "150626").get("/routing").get_json()
    assert after["version"] != before["version"]
    first = after["items"][0]
    assert (first["region"], first["unit"], first["shipped"]) == ("150625", "hrss", False)
    assert after["items"][1:] == before["items"]
    assert administrator.get("/routing/150625").get_json() == {"routes": [MEDICAL]}
    assert administrator.get("/routing/150626").get_json() == {"routes": []}


def test_who_changes_routing_shows_what_was_read_and_covers_the_region(
    administrator, as_role, assert_problem
):
    tag = administrator.get("/routing/150625").headers["ETag"]
    assert put(administrator, "150625", MEDICAL, tag=tag).headers["ETag"] != tag
    assert_problem(put(administrator, "150625", tag=tag), PreconditionFailed)
    assert_problem(administrator("PUT", "/routing/150625", json={"routes": []}), PreconditionRequired)
    assert_problem(put(as_role(Role.COORDINATOR), "150626", tag='"0"'), NotAllowed)
    assert_problem(put(as_role(Role.COORDINATOR, login="banner-c"), "1506", tag='"0"'), NotAllowed)
    assert_problem(put(as_role(Role.SUPERVISOR), "150625", tag='"0"'), NotAllowed)
    for region in ("15062", "banner", "15062510120"):
        assert_problem(administrator.get(f"/routing/{region}"), NotFound)
    for wrong, at in (
        ({"unit": "nobody"}, "/routes/0/unit"),
        ({"rule": "insurance/no-such"}, "/routes/0/rule"),
    ):
        told = assert_problem(put(administrator, "150625", MEDICAL | wrong), Unprocessable)
        assert told["errors"][0]["at"] == at
    assert_problem(put(administrator, "150625", MEDICAL | {"reason": ""}), Unprocessable)
    trail = administrator.get("/audit?action=routing:write").get_json()["items"]
    assert len(trail) == 1
    assert trail[0]["detail"]["after"][0]["unit"] == "hrss"
