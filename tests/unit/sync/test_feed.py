"""The feed: rows, counters, and a reader that never misses a commit."""

import random
import threading
import time
from datetime import UTC, datetime

from sync.digests import MODULUS, mix
from sync.feed import FeedReader, FeedWriter, delete, put, read_heads

NOW = datetime(2024, 6, 3, tzinfo=UTC)


def write(store, *changes):
    def work(session):
        writer = FeedWriter(store, session, NOW)
        writer.add(changes)
        return writer.flush()

    return store.transaction(work)


def rows_after(store, scope, after=0, base=0):
    with FeedReader(store) as reader:
        return list(reader.rows(scope, after, base, 10_000))


def test_a_row_moves_to_the_right_when_it_changes_and_rests_when_it_does_not(store):
    assert write(store, put("w-1", "household/a", {"x": 1}), put("w-1", "household/b", {"x": 1})) == 2
    assert write(store, put("w-1", "household/a", {"x": 1})) == 0
    assert write(store, put("w-1", "household/a", {"x": 2})) == 1
    assert [(row.key, row.seq) for row in rows_after(store, "w-1")] == [
        ("household/b", 2),
        ("household/a", 3),
    ]


def test_counters_hold_the_number_and_the_sum_of_the_rows_that_are_put(store):
    write(store, put("w-1", "a", 1), put("w-1", "b", 2), put("w-2", "a", 1))
    write(store, put("w-1", "a", 3), delete("w-1", "b", "reassigned"), delete("w-1", "never", "closed"))
    head = read_heads(store, ["w-1"])["w-1"]
    rows = [row for row in rows_after(store, "w-1") if row.op == "put"]
    assert (head.seq, head.n) == (4, 1)
    assert head.sum == sum(mix(row.key, row.ver) for row in rows) % MODULUS


def test_a_deleted_row_says_why_and_comes_back_when_it_is_put_again(store):
    write(store, put("w-1", "a", 1))
    write(store, delete("w-1", "a", "reassigned"))
    assert [(row.op, row.content) for row in rows_after(store, "w-1")] == [("del", {"why": "reassigned"})]
    write(store, put("w-1", "a", 1))
    assert [(row.op, row.content, row.seq) for row in rows_after(store, "w-1")] == [("put", 1, 3)]
    assert read_heads(store, ["w-1"])["w-1"].n == 1


def test_who_begins_from_nothing_is_spared_older_deletions(store):
    write(store, put("w-1", "a", 1), put("w-1", "b", 1))
    write(store, delete("w-1", "a", "closed"))
    assert [row.key for row in rows_after(store, "w-1", 0, 3)] == ["b"]
    assert [row.key for row in rows_after(store, "w-1", 1, 0)] == ["b", "a"]


def test_keys_and_texts_of_any_kind_travel_unchanged(store):
    row = {"$set": {"a.b": "\0", "": [1, 2.5, None]}, "insurance.medical.now": "yes"}
    write(store, put("w-1", "household/$x.y", row))
    assert rows_after(store, "w-1")[0].content == row


def test_a_reader_that_follows_the_feed_while_eight_write_sees_every_row(store):  # noqa: C901 - writers and reader are one story
    """Each writer puts rows of its own; the reader moves its cursor to the last seq it saw."""
    scopes = ["w-1", "w-2"]
    done, errors = threading.Event(), []

    def writer(number):
        source = random.Random(number)  # noqa: S311 - a choice, not a secret
        try:
            for turn in range(12):
                chosen = source.choice(scopes)
                both = [put(chosen, f"{number}/{turn}", turn), put(chosen, f"{number}/shared", turn)]
                write(store, *both)
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    seen = {scope: {} for scope in scopes}
    at = dict.fromkeys(scopes, 0)

    def reader():
        while True:
            last = done.is_set()
            for scope in scopes:
                for row in rows_after(store, scope, at[scope]):
                    assert row.seq > at[scope]
                    seen[scope][row.key] = row.ver
                    at[scope] = row.seq
            if last:
                return
            time.sleep(0)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(8)]
    follower = threading.Thread(target=reader)
    for thread in [follower, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    follower.join()
    assert not errors
    heads = read_heads(store, scopes)
    for scope in scopes:
        rows = rows_after(store, scope)
        assert seen[scope] == {row.key: row.ver for row in rows}
        assert len({row.seq for row in rows}) == len(rows)
        assert (heads[scope].n, heads[scope].seq) == (len(rows), max(row.seq for row in rows))
        assert heads[scope].sum == sum(mix(row.key, row.ver) for row in rows) % MODULUS
