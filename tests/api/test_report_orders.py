"""Orders of reports: accepted at once, made by whoever works, told how far they are and what failed."""

import pytest

from core.principal import Role
from core.problems import Conflict, NotAllowed, NotFound, Unprocessable
from reports.orders import work as working
from reports.orders.repository import LEASE, OrderRepository
from reports.orders.work import MOST_TRIES, work
from reports.repository import ReportRepository

MONTH, REGION = "2020-08", "150625"


def test_an_order_is_accepted_at_once_and_tells_how_far_it_is(order, coordinator, services, store):
    told, where = order()
    assert (told["state"], told["report"], told["counted"], told["households"]) == ("waiting", None, 0, 1)
    assert (told["month"], told["region"], told["by"]) == (MONTH, REGION, coordinator.user.id)
    assert store["reports"].count_documents({}) == 0
    assert coordinator.get(where).get_json() == told
    assert coordinator.get("/reports/orders").get_json()["items"] == [told]
    assert work(services) == 1
    done = coordinator.get(where).get_json()
    assert done["state"] == "done"
    assert (
        coordinator.get(f"/reports/{done['report']}").get_json()["report"]["made_by"] == coordinator.user.id
    )
    assert work(services) == 0
    trail = {(each["action"], each["target"]) for each in store["audit"].find({"action": "reports:freeze"})}
    assert trail == {
        ("reports:freeze", f"report-order/{told['id']}"),
        ("reports:freeze", f"report/{done['report']}"),
    }


def test_the_same_order_again_is_the_open_one_and_another_of_the_same_report_waits(
    order, coordinator, services, assert_problem
):
    first, where = order("2020-09", draft=True)
    again, there = order("2020-09", draft=True)
    assert (again, there) == (first, where)
    other = coordinator.post("/reports", {"month": "2020-08", "region": REGION, "draft": True})
    assert other.status_code == 202
    told = assert_problem(coordinator.post("/reports", {"month": "2020-08", "region": REGION}), Conflict)
    assert told["order"] == other.get_json()["id"]
    assert work(services) == 2
    assert order("2020-08")[0]["id"] != other.get_json()["id"]


def test_an_order_that_cannot_be_made_is_refused_at_once(register, coordinator, assert_problem):
    register()
    for body, at in (
        ({"month": "2020-09", "region": REGION}, "/month"),
        ({"month": MONTH, "region": REGION, "unit": "nobody"}, "/unit"),
    ):
        told = assert_problem(coordinator.post("/reports", body), Unprocessable)
        assert told["errors"][0]["at"] == at
    assert_problem(coordinator.post("/reports", {"month": MONTH, "region": "150626"}), NotAllowed)
    assert coordinator.get("/reports/orders").get_json()["items"] == []


def test_what_fails_is_told_by_the_order(order, coordinator, services, monkeypatch):
    _, where = order()
    monkeypatch.setattr(working, "make", _raise(Conflict("Somebody else makes it.")))
    assert work(services) == 1
    failed = coordinator.get(where).get_json()
    assert (failed["state"], failed["report"]) == ("failed", None)
    assert failed["problem"]["type"] == "urn:ruhu:problem:conflict"
    monkeypatch.setattr(working, "make", _raise(ValueError("bug")))
    _, where = order()
    assert work(services) == 1
    problem = coordinator.get(where).get_json()["problem"]
    assert problem["type"] == "urn:ruhu:problem:internal-error"
    assert "bug" not in str(problem)
    monkeypatch.undo()
    order()
    assert work(services) == 1, "and it can be ordered again"
    assert len(coordinator.get("/reports").get_json()["items"]) == 1


def _raise(error):
    def fail(*_args, **_more):
        raise error

    return fail


def test_an_order_of_a_worker_that_was_killed_is_made_by_the_next(
    order, coordinator, services, clock, monkeypatch
):
    _, where = order()
    monkeypatch.setattr(working, "_announce", _raise(KeyboardInterrupt()))
    orders = OrderRepository(services.store)
    taken = orders.begins(orders.claim(clock.now()))
    ReportRepository(services.store).begin(
        taken.report, month=MONTH, region=REGION, unit="", version=1, at=clock.now()
    )
    assert work(services) == 0, "it is somebody's for five minutes"
    assert coordinator.get(where).get_json()["state"] == "making"
    clock.instant += LEASE
    with pytest.raises(KeyboardInterrupt):
        work(services)
    (made,) = ReportRepository(services.store).versions(MONTH, REGION)
    assert made.id != taken.report, "what the first began is dropped"
    monkeypatch.undo()
    clock.instant += LEASE
    assert work(services) == 1
    assert coordinator.get(where).get_json()["report"] == made.id, "what was finished is not made twice"
    assert [each.id for each in ReportRepository(services.store).versions(MONTH, REGION)] == [made.id]


def test_an_order_that_kills_its_worker_is_given_up(order, coordinator, services, clock):
    _, where = order()
    for _ in range(MOST_TRIES):
        assert OrderRepository(services.store).claim(clock.now()) is not None
        clock.instant += LEASE
    assert work(services) == 1
    assert coordinator.get(where).get_json()["state"] == "failed"


def test_an_order_is_kept_alive_and_phones_are_settled_while_it_is_made(
    register, order, services, coordinator, monkeypatch
):
    for number in range(2):
        register(registry_no=f"N{number}")
    _, where = order()
    seen = []
    monkeypatch.setattr(working, "_PAUSE_S", 0.0)
    real = working.settle

    def settling(made, **more):
        services.clock.instant += LEASE / 2
        seen.append((state_of(services), OrderRepository(services.store).claim(services.clock.now())))
        return real(made, **more)

    monkeypatch.setattr(working, "settle", settling)
    assert work(services) == 1
    assert len(seen) >= 3
    assert {each for each, _ in seen} == {"making"}
    assert all(stolen is None for _, stolen in seen)
    assert coordinator.get(where).get_json()["counted"] == 3


def state_of(services) -> str:
    return services.store["report_orders"].find_one()["state"]


def test_who_may_not_see_a_report_does_not_see_its_order(order, as_role, assert_problem):
    told, where = order()
    officer = as_role(Role.OFFICER)
    assert officer.get(where).get_json()["id"] == told["id"]
    elsewhere = as_role(Role.COORDINATOR, "150626")
    assert_problem(elsewhere.get(where), NotFound)
    assert elsewhere.get("/reports/orders").get_json()["items"] == []
    assert_problem(as_role(Role.VIEWER).post("/reports", {"month": MONTH, "region": REGION}), NotAllowed)
