"""Settling: incremental equals replay, whatever the order, the batches, the crashes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access.model import Act
from core.clock import day_of
from core.ids import uuid7
from core.principal import Principal, Role
from forms.op import OpKind
from sync.exchange import Exchange
from sync.office import Submission, submit, submit_many
from sync.quarantine import release
from sync.rebuild import check, rebuild
from sync.services import Services
from sync.settle import settle, settle_due
from sync.worklists import Plans, WorkListPlan, announce_forms
from tests.unit.sync.phone import Phone, visit
from tests.unit.sync.world import COORDINATOR, answered, later, names, publish, register
from validators.life import LIVE

HOME, *OTHERS = names(6)


@pytest.fixture
def form(services):
    return publish(services)


@pytest.fixture
def plans(services, clock):
    return Plans(services, Act(COORDINATOR, clock.now()))


@pytest.fixture
def worklist(plans, enumerator):
    made = plans.create_round("2024", "150625")
    return plans.create(WorkListPlan("南苑", made["_id"], ("short",), (enumerator.user,), "150625"))


@pytest.fixture
def phone(services, enumerator):
    return Phone(Exchange(services), enumerator)


def same(services):
    assert check(services).differing == []


def test_a_registered_household_gets_a_ledger_entry_findings_and_a_next_due_day(services, clock):
    register(services, [HOME], clock.now())
    report = settle(services)
    assert (report.households, report.ops, report.failed) == (1, 1, {})
    entry = services.ledger.get(HOME)
    assert (entry.version, entry.household.text("registry_no")) == (1, HOME[-4:])
    assert report.opened == len(services.findings.of_households([HOME])[HOME]) > 0
    same(services)


def test_settling_again_with_nothing_new_writes_nothing(services, clock):
    register(services, [HOME], clock.now())
    settle(services)
    assert settle(services).households == 0
    assert settle(services, [HOME]).households == 0
    assert services.ledger.get(HOME).version == 1


def test_an_interview_reaches_the_ledger_and_its_outcome_the_enumerators_phone(services, clock, form, phone):
    register(services, [HOME], clock.now())
    settle(services)
    phone.record("interview", answered(HOME, form, "二号", round="r1"))
    phone.record("interview", answered(HOME, form, "x" * 30, round="r1"))
    phone.sync(clock.now())
    assert phone.unsent == []
    settle(services)
    phone.sync_all(clock.now())
    rows = phone.rows[f"u-{phone.principal.user}"]
    assert [row["state"] for row in rows.values()] == ["contested", "contested"]
    assert sorted(issue["code"] for row in rows.values() for issue in row["issues"]) == ["too-long"]
    assert phone.mismatches == 0
    same(services)


def test_what_waits_for_a_household_and_a_form_is_taken_up_when_both_are_there(services, clock, phone):
    elsewhere = publish(services)
    services.store["form_versions"].delete_one({"_id": elsewhere})
    services.forms._known.clear()
    phone.record("interview", answered(HOME, elsewhere))
    results = phone.sync(clock.now())["results"]
    assert results[0]["code"] == "unknown-household"
    register(services, [HOME], later(clock, minutes=1))
    settle(services)
    assert [each.hold for each in services.log.of_households([HOME])[HOME] if each.hold] == ["unknown-form"]
    assert publish(services) == elsewhere
    announce_forms(services)
    later(clock, minutes=1)
    assert settle(services).ops == 1
    assert services.ledger.get(HOME).household.text("address") == "一号"
    same(services)


def test_a_closed_round_holds_what_is_sent_until_it_is_opened_again(services, clock, plans, phone):
    register(services, [HOME], clock.now())
    settle(services)
    made = plans.create_round("2024", "150625")
    plans.close_round(made["_id"])
    phone.record("visit", visit(HOME, round=made["_id"]))
    assert phone.sync(clock.now())["results"][0]["code"] == "round-closed"
    assert settle(services).ops == 0
    assert plans.reopen_round(made["_id"]) == 1
    assert settle(services).ops == 1


def test_a_household_that_cannot_be_settled_hinders_no_other_and_is_named(services, clock, monkeypatch):
    register(services, [HOME, *OTHERS], clock.now())
    judge = services.engine.judge

    def fail(household, as_of):
        if household.id == HOME:
            msg = "a bug"
            raise ZeroDivisionError(msg)
        return judge(household, as_of)

    monkeypatch.setattr(services.engine, "judge", fail)
    report = settle(services)
    assert (report.households, list(report.failed)) == (5, [HOME])
    noted = services.store["meta"].find_one({"_id": "settle_failures"})["households"]
    assert list(noted) == [HOME]
    assert services.log.pending() == []
    monkeypatch.undo()
    assert release(services, decided=True) == 1
    assert settle(services).households == 1
    assert services.store["meta"].find_one({"_id": "settle_failures"})["households"] == {}
    same(services)


def test_a_register_row_that_cannot_be_read_waits_and_hinders_no_other(services, clock):
    bad = Submission(OpKind.REGISTRY, {"household": HOME, "region": "150625101201", "row": {"entity": 5}})
    submit_many(services, COORDINATOR, [bad], clock.now())
    register(services, OTHERS, clock.now())
    report = settle(services)
    assert report.households >= len(OTHERS)
    assert services.log.pending() == []


@pytest.mark.parametrize(
    "part", ["ledger.replace_many", "findings.upsert_many", "log.mark_settled", "flush", "commit"]
)
def test_a_crash_at_any_step_of_settling_leaves_nothing_half_done(  # noqa: PLR0913 - fixtures
    services, clock, form, phone, monkeypatch, part
):
    register(services, [HOME], clock.now())
    settle(services)
    phone.record("interview", answered(HOME, form))
    phone.sync(clock.now())
    later(clock, minutes=1)
    before = services.store["households"].find_one({"_id": HOME})

    class KilledError(Exception):
        pass

    def killed(*_args, **_kwargs):
        raise KilledError

    target, name = {
        "flush": ("sync.commit.FeedWriter", "flush"),
        "commit": ("store.client.Store", "_commit"),
    }.get(part) or (None, None)
    if target:
        monkeypatch.setattr(f"{target}.{name}", killed)
    else:
        owner, name = part.split(".")
        monkeypatch.setattr(type(getattr(services, owner)), name, killed)
    with pytest.raises(KilledError):
        settle(services)
    monkeypatch.undo()
    assert services.store["households"].find_one({"_id": HOME}) == before
    assert services.log.pending() == [HOME]
    assert settle(services).ops == 1
    same(services)


def test_two_workers_that_settle_the_same_households_settle_each_op_once(services, clock, monkeypatch):
    register(services, [HOME, *OTHERS], clock.now())
    raced = []
    real = services.ledger.replace_many

    def race(session, entries):
        if not raced:
            raced.append(True)
            assert settle(services).ops == 6
        return real(session, entries)

    monkeypatch.setattr(services.ledger, "replace_many", race)
    assert settle(services).ops == 0
    assert services.ledger.get(HOME).version == 1
    same(services)


def test_a_household_enters_the_phones_work_list_with_its_findings_and_leaves_it_again(
    services, clock, plans, worklist, enumerator
):
    register(services, [HOME, *OTHERS], clock.now())
    settle(services)
    assert plans.assign(worklist["_id"], [HOME, *OTHERS]) == 6
    assert plans.assign(worklist["_id"], [HOME]) == 0
    holder = Principal(enumerator.user, Role.ENUMERATOR, "150625", worklists=(worklist["_id"],))
    phone = Phone(Exchange(services), holder, max_bytes=4096)
    assert phone.sync_all(clock.now()) > 1
    rows = phone.rows[worklist["_id"]]
    assert rows[f"household/{HOME}"]["epoch"] == 1
    assert rows["worklist"]["round"] == worklist["round"]
    live = services.findings.of_households([HOME])[HOME]
    assert {f"finding/{key}" for key in live} <= rows.keys()
    other = plans.create(WorkListPlan("北苑", worklist["round"], (), (), "150625"))
    plans.assign(other["_id"], [HOME])
    phone.sync_all(clock.now())
    kept = {key.removeprefix("finding/") for key in phone.rows[worklist["_id"]]}
    assert kept.isdisjoint({f"household/{HOME}", *live})
    plans.close(worklist["_id"])
    phone.principal = enumerator
    phone.sync_all(clock.now())
    assert worklist["_id"] not in phone.rows
    assert phone.mismatches == phone.resets == 0
    same(services)


def test_an_op_made_under_an_old_assignment_is_kept_and_marked_stale(  # noqa: PLR0913 - fixtures
    services, clock, form, plans, worklist, phone
):
    register(services, [HOME], clock.now())
    settle(services)
    plans.assign(worklist["_id"], [HOME])
    other = plans.create(WorkListPlan("北苑", worklist["round"], (), (), "150625"))
    plans.assign(other["_id"], [HOME])
    assignment = {"id": worklist["_id"], "epoch": 1}
    phone.record("interview", answered(HOME, form, round=worklist["round"], assignment=assignment))
    phone.sync(clock.now())
    settle(services)
    assert services.ledger.get(HOME).household.interviews[0].stale
    same(services)


def test_days_that_pass_open_findings_and_a_replay_gives_the_same(services, clock):
    child = {
        "entity": "person",
        "key": "c",
        "facts": {"name": "童", "sex": "2", "birth_date": "2018-09-10", "relation": "20"},
    }
    register(services, [HOME], clock.now(), persons=[child])
    settle(services)
    due = services.ledger.get(HOME).next_due
    assert due is not None
    for _ in range(4):
        due = services.ledger.get(HOME).next_due
        if due is None:
            break
        later(clock, days=(due - day_of(clock.now())).days)
        assert settle_due(services, due - timedelta(days=1)).households == 0
        assert settle_due(services, due).households == 1
        same(services)


def test_a_revision_waits_seven_days_for_its_parent_and_a_replay_gives_the_same(services, clock, form, phone):
    register(services, [HOME], clock.now())
    settle(services)
    first = answered(HOME, form, "一号")
    second = first | {"revision": uuid7(), "parent": first["revision"], "answers": {"address": "二号"}}
    phone.record("interview", second)
    phone.sync(clock.now())
    settle(services)
    assert services.ledger.get(HOME).household.text("address") is None
    comes = day_of(clock.now()) + timedelta(days=7)
    assert services.ledger.get(HOME).next_due <= comes
    for days in range(6):
        settle_due(services, comes - timedelta(days=6 - days))
    assert services.ledger.get(HOME).household.text("address") is None
    assert settle_due(services, comes).households == 1
    assert services.ledger.get(HOME).household.text("address") == "二号"
    assert "sync/parent-missing" in live_rules(services)
    same(services)
    phone.record("interview", first)
    phone.sync(later(clock, days=9))
    settle(services)
    phone.sync_all(clock.now())
    (row,) = phone.rows[f"u-{phone.principal.user}"].values()
    assert row["state"] == "head"
    assert "sync/parent-missing" not in live_rules(services)
    same(services)


def live_rules(services):
    return {
        each.rule for each in services.findings.of_households([HOME])[HOME].values() if each.state in LIVE
    }


def test_replies_travel_through_the_log_into_the_life_of_the_finding(services, clock):
    register(services, [HOME], clock.now())
    settle(services)
    finding = next(iter(services.findings.of_households([HOME])[HOME]))
    body = {"finding": finding, "action": "acknowledge", "note": "", "reason": "", "evidence": []}
    submit(services, COORDINATOR, OpKind.REPLY, HOME, body, later(clock, minutes=1))
    assert settle(services).ops == 1
    assert services.findings.of_households([HOME])[HOME][finding].state == "acknowledged"
    same(services)


def test_a_changed_policy_replays_every_household_from_the_log(services, clock):
    register(services, [HOME, *OTHERS], clock.now())
    settle(services)
    submit(
        services, COORDINATOR, OpKind.CORRECTION, HOME, {"changes": [], "reason": ""}, later(clock, days=1)
    )
    settle(services)
    assert settle_due(services, day_of(clock.now())).households == 0
    other = Services.build(services.store, clock, policy=replace(services.engine.policy, version="another"))
    assert settle_due(other, day_of(clock.now())).households == 6
    assert settle_due(other, day_of(clock.now())).households == 0
    assert other.ledger.get(HOME).policy == "another"
    same(other)


def test_check_names_what_was_tampered_with_and_rebuild_mends_it(services, clock, plans, worklist):
    register(services, [HOME, *OTHERS], clock.now())
    settle(services)
    plans.assign(worklist["_id"], [HOME, *OTHERS])
    store = services.store
    store["households"].update_one({"_id": HOME}, {"$set": {"digest": "x"}})
    store["findings"].delete_one({"household": OTHERS[0]})
    store["feed"].update_one(
        {"_id": {"s": worklist["_id"], "k": f"household/{OTHERS[1]}"}}, {"$set": {"ver": "x"}}
    )
    store["feed_scopes"].update_one({"_id": worklist["_id"]}, {"$inc": {"n": 5}})
    store["households"].insert_one(store["households"].find_one({"_id": HOME}) | {"_id": uuid7()})
    found = check(services)
    whats = {what for _, what in found.differing}
    assert whats == {"ledger", "findings", "feed", "counter", "orphan"}
    assert {name for name, what in found.differing if what == "feed"} == {OTHERS[1]}
    rebuild(services)
    same(services)
