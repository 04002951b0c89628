"""Who hears of what, and how the outbox is read."""

import pytest

from core.principal import Principal, Role
from store.paging import areas
from sync.notify import outbox
from sync.notify.outbox import Feed, News
from sync.services import Services
from tests.unit.sync.news import CASE, tell

ADMIN = Principal("admin", Role.ADMINISTRATOR, "1506")


@pytest.fixture
def services(store, clock):
    return Services.build(store, clock)


def test_who_hears_of_what(services):
    officer = Principal("o", Role.OFFICER, "150625", CASE.unit)
    supervisor = Principal("s", Role.SUPERVISOR, "150625101")
    government = Principal("g", Role.OFFICER, "150625", "banner")
    city = Principal("c", Role.OFFICER, "1506", CASE.unit)
    stranger = Principal("x", Role.OFFICER, "150626", CASE.unit)
    everyone = {each.user: each for each in (officer, supervisor, government, city, stranger)}

    def hear(to):
        services.store["notifications"].delete_many({})
        tell(services, News.OVERDUE, to=to)
        return {
            name for name, who in everyone.items() if Feed(services.store, who).page(limit=5, place=None)[0]
        }

    assert hear(outbox.of_unit(CASE)) == {"o", "c"}
    assert hear(outbox.of_step("supervisor", CASE)) == {"s"}
    assert hear(outbox.of_step("banner", CASE)) == {"g"}
    assert hear(outbox.of_step("city", CASE)) == {"c"}
    assert hear(outbox.of_user("x")) == set(), "outside the region, one's own key opens nothing"
    assert hear(outbox.of_user("s")) == {"s"}


@pytest.mark.parametrize(
    ("collection", "query", "order"),
    [
        ("notifications", {"to": {"$in": ["u/x", "o/y/1506"]}, "areas": "1506"}, [("at", -1), ("_id", -1)]),
        ("notifications", {"fan": True}, [("_id", 1)]),
        (
            "deliveries",
            {"state": "waiting", "next_at": {"$lte": 5}, "webhook": {"$in": ["w"]}},
            [("next_at", 1)],
        ),
        ("deliveries", {"webhook": "w", "state": "dead"}, [("at", -1), ("_id", -1)]),
    ],
)
def test_the_outbox_is_read_in_the_order_of_an_index(services, collection, query, order):
    for _ in range(5):
        tell(services)
    plan = str(
        services.store[collection].find(query).sort(order).limit(5).explain()["queryPlanner"]["winningPlan"]
    )
    assert "SORT" not in plan.replace("SORT_MERGE", "")
    assert "COLLSCAN" not in plan
    assert areas(CASE.region)[-1] == CASE.region
