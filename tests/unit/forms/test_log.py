"""The log: what is appended stays, what is asked for is found."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import uuid7
from forms.log import Hold, Landed, OpLog, merge_ranges

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
INSTALL = "0190a000-0000-7000-8000-000000000001"


@pytest.fixture
def log(store):
    return OpLog(store)


def document(n=1, household="h1", body='{"household":"h1"}', **more):
    made = {
        "_id": uuid7(),
        "kind": "visit",
        "household": household,
        "install": INSTALL,
        "n": n,
        "user": "u",
        "received_at": NOW,
        "said_on": "2024-06-03",
        "clock": {"quality": "A", "finished_at": None},
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
        "body": body,
        "issues": [],
        "blobs": [],
        "pending": True,
    }
    return {name: value for name, value in (made | more).items() if value is not None}


def test_each_op_of_a_batch_lands_for_itself(log):
    kept = document(1)
    log.append([dict(kept)])
    fresh, forked = document(2), document(1)
    changed = document(1, body='{"household":"h2"}', _id=kept["_id"])
    landed = log.append([dict(kept), fresh, forked])
    assert landed == {
        kept["_id"]: Landed.DUPLICATE,
        fresh["_id"]: Landed.STORED,
        forked["_id"]: Landed.DEVICE_FORKED,
    }
    assert log.append([changed]) == {kept["_id"]: Landed.ID_REUSED}
    assert log.get(kept["_id"]).sha256 == kept["sha256"]


def test_an_op_that_is_not_majority_visible_yet_is_to_be_sent_again(log, store, monkeypatch):
    sent = document()
    log.append([dict(sent)])
    monkeypatch.setattr(
        log, "_compare", lambda documents: dict.fromkeys((d["_id"] for d in documents), Landed.RETRY)
    )
    assert log.append([dict(sent)]) == {sent["_id"]: Landed.RETRY}
    assert store["ops"].count_documents({}) == 1


def test_two_ops_of_the_office_need_no_number(log):
    office = [document(None, install=None), document(None, install=None)]
    assert set(log.append(office).values()) == {Landed.STORED}


def test_the_ops_of_a_household_come_in_the_order_of_the_log(log):
    late = document(1, received_at=NOW + timedelta(seconds=1))
    first, second = sorted((document(2), document(3)), key=lambda each: each["_id"])
    held = document(4, pending=None, hold="unknown-form")
    log.append([late, second, first, held, document(5, "h2")])
    assert [op.id for op in log.of_household("h1")] == [first["_id"], second["_id"], late["_id"]]
    assert [each.hold for each in log.of_households(["h1", "h3"])["h1"] if each.hold] == [Hold.UNKNOWN_FORM]
    assert log.of_households(["h3"]) == {"h3": []}


def test_households_that_wait_are_found_once_each_in_order_and_in_pages(log):
    log.append([document(n, f"h{n % 7}") for n in range(1, 30)])
    assert log.pending(limit=3) == ["h0", "h1", "h2"]
    assert log.pending(after="h2", limit=10) == ["h3", "h4", "h5", "h6"]


def test_what_is_settled_waits_no_more_and_remembers_its_stage_and_day(log, store):
    log.append([document(1)])
    ops = log.of_household("h1")
    store.transaction(lambda session: log.mark_settled(ops, NOW, NOW.date(), {}, session))
    assert log.pending() == []
    logged = log.of_households(["h1"])["h1"][0]
    assert (logged.op.stage, logged.day, logged.pending) == (NOW, NOW.date(), False)


def test_the_whole_log_streams_by_household(log):
    log.append([document(n, f"h{n % 3}") for n in range(1, 10)])
    assert [(name, len(ops)) for name, ops in log.stream()] == [("h0", 3), ("h1", 3), ("h2", 3)]
    assert [name for name, _ in log.stream(after="h0")] == ["h1", "h2"]


def test_have_says_which_numbers_are_here(log):
    log.append([document(n) for n in (1, 2, 3, 7, 9, 10)])
    assert log.have(INSTALL) == [[1, 3], [7, 7], [9, 10]]
    assert log.have(uuid7()) == []


def test_the_interviews_of_a_user_come_newest_first_page_by_page(log):
    made = [
        document(n, kind="interview", interview=uuid7(), received_at=NOW + timedelta(seconds=n))
        for n in range(1, 6)
    ]
    log.append([*made, document(9)])
    first = log.interviews_of_user("u", limit=2)
    rest = log.interviews_of_user("u", before=first[-1].op.log_order, limit=9)
    assert [each.op.id for each in first + rest] == [each["_id"] for each in reversed(made)]
    assert log.senders([made[0]["interview"]]) == {made[0]["interview"]: {"u"}}


@given(st.lists(st.integers(1, 40)), st.lists(st.integers(1, 40)))
def test_ranges_hold_exactly_the_numbers_put_into_them(first, second):
    ranges = merge_ranges(merge_ranges((), first), second)
    assert {n for low, high in ranges for n in range(low, high + 1)} == {*first, *second}
    assert all(high + 1 < low for (_, high), (low, _) in pairwise(ranges))


def test_an_op_that_was_changed_moved_or_resealed_is_told(log, store):
    ops = [document(n, body=f'{{"household":"h1","n":{n}}}') for n in range(1, 6)]
    log.append(ops)
    assert log.damaged(100) == (5, [])
    kept = {each["_id"]: each["body"] for each in store["ops"].find()}
    names = [op["_id"] for op in ops]
    for op_id, body in (
        (names[0], kept[names[1]]),
        (names[2], kept[names[2]][:-1] + b"\0"),
        (names[3], store.sealer.seal(f"op/{names[3]}", {"": '{"household":"h1","n":5}'})),
    ):
        store["ops"].update_one({"_id": op_id}, {"$set": {"body": body}})
    drawn, damaged = log.damaged(100)
    assert drawn == 5
    assert set(damaged) == {names[0], names[2], names[3]}
