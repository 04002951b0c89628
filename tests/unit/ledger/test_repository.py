"""Ledger entries in a real database: found by region, replaced only by whoever saw the present version."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from households import person, said, state

from ledger.document import digest, to_document
from ledger.fold import fold_statements
from ledger.model import Household
from ledger.repository import Entry, LedgerRepository, head_name
from store import Store

STAGE = datetime(2020, 3, 2, 4, 0, 0, 123000, tzinfo=UTC)


@pytest.fixture
def ledger(store: Store) -> LedgerRepository:
    return LedgerRepository(store)


def household(home: str, region: str = "150625101201", **facts: str) -> Household:
    member = person("p1", name="张三", relation="02", birth_date="1980-03-02")
    gone = person("p2", name="李四", exit__event="died")
    return fold_statements(home, region, [state(said("2020-03-01"), member, gone, **facts)])


def entry(
    home: str = "h-1", region: str = "150625101201", *, version: int = 1, due: str | None = None, **facts: str
):
    made = household(home, region, **facts)
    next_due = None if due is None else date.fromisoformat(due)
    return Entry(made, version, date(2020, 3, 2), STAGE, next_due, digest(to_document(made)), "p" * 64)


def put(store: Store, entries: Iterable[tuple[Entry, int | None]]) -> set[str]:
    return store.transaction(lambda session: LedgerRepository(store).replace_many(session, entries))


def fresh(store: Store, *entries: Entry) -> None:
    assert put(store, [(each, None) for each in entries]) == set()


def test_an_entry_comes_back_as_it_was(store, ledger):
    made = entry(due="2020-10-12", site="一号点", registry_no="HJ-1")
    fresh(store, made)
    assert ledger.get("h-1") == made
    assert ledger.many(["h-1", "h-9"]) == {"h-1": made}
    assert ledger.get("h-9") is None


def test_beside_the_ledger_stands_what_lists_show(store):
    fresh(store, entry(site="一号点", registry_no="HJ-1"))
    document = store["households"].find_one({"_id": "h-1"})
    assert (document["persons_count"], "head_name" in document) == (1, False), "names are sealed"
    assert (document["site"], document["registry_no"], document["region"]) == (
        "一号点",
        "HJ-1",
        "150625101201",
    )
    assert head_name(replace(household("h-1"), persons=())) is None


def test_an_entry_is_replaced_by_whoever_saw_the_present_version(store, ledger):
    fresh(store, entry())
    assert put(store, [(entry(version=2, site="一号点"), 1)]) == set()
    assert ledger.get("h-1").version == 2


def test_whoever_saw_an_older_version_loses_and_the_others_of_the_batch_do_not(store, ledger):
    fresh(store, entry("h-1"), entry("h-2"), entry("h-3"))
    put(store, [(entry("h-2", version=2), 1)])
    batch = [
        (entry("h-1", version=2), 1),
        (entry("h-2", version=9), 1),
        (entry("h-3", version=9), None),
        (entry("h-4"), 3),
    ]
    assert put(store, batch) == {"h-2", "h-3", "h-4"}
    assert {key: each.version for key, each in ledger.many(["h-1", "h-2", "h-3", "h-4"]).items()} == {
        "h-1": 2, "h-2": 2, "h-3": 1,
    }  # fmt: skip


def test_a_writer_that_comes_in_between_makes_the_other_lose(store, ledger):
    fresh(store, entry("h-1"))
    seen = []

    def work(session):
        store["households"].find_one({"_id": "h-1"}, session=session)  # the snapshot is taken here
        if not seen:
            put(store, [(entry("h-1", version=2, site="先到"), 1), (entry("h-2", site="先到"), None)])
        seen.append(session)
        return ledger.replace_many(session, [(entry("h-1", version=2), 1), (entry("h-2"), None)])

    assert store.transaction(work) == {"h-1", "h-2"}
    assert len(seen) == 2
    assert [ledger.get(each).household.text("site") for each in ("h-1", "h-2")] == ["先到", "先到"]


def test_an_aborted_transaction_leaves_nothing(store, ledger):
    def work(session):
        ledger.replace_many(session, [(entry(), None)])
        raise LookupError

    with pytest.raises(LookupError):
        store.transaction(work)
    assert ledger.get("h-1") is None
    assert store.transaction(lambda session: ledger.replace_many(session, [])) == set()


def test_a_page_shows_the_callers_region_and_nothing_else(store, ledger):
    fresh(
        store,
        entry("h-1", "150625101201"),
        entry("h-2", "150625101202"),
        entry("h-3", "150602001001"),
        entry("h-4", "1506251"),
    )
    assert [each.household.id for each in ledger.page("150625")] == ["h-1", "h-2", "h-4"]
    assert [each.household.id for each in ledger.page("150625101201")] == ["h-1"]
    assert [each.household.id for each in ledger.page("1506", after="h-1", limit=2)] == ["h-2", "h-3"]
    assert ledger.page("15062510120") != []
    assert ledger.page("150626") == []
    assert ledger.get_within("150625", "h-1") is not None
    assert ledger.get_within("150602", "h-1") is None


def test_a_page_of_a_site_or_of_a_register_number(store, ledger):
    fresh(store, entry("h-1", site="一号点", registry_no="1"), entry("h-2", site="二号点", registry_no="2"))
    assert [each.household.id for each in ledger.page("1506", site="二号点")] == ["h-2"]
    assert [each.household.id for each in ledger.page("1506", registry_no="1")] == ["h-1"]
    assert ledger.page("150602", registry_no="1") == []


def test_a_stream_yields_every_entry_of_a_region(store, ledger):
    fresh(store, *(entry(f"h-{n:03}", "150625101201" if n % 2 else "150602001001") for n in range(40)))
    assert [each.household.id for each in ledger.stream("150625")] == [f"h-{n:03}" for n in range(1, 40, 2)]


def test_households_whose_day_has_come_are_due(store, ledger):
    fresh(
        store,
        entry("h-1", due="2020-03-10"),
        entry("h-2", due="2020-03-11"),
        entry("h-3", due="2020-03-09"),
        entry("h-4"),
    )
    assert ledger.due(date(2020, 3, 10)) == ["h-1", "h-3"]
    assert ledger.due(date(2020, 3, 10), after="h-1") == ["h-3"]
    assert ledger.due(date(2020, 3, 11), limit=1) == ["h-1"]
    assert ledger.due(date(2020, 3, 8)) == []


def test_the_due_and_the_pages_use_an_index(store):
    fresh(store, *(entry(f"h-{n}", due="2020-03-10") for n in range(3)))
    for query in ({"next_due": {"$lte": "2020-03-10"}}, {"region": {"$gte": "1506", "$lt": "1506\uffff"}}):
        plan = store["households"].find(query).explain()["queryPlanner"]["winningPlan"]
        assert "COLLSCAN" not in str(plan)
