"""Sites, banners and records over HTTP."""

import pytest

from core.principal import Role
from core.problems import NotFound, PreconditionRequired, Unprocessable
from sync.settle import settle

SITE = "site:xini-1"


def row(**more):
    return {"entity": "site", "facts": {"name": "一号点", "population": 1200}, "rows": [], **more}


@pytest.fixture
def site(coordinator, services):
    road = {"entity": "record:infrastructure", "key": "r", "facts": {"item": "road", "status": "4"}}
    body = {"id": SITE, "region": "150625100", "row": row(rows=[road])}
    answer = coordinator.post("/sites", body)
    assert (answer.status_code, answer.get_json()["household"]) == (201, SITE)
    settle(services)
    return SITE


def corrected(value, path=(), fact="population", base=None):
    return {"changes": [{"path": list(path), "fact": fact, "base": base, "value": value}], "reason": "核实"}


def test_a_site_is_registered_read_listed_and_corrected(coordinator, services, site):
    answer = coordinator.get(f"/sites/{site}")
    body = answer.get_json()
    assert (body["kind"], body["facts"]["name"]["value"]) == ("site", "一号点")
    (road,) = body["records"]
    assert (road["kind"], road["id"], road["facts"]["status"]["value"]) == ("infrastructure", "r", "4")
    assert [item["name"] for item in coordinator.get("/sites").get_json()["items"]] == ["一号点"]
    assert coordinator.get("/sites?kind=banner").get_json()["items"] == []
    path = ["record", "infrastructure", "r"]
    change = corrected("3", path, "status", "4")
    tag = {"If-Match": answer.headers["ETag"]}
    assert coordinator.post(f"/sites/{site}/corrections", change, headers=tag).status_code == 201
    settle(services)
    (road,) = coordinator.get(f"/sites/{site}").get_json()["records"]
    assert road["facts"]["status"]["value"] == "3"
    assert [past["value"] for past in road["facts"]["status"]["history"]] == ["4", "3"]
    assert coordinator.get(f"/findings?household={site}").status_code == 200
    assert coordinator.get(f"/interviews?household={site}").get_json()["items"] == []


def test_a_correction_needs_a_tag_and_a_path_that_leads_somewhere(coordinator, site, assert_problem):
    assert_problem(coordinator.post(f"/sites/{site}/corrections", corrected(1)), PreconditionRequired)
    tag = {"If-Match": coordinator.get(f"/sites/{site}").headers["ETag"]}
    for path in (["person", "p1"], ["record", "infrastructure", "x"], ["record", "dwelling", "dwelling"]):
        answer = coordinator.post(f"/sites/{site}/corrections", corrected(1, path), headers=tag)
        assert_problem(answer, Unprocessable)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "h-1"},
        {"id": "site:a/b"},
        {"id": "banner:150625"},
        {"id": "banner:150625", "row": row(entity="banner")},
        {"row": row(rows=["?"])},
    ],
)
def test_what_is_no_site_is_not_registered(coordinator, assert_problem, changes):
    body = {"id": SITE, "region": "150625100", "row": row()} | changes
    answer = coordinator.post("/sites", body)

    assert_problem(answer, Unprocessable)


def test_a_banner_is_registered_under_its_own_code(coordinator, services):
    body = {"id": "banner:150625", "region": "150625", "row": row(entity="banner", facts={"name": "杭锦旗"})}
    assert coordinator.post("/sites", body).status_code == 201
    settle(services)
    assert coordinator.get("/sites/banner:150625").get_json()["kind"] == "banner"


def test_outside_its_region_a_site_does_not_exist(as_role, site, assert_problem):
    stranger = as_role(Role.COORDINATOR, "150626")
    assert_problem(stranger.get(f"/sites/{site}"), NotFound)
    assert stranger.get("/sites").get_json()["items"] == []
    assert_problem(as_role(Role.OFFICER, "150625").get(f"/sites/{site}"), NotFound)


def test_a_household_shows_its_records_with_their_past_masked(coordinator, register, services):
    household = register()
    tag = coordinator.get(f"/households/{household}").headers["ETag"]
    path = ["record", "dwelling", "dwelling"]
    changes = [
        {"path": path, "fact": "cert_no", "base": None, "value": "蒙2020鄂尔多斯市不动产权第0001234号"},
        {"path": path, "fact": "area", "base": None, "value": 80},
        {
            "path": ["person", "p1", "record", "training", "t"],
            "fact": "course",
            "base": None,
            "value": "电焊",
        },
    ]
    refused = coordinator.post(
        f"/households/{household}/corrections",
        {"changes": changes, "reason": "核实"},
        headers={"If-Match": tag},
    )
    assert refused.status_code == 422, "there is no such training"
    answer = coordinator.post(
        f"/households/{household}/corrections",
        {"changes": changes[:2], "reason": "核实"},
        headers={"If-Match": tag},
    )
    assert answer.status_code == 201
    settle(services)
    body = coordinator.get(f"/households/{household}").get_json()
    (dwelling,) = body["records"]
    assert dwelling["facts"]["area"]["value"] == 80
    assert "0001234" not in dwelling["facts"]["cert_no"]["value"].removesuffix("234号")
    assert body["tracks"] == []
    assert body["persons"][0]["records"] == []
    shown = coordinator.post(
        f"/households/{household}/unmask", {"fields": ["/records/dwelling/cert_no"], "reason": "核对资料"}
    )
    assert shown.get_json()["values"] == {"/records/dwelling/cert_no": "蒙2020鄂尔多斯市不动产权第0001234号"}
