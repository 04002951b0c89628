"""News and webhooks over HTTP."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from core.principal import Role
from core.problems import NotAllowed, NotFound, Unprocessable
from sync.follow.day import escalate
from sync.notify.deliver import deliver
from sync.services import Services

UNIT = "medical_insurance"


@pytest.fixture
def services(store, clock):
    return Services.build(store, clock, webhook_networks=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def officer(as_role):
    return as_role(Role.OFFICER, unit=UNIT)


def news(caller):
    return caller.get("/notifications?limit=200").get_json()


def test_an_officer_hears_of_the_units_cases_and_marks_what_was_read(
    register, officer, clock, assert_problem
):
    register(registry_no="H1")
    clock.instant += timedelta(minutes=1)
    register(registry_no="H2")
    heard = news(officer)
    assert [each["kind"] for each in heard["items"]] == ["case-opened", "case-opened"]
    assert heard["unread"] == 2
    newest, oldest = heard["items"]
    assert newest["at"] > oldest["at"]
    assert newest["case"] in {each["id"] for each in officer.get("/cases").get_json()["items"]}
    assert officer.post("/notifications/read", {"up_to": oldest["id"]}).status_code == 204
    assert [each["read"] for each in news(officer)["items"]] == [False, True]
    assert news(officer)["unread"] == 1
    assert officer.post("/notifications/read", {"up_to": newest["id"]}).status_code == 204
    assert officer.post("/notifications/read", {"up_to": oldest["id"]}).status_code == 204
    assert news(officer)["unread"] == 0
    assert_problem(officer.post("/notifications/read", {"up_to": "no-such"}), NotFound)
    page = officer.get("/notifications?limit=1").get_json()
    following = officer.get(f"/notifications?limit=1&after={page['next']}").get_json()
    assert [page["items"][0]["id"], following["items"][0]["id"]] == [newest["id"], oldest["id"]]


def test_nobody_hears_what_is_meant_for_others(  # noqa: PLR0913 - one fixture for each who might hear
    register, officer, as_role, services, clock, assert_problem
):
    register()
    (case,) = officer.get("/cases").get_json()["items"]
    officer.post(f"/cases/{case['id']}/assign", {"owner": officer.user.id})
    supervisor = as_role(Role.SUPERVISOR)
    others = [
        as_role(Role.OFFICER, unit="forestry", login="other"),
        as_role(Role.OFFICER, "150626", unit=UNIT),
        as_role(Role.SUPERVISOR, "150626"),
        as_role(Role.VIEWER),
        as_role(Role.ENUMERATOR),
    ]
    assert {each["kind"] for each in news(officer)["items"]} == {"case-opened", "case-assigned"}
    assert news(supervisor)["items"] == []
    for other in others:
        assert news(other)["items"] == []
        mine = news(officer)["items"][0]["id"]
        assert_problem(other.post("/notifications/read", {"up_to": mine}), NotFound)
    day = clock.now().date() + timedelta(days=60)
    assert escalate(services, day) > 0
    assert {each["step"] for each in news(supervisor)["items"]} == {"supervisor"}
    assert all(news(other)["items"] == [] for other in others)
    found = officer.get(f"/cases/{case['id']}").get_json()
    assert found["told"] == ["supervisor", "banner", "city"]
    steps = [entry["step"] for entry in found["history"] if entry["kind"] == "escalated"]
    assert steps == ["supervisor", "banner", "city"]


def test_an_administrator_makes_a_webhook_whose_secret_is_shown_once(
    as_role, register, services, assert_problem
):
    administrator = as_role(Role.ADMINISTRATOR)
    body = {"url": "http://127.0.0.1:9/", "region": "150625", "kinds": ["case-opened"], "unit": UNIT}
    made = administrator.post("/webhooks", body)
    assert made.status_code == 201, made.get_data(as_text=True)
    webhook, secret = made.get_json(), made.get_json()["secret"]
    path = f"/webhooks/{webhook['id']}"
    assert made.headers["Location"] == f"/api/v1{path}"
    for answer in (administrator.get("/webhooks"), administrator.get(path)):
        assert secret not in answer.get_data(as_text=True)
        assert webhook["id"] in answer.get_data(as_text=True)
    register()
    deliver(services, 5)
    assert administrator.get(path).get_json()["waiting"] == 1
    (waiting,) = administrator.get(f"{path}/deliveries?state=waiting").get_json()["items"]
    assert (waiting["tries"], waiting["last"]["error"], waiting["kind"]) == (1, "connection", "case-opened")
    services.store["deliveries"].update_one({}, {"$set": {"state": "dead"}})
    assert administrator.get(f"{path}/deliveries").get_json()["items"][0]["state"] == "dead"
    assert administrator.post(f"{path}/redrive").get_json() == {"redriven": 1}
    assert administrator("DELETE", path).status_code == 204
    assert_problem(administrator.get(path), NotFound)
    trail = administrator.get("/audit?limit=200").get_json()["items"]
    assert [each["action"] for each in trail].count("webhooks:write") == 3


def test_a_webhook_that_leads_where_it_must_not_is_refused(as_role, assert_problem):
    administrator = as_role(Role.ADMINISTRATOR)
    for url in ("https://10.0.0.1/", "http://1.1.1.1/", "ftp://x", "https://169.254.169.254/", "x" * 600):
        told = assert_problem(
            administrator.post("/webhooks", {"url": url, "region": "150625"}), Unprocessable
        )
        assert told["errors"][0]["at"] == "/url"
    good = {"url": "http://127.0.0.1:9/", "region": "150625"}
    assert_problem(administrator.post("/webhooks", good | {"unit": "nobody"}), Unprocessable)
    assert_problem(administrator.post("/webhooks", good | {"kinds": ["x"]}), Unprocessable)
    assert_problem(administrator.post("/webhooks", good | {"region": "150626"}), NotAllowed)
    assert_problem(as_role(Role.COORDINATOR).get("/webhooks"), NotAllowed)


def test_a_cooperating_unit_hears_of_what_it_can_help_with_apart_from_its_own(register, officer, as_role):
    helper = as_role(Role.OFFICER, unit="civil_affairs", login="helper")
    elsewhere = as_role(Role.OFFICER, "150626", unit="civil_affairs", login="helper-elsewhere")
    register()
    (case,) = officer.get("/cases").get_json()["items"]
    heard = [each for each in news(helper)["items"] if each["case"] == case["id"]]
    assert [(each["kind"], each["role"], each["unit"]) for each in heard] == [
        ("case-opened", "cooperating", UNIT)
    ]
    assert "civil_affairs" in heard[0]["cooperating"]
    assert officer.post(f"/cases/{case['id']}/comments", {"text": "请民政协助"}).status_code == 201
    assert officer.post(f"/cases/{case['id']}/assign", {"owner": officer.user.id}).status_code == 200
    kinds = [each["kind"] for each in news(helper)["items"] if each["case"] == case["id"]]
    assert kinds == ["case-commented", "case-opened"], (
        "whose the case is within its unit is that unit's affair"
    )
    assert {each["role"] for each in news(officer)["items"] if each["case"] == case["id"]} == {"responsible"}
    assert news(elsewhere)["items"] == []
    apart = {
        part: helper.get(f"/notifications?role={part}&limit=200").get_json()["items"]
        for part in ("cooperating", "responsible")
    }
    assert {each["unit"] for each in apart["responsible"]} <= {"civil_affairs"}
    assert "civil_affairs" not in {each["unit"] for each in apart["cooperating"]}
    assert len(apart["cooperating"]) + len(apart["responsible"]) == len(news(helper)["items"])


def test_a_webhook_of_a_unit_is_told_where_the_unit_cooperates(register, officer, services, store, as_role):
    administrator = as_role(Role.ADMINISTRATOR, "1506", login="administrator-of-city")
    body = {"url": "https://8.8.8.8/hook", "unit": "civil_affairs", "region": "1506"}
    assert administrator.post("/webhooks", body).status_code == 201
    register()
    (case,) = officer.get("/cases").get_json()["items"]
    deliver(services, 0.01)
    told = [each["told"] for each in store["deliveries"].find({"told.case": case["id"]})]
    assert [(each["kind"], each["unit"]) for each in told] == [("case-opened", UNIT)]
    assert "civil_affairs" in told[0]["cooperating"]
