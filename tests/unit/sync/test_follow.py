"""Cases in the database: they follow their findings in one transaction, and queries have their indexes."""

from datetime import date, timedelta
from typing import Any

import pytest

from access import SYSTEM, Accounts, Act
from core.clock import day_of
from core.principal import Role
from forms.op import OpKind
from store import DatabaseError
from sync import commit as committing
from sync.follow.day import escalate, free
from sync.follow.desk import Desk
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


# --- the calendar


@pytest.fixture
def officer(services, clock):
    accounts = Accounts(services.store, Act(SYSTEM, clock.now()))
    return accounts.create(
        login="officer",
        name="其其格",
        role=Role.OFFICER,
        region="150625",
        password="seven odd lamps 4",
        unit=UNIT,
    )


def told(services, home):
    case = cases(services)[home, UNIT].case.id
    added = CaseRepository(services.store).added_to(case)
    return [(each.step, each.day) for each in added if each.kind == "escalated"]


def overdue_news(services):
    return list(services.store["notifications"].find({"kind": News.OVERDUE, "unit": UNIT}).sort("_id", 1))


def run_until(services, clock, day):
    """Run the task of each day as far as a day."""
    while day_of(clock.now()) <= day:
        escalate(services, day_of(clock.now()))
        clock.instant += timedelta(days=1)


def test_an_overdue_case_is_told_to_supervisor_banner_and_city_each_once_on_its_day(services, clock):
    home = HOMES[0]
    register(services, home)
    due = cases(services)[home, UNIT].case.due
    assert due == date(2024, 6, 25), "fifteen working days after Monday 3 June 2024; the 10th is a holiday"
    run_until(services, clock, date(2024, 8, 1))
    mine = told(services, home)
    assert mine == [
        ("supervisor", date(2024, 6, 26)),
        ("banner", date(2024, 7, 2)),
        ("city", date(2024, 7, 9)),
    ]
    found = overdue_news(services)
    assert [each["step"] for each in found] == ["supervisor", "banner", "city"]
    assert "r/supervisor/150625101" in found[0]["to"]
    assert "o/banner/150625" in found[1]["to"]
    assert f"o/{UNIT}/1506" in found[2]["to"]
    assert cases(services)[home, UNIT].next_step is None


def test_a_task_that_was_lost_for_weeks_is_made_up_for_and_run_twice_tells_once(services, clock):
    register(services, HOMES[0])
    clock.instant += timedelta(days=90)
    today = day_of(clock.now())
    assert escalate(services, today) == 3 * len(cases(services))
    assert escalate(services, today) == 0
    assert [step for step, _ in told(services, HOMES[0])] == ["supervisor", "banner", "city"]
    assert {day for _, day in told(services, HOMES[0])} == {today}


def test_who_acted_is_not_told_on_and_a_new_deadline_counts_anew(services, clock):
    home = HOMES[0]
    register(services, home)
    run_until(services, clock, date(2024, 6, 27))
    assert [step for step, _ in told(services, home)] == ["supervisor"]
    reply(services, home, action="act")
    assert cases(services)[home, UNIT].level == 0
    run_until(services, clock, date(2024, 8, 1))
    assert [step for step, _ in told(services, home)] == ["supervisor"]
    reply(services, home, action="dismiss", reason="核实无误")
    reply(services, home, action="reopen")
    assert cases(services)[home, UNIT].case.state is CaseState.OPEN
    escalate(services, day_of(clock.now()))
    again = [step for step, _ in told(services, home)]
    assert again[:2] == ["supervisor", "supervisor"]


def test_a_case_that_changes_while_it_is_told_is_not_told_by_what_it_was(services, clock):
    register(services, HOMES[0])
    clock.instant += timedelta(days=40)
    repository = CaseRepository(services.store)
    before = repository.to_tell(day_of(clock.now()), 10)
    reply(services, HOMES[0], action="act")
    (mine,) = [kept for kept in before if kept.case.unit == UNIT]
    taken = services.store.transaction(lambda session: repository.take_step(mine, None, session))
    assert not taken
    assert told(services, HOMES[0]) == []


def test_a_case_whose_owner_is_gone_is_free_again_and_its_unit_hears_of_it(services, clock, officer):
    register(services, HOMES[0])
    case = cases(services)[HOMES[0], UNIT].case.id
    desk = Desk(services, Act(officer.principal, clock.now()))
    desk.assign(case, officer.id)
    assert free(services) == 0
    services.store["users"].update_one({"_id": officer.id}, {"$set": {"state": "disabled"}})
    assert free(services) == 1
    assert cases(services)[HOMES[0], UNIT].owner is None
    assert free(services) == 0
    (found,) = services.store["notifications"].find({"kind": News.ASSIGNED, "to": f"o/{UNIT}/150625"})
    assert found["by"] is None
