"""The cursor: round trip, forgery, and what a place means against what is granted."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import uuid7
from core.problems import BadCursor
from sync.cursor import Cursor, Place, decode, encode, epoch_mark, join, plan

KEY = b"k" * 32
scopes = st.one_of(
    st.just("g"),
    st.uuids().map(lambda value: f"u-{value}"),
    st.uuids().map(lambda value: f"w-{value}"),
    st.text("0123456789abcdef", min_size=1, max_size=8).map(lambda text: f"w-{text}"),
    st.text(max_size=20),
)
numbers = st.integers(0, 2**53)
cursors = st.builds(
    Cursor,
    st.text(max_size=10).map(epoch_mark),
    st.dictionaries(scopes, st.builds(Place, numbers, numbers), max_size=6),
)


@given(cursors)
def test_a_cursor_says_what_was_put_into_it(cursor):
    assert decode(encode(cursor, KEY), KEY) == cursor


@given(cursors, st.data())
def test_a_cursor_with_any_character_changed_is_refused(cursor, data):
    text = encode(cursor, KEY)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(
        st.sampled_from(string.ascii_letters + string.digits + "-_.=+/ é").filter(lambda c: c != text[at])
    )
    with pytest.raises(BadCursor):
        decode(text[:at] + other + text[at + 1 :], KEY)


@given(st.one_of(st.text(), st.text().map(lambda text: "c1." + text)))
def test_any_other_text_is_refused_and_never_crashes(text):
    with pytest.raises(BadCursor):
        decode(text, KEY)


@given(cursors)
def test_a_cursor_of_another_server_is_refused(cursor):
    with pytest.raises(BadCursor):
        decode(encode(cursor, b"x" * 32), KEY)


def test_the_cursor_of_a_phone_with_one_work_list_is_shorter_than_100_characters():
    places = {"g": Place(40, 40), f"u-{uuid7()}": Place(300, 2), "w-8f3a11c2": Place(5000, 4000)}
    assert len(encode(Cursor(epoch_mark("e"), places), KEY)) < 100


heads = st.dictionaries(
    st.sampled_from(["g", "u-1", "w-1", "w-2", "w-3"]),
    st.integers(0, 30).flatmap(lambda seq: st.tuples(st.just(seq), st.integers(0, seq))),
)
places = st.dictionaries(
    st.sampled_from(["g", "u-1", "w-1", "w-2", "w-3"]),
    st.builds(Place, st.integers(0, 40), st.integers(0, 40)),
)


@given(places, st.sampled_from(["a", "b"]), heads, st.integers(1, 7))
def test_following_the_plan_page_by_page_ends_with_every_scope_at_its_head(held, epoch, heads, page):
    cursor = Cursor(epoch_mark("a"), held)
    for turn in range(2 + 5 * 31):
        todo = plan(cursor, epoch, heads)
        if turn:
            assert (todo.drop, todo.add, todo.reset) == ((), (), ()), "a start again must not repeat"
        left, moved = page, {}
        for scope, start in todo.start.items():
            step = min(left, heads[scope][0] - start.seq)
            moved[scope] = Place(start.seq + step, start.base)
            left -= step
        cursor = Cursor(epoch_mark(epoch), moved)
        if all(moved[scope].seq == head for scope, (head, _) in heads.items()):
            break
    assert {scope: place.seq for scope, place in cursor.places.items()} == {
        s: head for s, (head, _) in heads.items()
    }


@pytest.mark.parametrize(
    ("place", "head", "floor", "again"),
    [
        (Place(5, 0), 9, 5, False),
        (Place(5, 0), 9, 6, True),
        (Place(5, 6), 9, 6, False),
        (Place(0, 0), 9, 6, False),
        (Place(9, 0), 9, 0, False),
        (Place(10, 0), 9, 0, True),
    ],
)
def test_a_scope_begins_again_only_beyond_the_head_or_below_the_floor(place, head, floor, again):
    todo = plan(Cursor(epoch_mark("a"), {"w-1": place}), "a", {"w-1": (head, floor)})
    assert todo.reset == (("w-1",) if again else ())
    if again:
        assert todo.start["w-1"] == Place(0, head)


def test_a_scope_whose_check_failed_begins_again():
    todo = plan(Cursor(epoch_mark("a"), {"w-1": Place(5, 0)}), "a", {"w-1": (9, 0)}, mismatch=["w-1", "w-9"])
    assert todo.reset == ("w-1",)


EPOCH = "e"


def at(**places):
    named = {name.replace("_", "-"): Place(*place) for name, place in places.items()}
    return Cursor(epoch_mark(EPOCH), named)


def test_a_snapshot_that_was_taken_in_joins_the_cursor_and_what_the_cursor_says_prevails():
    assert join(None, []) is None
    assert join(None, [at(w_1=(5, 5))]) == at(w_1=(5, 5))
    assert join(at(g=(3, 3)), [at(w_1=(5, 5)), at(w_2=(6, 6))]) == at(g=(3, 3), w_1=(5, 5), w_2=(6, 6))
    assert join(at(w_1=(9, 5)), [at(w_1=(5, 5))]) == at(w_1=(9, 5))


def test_a_snapshot_of_another_epoch_does_not_join():
    old = Cursor(epoch_mark("before the restore"), {"w-1": Place(5, 5)})
    assert join(at(g=(3, 3)), [old]) == at(g=(3, 3))


def test_a_large_scope_is_fetched_apart_by_who_has_nothing_of_it():
    heads = {"w-1": (900, 0), "g": (4, 0)}
    todo = plan(None, EPOCH, heads, large={"w-1"})
    assert (todo.add, todo.apart, dict(todo.start)) == (("g", "w-1"), ("w-1",), {"g": Place(0, 4)})
    again = plan(at(g=(4, 4)), EPOCH, heads, large={"w-1"})
    assert (again.add, again.apart) == (("w-1",), ("w-1",)), "offered until it is taken in"
    grown = plan(at(g=(4, 4), w_1=(0, 0)), EPOCH, heads, large={"w-1"})
    assert (grown.add, grown.reset, grown.apart) == (("w-1",), (), ("w-1",)), "it was empty when it was added"
    has = plan(at(g=(4, 4), w_1=(20, 20)), EPOCH, heads, large={"w-1"})
    assert (has.add, has.apart, has.start["w-1"]) == ((), (), Place(20, 20))


def test_a_large_scope_that_is_begun_again_is_fetched_apart_too():
    todo = plan(at(w_1=(20, 20)), EPOCH, {"w-1": (900, 30)}, large={"w-1"})
    assert (todo.reset, todo.add, todo.apart, dict(todo.start)) == (("w-1",), ("w-1",), ("w-1",), {})
