"""Cases in the database: they follow their findings in one transaction, and queries have their indexes."""

from datetime import timedelta
from typing import Any

import pytest

from forms.op import OpKind
from store import DatabaseError
from sync import commit as committing
from sync.follow.repository import CaseRepository
from sync.notify.outbox import News
from sync.office import submit
from sync.rebuild import check, rebuild
from sync.settle import settle, settle_due
from tests.api.builders import roster_row
from tests.unit.sync.world import COORDINATOR, names
from validators.cases import CaseState

HOMES = names(3)
UNIT = "medical_insurance"


def register(services, home, **row: Any):
    body = {"region": "150625101201", "row": roster_row(**row)}
    submit(services, COORDINATOR, OpKind.REGISTRY, home, body, services.clock.now())
    settle(services)


def cases(services, *homes):
    kept = CaseRepository(services.store).of_households(homes or HOMES).values()
    return {(each.case.household, each.case.unit): each for each in kept}


def reply(services, home, **body: Any):
    for finding in services.findings.of_households([home])[home].values():
        if finding.unit == UNIT:
            told = {"household": home, "finding": finding.id, **body}
            submit(services, COORDINATOR, OpKind.REPLY, home, told, services.clock.now())
    settle(services)


def news(services):
    found = services.store["notifications"].find({"unit": UNIT}).sort([("at", 1), ("_id", 1)])
    return [each["kind"] for each in found]


def test_a_case_opens_closes_and_opens_again_with_its_findings_and_each_is_told_once(services, clock):
    home = HOMES[0]
    register(services, home)
    case = cases(services)[home, UNIT]
    assert case.case.state is CaseState.OPEN
    assert (case.level, case.owner) == (0, None)
    assert news(services) == [News.OPENED]
    clock.instant += timedelta(minutes=1)
    reply(services, home, action="act")
    assert cases(services)[home, UNIT].case.state is CaseState.ACTED
    assert news(services) == [News.OPENED]
    clock.instant += timedelta(minutes=1)
    reply(services, home, action="dismiss", reason="已核实")
    assert cases(services)[home, UNIT].case.live == 0
    clock.instant += timedelta(minutes=1)
    reply(services, home, action="reopen")
    assert cases(services)[home, UNIT].case.state is CaseState.OPEN
    assert news(services) == [News.OPENED, News.CLOSED, News.REOPENED]
    assert check(services).differing == []


def test_settling_what_changes_nothing_writes_no_case_and_tells_nothing(services, clock):
    register(services, HOMES[0])
    before = list(services.store["cases"].find())
    services.store["households"].update_many({}, {"$set": {"policy": "another"}})
    services.store["meta"].delete_one({"_id": "policy"})
    assert settle_due(services, clock.now().date()).households == 1
    assert list(services.store["cases"].find()) == before
    assert news(services) == [News.OPENED]


def test_a_transaction_that_fails_leaves_neither_case_nor_news(services, monkeypatch):
    def fails(*_args: Any) -> None:
        raise DatabaseError("the line is cut")

    monkeypatch.setattr(committing, "assignments_of", fails)
    with pytest.raises(DatabaseError):
        register(services, HOMES[0])
    assert cases(services) == {}
    assert news(services) == []
    monkeypatch.undo()
    settle(services)
    assert len(news(services)) == 1


def test_a_wrong_case_is_found_by_a_check_and_made_right_by_a_rebuild_that_keeps_the_owner(services):
    for home in HOMES:
        register(services, home)
    first = cases(services)[HOMES[0], UNIT].case.id
    services.store["cases"].update_one({"_id": first}, {"$set": {"due": "2031-01-01", "owner": "somebody"}})
    services.store["cases"].delete_many({"household": HOMES[1]})
    assert sorted(check(services).differing) == [(HOMES[0], "cases"), (HOMES[1], "cases")]
    rebuild(services)
    assert check(services).differing == []
    assert cases(services)[HOMES[0], UNIT].owner == "somebody"


def test_what_the_log_does_not_know_has_no_case(services):
    register(services, HOMES[0])
    services.store["ops"].delete_many({})
    rebuild(services)
    assert cases(services) == {}


STATES = {"$in": ["open", "acknowledged", "acted"]}


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"unit": UNIT, "areas": "150625", "state": STATES}, ["due", "_id"]),
        ({"areas": "150625", "state": STATES}, ["due", "_id"]),
        ({"owner": "u", "areas": "150625", "state": STATES}, ["due", "_id"]),
        ({"owner": None, "unit": UNIT, "areas": "150625", "state": STATES}, ["due", "_id"]),
        ({"next_step": {"$lte": "2024-06-03"}}, ["next_step", "_id"]),
    ],
)
def test_work_lists_are_read_in_the_order_of_an_index(services, query, order):
    for home in HOMES:
        register(services, home)
    found = services.store["cases"].find(query).sort([(key, 1) for key in order]).limit(5)
    plan = str(found.explain()["queryPlanner"]["winningPlan"]).replace("SORT_MERGE", "")
    assert "SORT" not in plan
    assert "COLLSCAN" not in plan


@pytest.mark.parametrize(
    ("collection", "query"), [("cases", {"household": {"$in": ["h"]}}), ("case_events", {"case": "c"})]
)
def test_a_case_is_found_by_its_household_and_its_history_by_the_case(services, collection, query):
    plan = str(services.store[collection].find(query).explain()["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in plan
