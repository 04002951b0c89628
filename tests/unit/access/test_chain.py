"""The audit chain: linked behind the writers, and every way to tamper with it is seen."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from access import SYSTEM, Act, audit, chain
from access.audit import Trail, TrailFilters
from core.principal import Principal, Role

NOW = datetime(2020, 9, 1, 4, 0, tzinfo=UTC)
BANNER = Principal("banner", Role.ADMINISTRATOR, "150625")


@pytest.fixture
def trail(store):
    for number in range(7):
        act = Act(SYSTEM, NOW + timedelta(minutes=number))
        audit.record(store, act, "users:write", f"user/{number}", f"15062{5 + number % 2}", {"n": number})
    return store


def test_entries_are_linked_in_batches_and_the_chain_holds(trail):
    assert chain.verify(trail).unlinked == 7
    assert [chain.link(trail, most=3) for _ in range(4)] == [3, 3, 1, 0]
    verdict = chain.verify(trail)
    assert (verdict.linked, verdict.unlinked, verdict.head.number, verdict.faults) == (7, 0, 3, [])


def test_what_was_committed_late_comes_into_a_later_link(trail):
    old = trail["audit"].find_one_and_delete({"target": "user/0"})
    chain.link_all(trail)
    trail["audit"].insert_one(old)
    assert chain.verify(trail).unlinked == 1
    assert chain.link_all(trail) == 1
    assert chain.verify(trail).faults == []


def _change(store):
    store["audit"].update_one({"target": "user/4"}, {"$set": {"by": "someone else"}})


def _remove(store):
    store["audit"].delete_one({"target": "user/4"})


def _put_in(store):
    store["audit"].insert_one(store["audit"].find_one({"target": "user/4"}) | {"_id": "0", "link": 2})


def _unlink(store):
    store["audit"].update_one({"target": "user/4"}, {"$unset": {"link": ""}})


def _cover_up(store):
    """Change an entry and its digest in the link."""
    _change(store)
    link = store["audit_links"].find_one({"_id": 2})
    made = {each["_id"]: chain.digest_of(each) for each in store["audit"].find({"link": 2})}
    entries = [[name, made[name]] for name, _ in link["entries"]]
    store["audit_links"].update_one({"_id": 2}, {"$set": {"entries": entries}})


def _cover_up_the_link_too(store):
    _cover_up(store)
    link = store["audit_links"].find_one({"_id": 2})
    digest = chain._link_digest(2, link["before"], link["entries"])
    store["audit_links"].update_one({"_id": 2}, {"$set": {"digest": digest}})


def _cut_the_middle(store):
    store["audit_links"].delete_one({"_id": 2})


def _cut_the_end(store):
    store["audit_links"].delete_one({"_id": 3})


def _cut_the_end_and_its_entries(store):
    _cut_the_end(store)
    store["audit"].delete_many({"link": 3})


@pytest.mark.parametrize(
    "tamper",
    [
        _change, _remove, _put_in, _unlink, _cover_up, _cover_up_the_link_too,
        _cut_the_middle, _cut_the_end, _cut_the_end_and_its_entries,
    ],
)  # fmt: skip
def test_whoever_tampers_is_found_out(trail, tamper):
    while chain.link(trail, most=3):
        pass
    tamper(trail)
    assert chain.verify(trail).faults


def test_a_chain_made_anew_does_not_hold_the_head_that_was_noted(trail):
    chain.link_all(trail)
    noted = chain.head(trail)
    _change(trail)
    trail["audit_links"].delete_many({})
    trail["meta"].delete_one({"_id": "audit_head"})
    trail["audit"].update_many({}, {"$unset": {"link": ""}})
    chain.link_all(trail)
    assert chain.verify(trail).faults == []
    assert chain.verify(trail, noted).faults
    assert chain.verify(trail, chain.head(trail)).faults == []


def test_processes_that_link_at_once_make_one_chain(store):
    def write(number: int) -> None:
        for each in range(20):
            audit.record(store, Act(SYSTEM, NOW), "users:write", f"user/{number}.{each}", "150625")
            chain.link(store, most=5)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain.link_all(store)
    verdict = chain.verify(store)
    assert (verdict.linked, verdict.unlinked, verdict.faults) == (80, 0, [])


def test_the_trail_is_read_in_scope_newest_first_by_who_what_whom_and_when(trail):
    mine = Trail(trail, Act(BANNER, NOW))
    page, place = mine.page(TrailFilters(), limit=3)
    assert [entry["target"] for entry in page] == ["user/6", "user/4", "user/2"]
    assert [entry["target"] for entry in mine.page(TrailFilters(), limit=3, place=place)[0]] == ["user/0"]
    assert mine.page(TrailFilters(target="user/1"), limit=3)[0] == []
    assert len(mine.page(TrailFilters(by="system", action="users:write"), limit=9)[0]) == 4
    two = TrailFilters(since=NOW + timedelta(minutes=2), until=NOW + timedelta(minutes=6))
    assert [entry["target"] for entry in mine.page(two, limit=9)[0]] == ["user/4", "user/2"]


@pytest.mark.parametrize("given", [{}, {"by": "system"}, {"target": "user/0"}, {"action": "users:write"}])
def test_each_question_to_the_trail_has_an_index_that_holds_its_order(trail, given):
    query = {"areas": "150625"} | given
    plan = trail["audit"].find(query).sort([("at", -1), ("_id", -1)]).explain()["queryPlanner"]["winningPlan"]
    assert "'SORT'" not in repr(plan)
    assert "IXSCAN" in repr(plan)
