"""Transactions: all or nothing, again on conflict; migrations: any number of times."""

import threading
from typing import Any

import pytest
from pymongo.client_session import ClientSession
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    CursorNotFound,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)

from store import COLLECTIONS, Store, migrate, unavailable


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def work(session: ClientSession) -> None:
        store["rounds"].insert_one({"_id": "a"}, session=session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.transaction(work)
    assert store["rounds"].find_one({"_id": "a"}) is None


def test_writers_of_one_counter_wait_for_each_other_and_none_is_lost(store: Store) -> None:
    store["feed_scopes"].insert_one({"_id": "w-1", "seq": 0})

    def count() -> None:
        for _ in range(20):
            store.transaction(
                lambda session: store["feed_scopes"].update_one(
                    {"_id": "w-1"}, {"$inc": {"seq": 1}}, session=session
                )
            )

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store["feed_scopes"].find_one({"_id": "w-1"})
    assert found is not None
    assert found["seq"] == 80


def test_an_error_that_is_not_transient_is_raised_at_once(store: Store) -> None:
    store["rounds"].insert_one({"_id": "a"})
    with pytest.raises(DuplicateKeyError):
        store.transaction(lambda session: store["rounds"].insert_one({"_id": "a"}, session=session))


def test_migrating_again_changes_nothing_and_every_index_is_there(store: Store) -> None:
    epoch = store["meta"].find_one({"_id": "epoch"})
    assert migrate(store) == []
    assert store["meta"].find_one({"_id": "epoch"}) == epoch
    for collection in COLLECTIONS:
        assert {index.name for index in collection.indexes} <= set(store[collection.name].index_information())


@pytest.mark.parametrize(
    ("collection", "query"),
    [
        ("households", {"policy": {"$ne": "x"}}),
        ("households", {"next_due": {"$lte": "2020-01-01"}}),
        ("worklists", {"round": "r", "state": "open"}),
        ("worklists", {"assignees": "u", "state": "open"}),
        ("ops", {"pending": True}),
        ("ops", {"interview": {"$in": ["i"]}}),
        ("assignments", {"household": {"$in": ["h"]}, "round": {"$in": ["r"]}}),
        ("feed", {"_id.s": "g", "seq": {"$gt": 3}}),
    ],
)
def test_the_query_has_its_index(store: Store, collection: str, query: dict[str, Any]) -> None:
    plan = store[collection].find(query).explain()["queryPlanner"]["winningPlan"]
    assert "COLLSCAN" not in str(plan)


def test_a_collection_that_is_not_declared_cannot_be_used(store: Store) -> None:
    with pytest.raises(KeyError, match=r"store/collections\.py"):
        store["interviews_tmp"]


def bulk(codes: list[int], concern: list[int] | None = None) -> BulkWriteError:
    told = [[{"code": code} for code in each] for each in (codes, concern or [])]
    return BulkWriteError({"writeErrors": told[0], "writeConcernErrors": told[1]})


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (AutoReconnect("no primary"), True),
        (CursorNotFound("the server was started again", 43), True),
        (OperationFailure("primary no more", 11602), True),
        (OperationFailure("unable to read from a snapshot", 246), True),
        (OperationFailure("not authorised", 13), False),
        (DuplicateKeyError("twice", 11000), False),
        (bulk([], [64]), True),
        (bulk([10107, 10107]), True),
        (bulk([10107, 11000]), False),
        (ValueError(), False),
    ],
)
def test_what_passes_by_itself_is_told_from_what_does_not(error: Exception, passes: bool) -> None:
    assert unavailable(error) is passes


def test_an_answer_that_is_cut_off_by_the_server_passes(store: Store) -> None:
    store["rounds"].insert_many([{"_id": str(number)} for number in range(20)])
    cursor = store["rounds"].find().batch_size(5)
    next(cursor)
    store.db.command("killCursors", "rounds", cursors=[cursor.cursor_id])
    with pytest.raises(PyMongoError) as caught:
        list(cursor)
    assert unavailable(caught.value)
