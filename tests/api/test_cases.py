"""Cases over HTTP: the work list, one history, and what an office does."""

from datetime import timedelta

import pytest

from core.principal import Role
from core.problems import BadTransition, NotAllowed, NotFound, Unprocessable
from sync.rebuild import check
from sync.settle import settle
from tests.api.builders import exchange, interview_body, op
from tests.api.test_forms import DRAFT

UNIT = "medical_insurance"
PHOTO = "sha-256:" + "ab" * 32


@pytest.fixture
def officer(as_role):
    return as_role(Role.OFFICER, unit=UNIT)


@pytest.fixture
def case(register, officer):
    """Return the case of the medical insurance bureau of a registered household, as its officer sees it."""
    register()
    (found,) = officer.get("/cases").get_json()["items"]
    return found


def whole(caller, case):
    answer = caller.get(f"/cases/{case['id']}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_a_work_list_tells_whose_what_and_by_when(case, officer):
    assert case["unit"] == UNIT
    assert case["state"] == "open"
    assert (case["about"]["registry_no"], case["about"]["head"]) == ("H1", "乌兰")
    assert case["owner"] is None
    assert "insurance/lapse" in case["rules"]
    found = whole(officer, case)
    assert [named["clause"] for named in found["clauses"]] == ["三(三)"]
    assert found["clauses"][0]["responsible"] == ["hrss", "banner"]
    assert found["clauses"][0]["cooperating"] == [
        "development_reform",
        "poverty_alleviation",
        "civil_affairs",
    ]
    assert {finding["rule"] for finding in found["findings"]} >= set(case["rules"])
    assert found["due"] == min(finding["due"] for finding in found["findings"])
    assert all(finding["message"]["title"] for finding in found["findings"])
    assert {entry["why"] for entry in found["history"]} == {"opened"}


def test_the_list_is_filtered_and_paged(register, officer, as_role, clock, assert_problem):
    for number in range(5):
        register(registry_no=f"H{number}")
    everything = officer.get("/cases").get_json()["items"]
    assert len(everything) == 5
    assert [each["due"] for each in everything] == sorted(each["due"] for each in everything)
    seen, after = [], ""
    while after is not None:
        page = officer.get(f"/cases?limit=2{after and '&after=' + after}").get_json()
        seen, after = seen + page["items"], page["next"]
    assert seen == everything
    for query, count in (
        (f"unit={UNIT}", 5),
        ("region=150625", 5),
        ("region=15062", 5),
        ("state=open", 5),
        ("state=closed", 0),
        ("state=acted", 0),
        ("overdue=true", 0),
        ("owner=none", 5),
        ("owner=me", 0),
        ("severity=critical", 0),
        ("severity=major", 5),
    ):
        caller = officer if query != "region=15062" else as_role(Role.COORDINATOR, "1506", login="city")
        items = caller.get(f"/cases?unit={UNIT}&{query}").get_json()["items"]
        assert len(items) == count, query
    for query in ("state=dismissed", "severity=x", "overdue=perhaps", "after=W10"):
        assert_problem(officer.get(f"/cases?{query}"), Unprocessable)
    assert_problem(officer.get("/cases?unit=education"), NotAllowed)
    assert_problem(officer.get("/cases?region=150626"), NotAllowed)
    clock.instant += timedelta(days=60)
    assert len(renewed(officer).get("/cases?overdue=true").get_json()["items"]) == 5
    assert all(each["overdue"] for each in officer.get("/cases").get_json()["items"])


def renewed(caller):
    """Sign a caller in again, after days have passed."""
    login = {"login": caller.user.login, "password": "correct horse 4"}
    caller.token = caller.client.post("/api/v1/sessions", json=login).get_json()["token"]
    return caller


def test_nobody_sees_a_case_of_another_unit_or_region(case, as_role, assert_problem):
    for outside in (
        as_role(Role.OFFICER, unit="education", login="other-unit"),
        as_role(Role.OFFICER, "150626", unit=UNIT),
        as_role(Role.COORDINATOR, "150626"),
    ):
        assert outside.get("/cases").get_json()["items"] == []
        assert outside.get("/cases/summary").get_json()["rows"] == []
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/owners", None),
            ("POST", "/assign", {"owner": None}),
            ("POST", "/actions", {"action": "act"}),
            ("POST", "/comments", {"text": "看看"}),
        ):
            told = {"json": body} if body is not None else {}
            assert_problem(outside(method, f"/cases/{case['id']}{path}", **told), NotFound)
    assert_problem(as_role(Role.VIEWER).post(f"/cases/{case['id']}/comments", {"text": "x"}), NotAllowed)
    assert_problem(as_role(Role.ENUMERATOR).get("/cases"), NotAllowed)


def test_a_case_is_given_to_an_officer_of_its_unit_and_region(
    case, officer, as_role, coordinator, assert_problem
):
    path = f"/cases/{case['id']}"
    colleague = as_role(Role.OFFICER, "1506", unit=UNIT, login="city-officer").user
    strangers = [
        as_role(Role.OFFICER, unit="education", login="stranger-a").user,
        as_role(Role.OFFICER, "150626", unit=UNIT, login="stranger-b").user,
        as_role(Role.OFFICER, "150625201", unit=UNIT, login="stranger-c").user,
        coordinator.user,
    ]
    owners = officer.get(f"{path}/owners").get_json()["items"]
    assert {each["id"] for each in owners} == {officer.user.id, colleague.id}
    for stranger in [*strangers, None]:
        body = {"owner": stranger.id if stranger else "nobody-at-all"}
        told = assert_problem(officer.post(f"{path}/assign", body), Unprocessable)
        assert told["errors"][0]["at"] == "/owner"
    answer = officer.post(f"{path}/assign", {"owner": colleague.id})
    assert answer.get_json()["owner"] == {"id": colleague.id, "name": "乌兰"}
    assert coordinator.post(f"{path}/assign", {"owner": officer.user.id}).status_code == 200
    assert [each["id"] for each in officer.get("/cases?owner=me").get_json()["items"]] == [case["id"]]
    assert officer.get("/cases?owner=none").get_json()["items"] == []
    assigned = [entry for entry in whole(officer, case)["history"] if entry["kind"] == "assigned"]
    assert [entry["owner"]["id"] for entry in assigned] == [colleague.id, officer.user.id]
    assert [entry["by"] for entry in assigned] == [officer.user.id, coordinator.user.id]
    assert coordinator.post(f"{path}/assign", {"owner": None}).get_json()["owner"] is None


def test_acting_replies_to_every_finding_that_allows_it_and_a_visit_verifies(
    case, officer, services, assert_problem
):
    path = f"/cases/{case['id']}"
    acted = officer.post(f"{path}/actions", {"action": "act", "note": "电话13812345678", "evidence": [PHOTO]})
    assert acted.status_code == 201, acted.get_data(as_text=True)
    ops = acted.get_json()["ops"]
    pending = [entry for entry in whole(officer, case)["history"] if entry["pending"]]
    assert [entry["op"] for entry in pending] == ops
    assert services.log.get(ops[0]).blobs == ("ab" * 32,)
    settle(services)
    found = whole(officer, case)
    assert (found["state"], found["overdue"]) == ("acted", False)
    assert found["next_step"] is None
    told = [entry for entry in found["history"] if entry["op"] in ops]
    assert {(entry["kind"], entry["why"], entry["state"]) for entry in told} == {("reply", "act", "acted")}
    assert told[0]["note"] == "电话138****5678"
    assert told[0]["evidence"] == [PHOTO]
    assert not any(entry["pending"] or entry["phone"] for entry in told)
    assert_problem(officer.post(f"{path}/actions", {"action": "verify"}), Unprocessable)
    body = {"action": "verify", "evidence": ["参保证明2020-88"]}
    assert officer.post(f"{path}/actions", body).status_code == 201
    settle(services)
    found = whole(officer, case)
    assert (found["state"], found["live"]) == ("closed", 0)
    assert officer.get("/cases").get_json()["items"] == []
    assert [each["id"] for each in officer.get("/cases?state=closed").get_json()["items"]] == [case["id"]]
    assert check(services).differing == []


def test_only_findings_of_the_case_are_acted_upon_and_only_as_they_allow(
    case, officer, services, assert_problem
):
    path = f"/cases/{case['id']}/actions"
    finding = whole(officer, case)["findings"][0]["id"]
    assert_problem(officer.post(path, {"action": "act", "findings": ["another"]}), NotFound)
    told = assert_problem(officer.post(path, {"action": "reopen", "findings": [finding]}), BadTransition)
    assert "act" in told["allowed"]
    assert_problem(officer.post(path, {"action": "reopen"}), BadTransition)
    assert_problem(officer.post(path, {"action": "dismiss", "reason": " "}), Unprocessable)
    assert_problem(officer.post(path, {"action": "forget"}), Unprocessable)
    assert len(officer.post(path, {"action": "acknowledge", "findings": [finding]}).get_json()["ops"]) == 1
    settle(services)
    states = {each["id"]: each["state"] for each in whole(officer, case)["findings"]}
    assert states.pop(finding) == "acknowledged"
    assert set(states.values()) <= {"open"}


def test_the_enumerators_reply_and_visits_are_part_of_the_history(
    case, officer, phone, coordinator, services
):
    finding = whole(officer, case)["findings"][0]["id"]
    household = case["about"]["id"]
    coordinator.post("/forms", DRAFT)
    form = services.forms.latest()[0].sha256
    fielder = phone()
    sent = exchange(
        fielder,
        op(
            1,
            "reply",
            {"household": household, "finding": finding, "action": "comment", "note": "户主说已缴费"},
        ),
        op(2, "visit", {"household": household, "round": None, "outcome": "nobody_home"}),
        op(3, "interview", interview_body(household, form, {"site": "锡尼镇"})),
    )
    assert {result["status"] for result in sent.get_json()["results"]} == {"stored"}
    settle(services)
    history = whole(officer, case)["history"]
    from_phone = [entry for entry in history if entry["phone"]]
    assert {entry["kind"] for entry in from_phone} == {"reply", "visit", "interview"}
    said = next(entry for entry in from_phone if entry["kind"] == "reply")
    assert (said["note"], said["by"], said["name"]) == ("户主说已缴费", fielder.user.id, "乌兰")
    assert next(entry for entry in from_phone if entry["kind"] == "visit")["why"] == "nobody_home"
    assert [entry["at"] for entry in history] == sorted(entry["at"] for entry in history)


def test_a_comment_changes_nothing_and_is_sealed_in_the_database(case, officer, store, assert_problem):
    path = f"/cases/{case['id']}"
    answer = officer.post(f"{path}/comments", {"text": "家中老人住院，电话13912345678"})
    assert answer.status_code == 201
    for text in ("", "  ", "\n"):
        assert_problem(officer.post(f"{path}/comments", {"text": text}), Unprocessable)
    found = whole(officer, case)
    assert found["state"] == "open"
    (said,) = [entry for entry in found["history"] if entry["kind"] == "comment"]
    assert (said["note"], said["by"]) == ("家中老人住院，电话139****5678", officer.user.id)
    kept = store["case_events"].find_one({"_id": answer.get_json()["id"]})
    assert "老人" not in str(kept)
    assert "老人".encode() not in bytes(kept["text"])
    assert "老人" not in str(store["audit"].find_one({"action": "cases:write"}))


def test_a_bad_item_does_not_take_its_batch_with_it(register, officer, services, assert_problem):
    for number in range(3):
        register(registry_no=f"H{number}")
    ids = [each["id"] for each in officer.get("/cases").get_json()["items"]]
    answer = officer.post(
        "/cases/bulk", {"action": "assign", "cases": [*ids[:2], "no-such", ids[0]], "owner": officer.user.id}
    )
    results = answer.get_json()["results"]
    assert [(each["case"], each["status"]) for each in results] == [
        (ids[0], "done"), (ids[1], "done"), ("no-such", "failed")
    ]  # fmt: skip
    assert results[2]["problem"]["type"] == "urn:ruhu:problem:not-found"
    assert {each["id"] for each in officer.get("/cases?owner=me").get_json()["items"]} == set(ids[:2])
    body = {"action": "act", "cases": ids, "note": "统一办理", "evidence": ["医保局工单12"]}
    assert {each["status"] for each in officer.post("/cases/bulk", body).get_json()["results"]} == {"done"}
    settle(services)
    again = officer.post("/cases/bulk", {"action": "acknowledge", "cases": ids}).get_json()["results"]
    assert {each["problem"]["type"] for each in again} == {"urn:ruhu:problem:bad-transition"}
    for wrong in ({"action": "verify", "cases": ids}, {"action": "act", "cases": []}, {"action": "act"}):
        assert_problem(officer.post("/cases/bulk", wrong), Unprocessable)


def test_figures_are_by_unit_and_part_of_the_region(register, officer, as_role, services, clock):
    register(registry_no="H1", region="150625101201")
    register(registry_no="H2", region="150625101202")
    register(registry_no="H3", region="150625102201")
    register(registry_no="H4", region="150626101201")
    (first, *_) = officer.get("/cases").get_json()["items"]
    officer.post(f"/cases/{first['id']}/assign", {"owner": officer.user.id})
    officer.post(f"/cases/{first['id']}/actions", {"action": "act"})
    settle(services)
    rows = officer.get("/cases/summary").get_json()["rows"]
    assert {row["unit"] for row in rows} == {UNIT}
    assert {row["region"]: row["open"] + row["acted"] for row in rows} == {"150625101": 2, "150625102": 1}
    assert sum(row["acted"] for row in rows) == 1
    assert sum(row["unowned"] for row in rows) == 2
    city = as_role(Role.COORDINATOR, "1506", login="city")
    rows = city.get(f"/cases/summary?unit={UNIT}").get_json()["rows"]
    assert {row["region"]: row["open"] + row["acted"] for row in rows} == {"150625": 3, "150626": 1}
    clock.instant += timedelta(days=60)
    rows = renewed(officer).get("/cases/summary?region=150625").get_json()["rows"]
    assert sum(row["overdue"] for row in rows) == 2


def test_a_case_that_closed_opens_again_with_the_reason(case, officer, services):
    path = f"/cases/{case['id']}"
    body = {"action": "dismiss", "reason": "已另行处理"}
    assert officer.post(f"{path}/actions", body).status_code == 201
    settle(services)
    assert whole(officer, case)["state"] == "closed"
    assert officer.post(f"{path}/actions", {"action": "reopen", "note": "仍未参保"}).status_code == 201
    settle(services)
    found = whole(officer, case)
    assert found["state"] == "open"
    assert {entry["why"] for entry in found["history"]} >= {"opened", "dismiss", "reopen"}
    assert "仍未参保" in {entry["note"] for entry in found["history"]}


def test_a_site_has_cases_too(coordinator, services):
    facts = {"name": "一号点", "population": 200, "kind": "village", "body": "5"}
    about = {"entity": "site", "facts": facts, "rows": []}
    coordinator.post("/sites", {"id": "site:xini-1", "region": "150625100", "row": about})
    settle(services)
    found = coordinator.get("/cases").get_json()["items"]
    assert {each["about"]["id"] for each in found} == {"site:xini-1"}
    assert {(each["about"]["kind"], each["about"]["name"]) for each in found} == {("site", "一号点")}
    shown = whole(coordinator, found[0])
    assert shown["findings"][0]["message"]["text"]
    acted = coordinator.post(f"/cases/{found[0]['id']}/actions", {"action": "act", "evidence": ["验收单"]})
    assert acted.status_code == 201
    settle(services)
    assert whole(coordinator, found[0])["state"] == "acted"
    assert check(services).differing == []


HELPER = "civil_affairs"


@pytest.fixture
def helper(as_role):
    """Return an officer of a unit that clause 三(三) names as cooperating."""
    return as_role(Role.OFFICER, unit=HELPER, login="helper")


def cases_that_help(caller, query=""):
    return caller.get(f"/cases?role=cooperating{query}").get_json()["items"]


def test_a_cooperating_unit_reads_and_comments_and_does_not_decide(
    case, officer, helper, services, assert_problem
):
    assert HELPER in case["cooperating"]
    assert case["id"] not in [each["id"] for each in helper.get("/cases").get_json()["items"]]
    (found,) = [each for each in cases_that_help(helper) if each["id"] == case["id"]]
    assert (found["unit"], found["due"], found["about"]) == (UNIT, case["due"], case["about"])
    read = whole(helper, case)
    assert (read["role"], whole(officer, case)["role"]) == ("cooperating", "responsible")
    assert read["findings"]
    assert all(finding["allowed"] == [] for finding in read["findings"])
    answer = helper.post(f"/cases/{case['id']}/comments", {"text": "低保家庭，参保费可以代缴"})
    assert answer.status_code == 201
    comments = [entry for entry in whole(officer, case)["history"] if entry["kind"] == "comment"]
    assert [(entry["by"], entry["note"]) for entry in comments] == [
        (helper.user.id, "低保家庭，参保费可以代缴")
    ]
    path = f"/cases/{case['id']}"
    assert_problem(helper.get(f"{path}/owners"), NotAllowed)
    assert_problem(helper.post(f"{path}/assign", {"owner": helper.user.id}), NotAllowed)
    for action in ("acknowledge", "act", "verify", "dismiss", "reopen"):
        body = {"action": action, "reason": "x", "evidence": [PHOTO]}
        assert_problem(helper.post(f"{path}/actions", body), NotAllowed)
    told = helper.post("/cases/bulk", {"action": "act", "cases": [case["id"]]}).get_json()["results"]
    assert told[0]["problem"]["type"].endswith("not-allowed")
    assert services.log.pending(limit=10) == [], "nothing went into the log"


def test_a_cooperating_unit_sees_the_case_and_no_more_of_the_household(
    case, officer, helper, as_role, assert_problem
):
    household = case["about"]["id"]
    assert officer.get(f"/households/{household}").status_code == 200
    (finding, *_) = whole(helper, case)["findings"]
    for path in (
        f"/households/{household}",
        f"/findings/{finding['id']}",
        f"/households/{household}/interviews",
    ):
        assert helper.get(path).status_code == 404, path
    body = {"action": "act"}
    assert_problem(helper.post(f"/findings/{finding['id']}/replies", body), NotFound)
    elsewhere = as_role(Role.OFFICER, "150626", unit=HELPER, login="helper-elsewhere")
    assert cases_that_help(elsewhere) == []
    assert_problem(elsewhere.get(f"/cases/{case['id']}"), NotFound)
    assert_problem(elsewhere.post(f"/cases/{case['id']}/comments", {"text": "x"}), NotFound)
    stranger = as_role(Role.OFFICER, unit="forestry", login="stranger")
    assert case["id"] not in [each["id"] for each in cases_that_help(stranger)]
    assert_problem(stranger.get(f"/cases/{case['id']}"), NotFound)


def test_of_each_case_a_unit_sees_what_rests_on_clauses_that_name_it(
    register, coordinator, as_role, services
):
    register()
    policy = services.engine.policy
    everything = coordinator.get("/cases?limit=200").get_json()["items"]
    units = sorted({unit for each in everything for unit in each["cooperating"]})
    assert len(units) > 2
    for unit in units:
        caller = as_role(Role.OFFICER, unit=unit, login=f"of-{unit}")
        found = {each["id"]: each for each in cases_that_help(caller, "&limit=200")}
        assert found.keys() == {each["id"] for each in everything if unit in each["cooperating"]}
        of_unit = coordinator.get(f"/cases?role=cooperating&unit={unit}&limit=200").get_json()["items"]
        assert [each["id"] for each in of_unit] == list(found)
        for each in everything:
            if each["id"] not in found:
                continue
            findings = whole(coordinator, each)["findings"]
            mine = [f for f in findings if unit in policy.clauses[f["clause"]].cooperating]
            assert [f["id"] for f in whole(caller, each)["findings"]] == [f["id"] for f in mine]
            assert found[each["id"]]["rules"] == sorted({f["rule"] for f in mine})


def test_who_asks_where_a_unit_cooperates_says_which(register, coordinator, helper, assert_problem):
    register()
    told = assert_problem(coordinator.get("/cases?role=cooperating"), Unprocessable)
    assert told["errors"][0]["at"] == "/unit"
    assert_problem(coordinator.get("/cases/summary?role=cooperating"), Unprocessable)
    assert_problem(coordinator.get("/cases?role=helping"), Unprocessable)
    assert_problem(helper.get("/cases?role=cooperating&unit=education"), NotAllowed)
    rows = helper.get("/cases/summary?role=cooperating").get_json()["rows"]
    assert sum(row["open"] for row in rows) == len(cases_that_help(helper, "&limit=200"))
    assert HELPER not in {row["unit"] for row in rows}
    assert rows == coordinator.get(f"/cases/summary?role=cooperating&unit={HELPER}").get_json()["rows"]


def test_who_cooperates_is_derived_as_the_case_is(register, helper, store, services):
    register()
    store["cases"].update_many({}, {"$set": {"cooperating": []}})
    assert cases_that_help(helper) == []
    assert check(services).differing, "a rebuild sees that it is not what the findings make"
