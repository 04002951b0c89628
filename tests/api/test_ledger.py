"""Households, interviews and ops over HTTP, and who sees them."""

import pytest

from core.ids import uuid7
from core.principal import Role
from core.problems import NotAllowed, NotFound, PreconditionFailed, PreconditionRequired, Unprocessable
from sync.settle import settle
from tests.api.builders import exchange, interview_body, op, roster_row
from tests.api.test_forms import DRAFT


def correction(value="敖其尔", base="乌兰", path=("person", "p1"), fact="name"):
    return {
        "changes": [{"path": list(path), "fact": fact, "base": base, "value": value}],
        "reason": "身份证核对",
    }


@pytest.fixture
def interviewed(coordinator, phone, register, services):
    """Return a household, its interview's op id, and the phone that sent it."""
    household, one = register(), phone()
    form = coordinator.post("/forms", DRAFT).get_json()["sha256"]
    sent = op(1, "interview", interview_body(household, form, {"site": "电话13812345678"}))
    assert exchange(one, sent).get_json()["results"][0]["status"] == "stored"
    settle(services)
    return household, sent["id"], one


def test_a_registered_household_is_read_with_its_persons_and_spells_and_masked(coordinator, register):
    household = register()
    answer = coordinator.get(f"/households/{household}")
    text, body = answer.get_data(as_text=True), answer.get_json()
    assert answer.headers["ETag"] == f'"{body["version"]}"'
    assert "15062519800302123X" not in text
    assert "13812345678" not in text
    person = body["persons"][0]
    assert person["facts"]["resident_id"]["value"] == "150625********123X"
    assert person["facts"]["phone"]["value"] == "138****5678"
    assert person["facts"]["birth_date"]["value"] == "1980-03-02"
    medical = next(track for track in person["tracks"] if track["kind"] == "insurance.medical")
    assert medical["covered"] == [["2019-01-01", "2020-03-31"]]
    assert medical["absent"] == [["2020-04-01", "2020-09-01"]]
    assert medical["spells"][0]["fields"]["scheme"] == "emp"
    again = coordinator.get(f"/households/{household}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_households_are_found_by_region_site_and_number(coordinator, register):
    first, second = register(registry_no="H1"), register(registry_no="H2", region="150625101")
    assert {item["id"] for item in coordinator.get("/households").get_json()["items"]} == {first, second}
    for query, wanted in (("region=150625101", {second}), ("registry_no=H1", {first}), ("site=none", set())):
        items = coordinator.get(f"/households?{query}").get_json()["items"]
        assert {item["id"] for item in items} == wanted
    assert items == []
    page = coordinator.get("/households?limit=1").get_json()
    rest = coordinator.get(f"/households?limit=1&after={page['next']}").get_json()
    assert [page["items"][0]["id"], rest["items"][0]["id"]] == sorted([first, second])
    assert rest["next"] is None


def test_a_household_that_is_registered_twice_is_one(register):
    assert register(name="乌兰") == register(name="乌兰图雅")


def test_a_correction_is_an_op_on_the_state_that_was_read(coordinator, register, services, assert_problem):
    household = register()
    path = f"/households/{household}"
    tag = {"If-Match": coordinator.get(path).headers["ETag"]}
    assert_problem(coordinator.post(f"{path}/corrections", correction()), PreconditionRequired)
    assert_problem(
        coordinator.post(f"{path}/corrections", correction(), headers={"If-Match": '"99"'}),
        PreconditionFailed,
    )
    answer = coordinator.post(f"{path}/corrections", correction(), headers=tag)
    assert answer.status_code == 201
    settle(services)
    name = coordinator.get(path).get_json()["persons"][0]["facts"]["name"]
    assert (name["value"], name["said"]["op"], name["said"]["grade"]) == (
        "敖其尔",
        answer.get_json()["op"],
        4,
    )
    assert_problem(coordinator.post(f"{path}/corrections", correction(), headers=tag), PreconditionFailed)
    told = coordinator.get(answer.headers["Location"].removeprefix("/api/v1")).get_json()
    assert (told["kind"], told["status"], told["settled"]) == ("correction", "settled", True)


@pytest.mark.parametrize(
    "body",
    [
        {"changes": [], "reason": "x"},
        {"changes": [{"fact": "name"}], "reason": "x"},
        {**correction(), "reason": ""},
        correction(path=("person", "nobody")),
        correction(path=("person",)),
        correction(path=("spell", "p1")),
        correction(value=2**64),
        {**correction(), "changes": "x"},
    ],
)
def test_a_correction_that_is_none_is_told_where(coordinator, register, assert_problem, body):
    path = f"/households/{register()}"
    tag = {"If-Match": coordinator.get(path).headers["ETag"]}
    assert assert_problem(coordinator.post(f"{path}/corrections", body, headers=tag), Unprocessable)["errors"]


@pytest.mark.parametrize(
    "change",
    [
        {"region": "1506"},
        {"region": "15062５"},
        {"registry_no": ""},
        {"row": {"entity": "person"}},
        {"row": {**roster_row(), "rows": [{"key": "p1"}]}},
        {"row": {**roster_row(), "rows": [{"entity": "person", "key": "p1", "facts": 5}]}},
        {"row": {**roster_row(), "rows": ["x"]}},
        {"row": []},
    ],
)
def test_a_row_of_the_register_that_is_none_is_told(coordinator, assert_problem, change):
    body = {"registry_no": "H1", "region": "150625", "row": roster_row(), **change}
    assert_problem(coordinator.post("/households", body), Unprocessable)


def test_nobody_registers_in_a_foreign_banner(coordinator, as_role, assert_problem):
    body = {"registry_no": "H1", "region": "150626", "row": roster_row()}
    assert_problem(coordinator.post("/households", body), NotAllowed)
    assert_problem(as_role(Role.OFFICER).post("/households", {**body, "region": "150625"}), NotAllowed)


def test_an_interview_is_read_with_its_answers_masked(coordinator, interviewed):
    household, op_id, one = interviewed
    body = coordinator.get(f"/interviews/{op_id}").get_json()
    assert body["answers"] == {"site": "电话138****5678"}
    assert (body["household"], body["state"], body["user"]) == (household, "head", one.user.id)
    for query in (
        f"household={household}",
        f"user={one.user.id}",
        f"household={household}&user={one.user.id}",
    ):
        items = coordinator.get(f"/interviews?{query}").get_json()["items"]
        assert [item["op"] for item in items] == [op_id]
    assert coordinator.get(f"/interviews?household={household}&round=r9").get_json()["items"] == []


def test_interviews_are_listed_newest_first_page_by_page(coordinator, interviewed, clock):
    household, first, one = interviewed
    form = coordinator.get("/forms").get_json()["items"][0]["sha256"]
    sent = [first]
    for n in (2, 3):
        clock.instant = clock.instant.replace(minute=n)
        more = op(n, "interview", interview_body(household, form, {}))
        exchange(one, more)
        sent.append(more["id"])
    for whose in (f"household={household}", f"user={one.user.id}"):
        seen, after = [], ""
        while after is not None:
            page = coordinator.get(f"/interviews?{whose}&limit=2{after and '&after=' + after}").get_json()
            seen += [(item["op"], item["state"]) for item in page["items"]]
            after = page["next"]
        assert [op_id for op_id, _ in seen] == sent[::-1]
        assert [state for _, state in seen] == ["pending", "pending", "head"]


def test_who_looks_for_interviews_says_whose(coordinator, assert_problem):
    assert_problem(coordinator.get("/interviews"), Unprocessable)
    assert_problem(coordinator.get("/interviews?round=r1"), Unprocessable)
    assert_problem(coordinator.get("/interviews?household=none"), NotFound)
    assert_problem(coordinator.get("/interviews?user=none"), NotFound)


def test_the_sender_of_an_op_is_told_what_became_of_it_and_a_stranger_is_not(
    interviewed, phone, assert_problem
):
    _, op_id, one = interviewed
    assert one.get(f"/ops/{op_id}").get_json()["status"] == "settled"
    assert_problem(phone().get(f"/ops/{op_id}"), NotFound)
    assert_problem(one.get(f"/ops/{uuid7()}"), NotFound)


def test_the_neighbouring_banner_sees_none_of_it(interviewed, as_role, assert_problem):
    household, op_id, one = interviewed
    neighbour = as_role(Role.COORDINATOR, "150626")
    for path in ("/households", "/findings", "/worklists", "/rounds", "/devices"):
        assert neighbour.get(path).get_json()["items"] == []
    for path in ("/households", "/findings"):
        assert_problem(neighbour.get(f"{path}?region=150625"), NotAllowed)
        assert_problem(neighbour.get(f"{path}?region=1506"), NotAllowed)
    hidden = (
        f"/households/{household}",
        f"/interviews/{op_id}",
        f"/interviews?household={household}",
        f"/interviews?user={one.user.id}",
        f"/ops/{op_id}",
        f"/users/{one.user.id}",
    )
    for path in hidden:
        assert_problem(neighbour.get(path), NotFound)
    tag = {"If-Match": '"1"'}
    assert_problem(
        neighbour.post(f"/households/{household}/corrections", correction(), headers=tag), NotFound
    )


def test_the_city_sees_every_banner_and_a_sumu_only_its_own(register, as_role):
    near, far = register(region="150625101"), register(region="150626", registry_no="H2")
    city, sumu = as_role(Role.VIEWER, "1506"), as_role(Role.VIEWER, "150625102")
    assert {item["id"] for item in city.get("/households").get_json()["items"]} == {near, far}
    assert sumu.get("/households").get_json()["items"] == []
