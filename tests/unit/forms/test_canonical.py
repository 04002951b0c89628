import hashlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from forms.canonical import NotCanonical, canonical, digest

NUMBERS = (
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, -0.0, 1.0, 1e16, 1e15, 1e21, 1e-6, 1e-7, 123456.5, 2.0**53, 5e-324, 1e300])
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "a,1234567890123456",
        ":1e-07,",
        "1.0]",
        "152824196001011234",
        "\U00010000",
        "\uffff",
        "\x7f\x1f\u2028",
        "，e-12}",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


ANYTHING = st.recursive(
    VALUES | st.floats() | st.integers() | st.characters(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=8,
)


@given(VALUES)
@example({"\ue000": 1, "\U00010000": 2})
@example([1.0])
@example([1e-6, 1e-7, 1e16, 1.5e16, 1.5e300])
@example({"a": [None, "null"], "b": (1, 2)})
@example([[-0.0], 1e22])
@example({"a": 10**15, "b": -(10**15)})
def test_bytes_are_those_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(ANYTHING)
@example([None, float("nan")])
@example({"a": None, "b": [float("-inf")], "c": "null"})
@example([2**53, "9007199254740992"])
def test_refused_is_what_rfc_8785_refuses_and_nothing_else(value):
    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, ValueError):
        with pytest.raises(NotCanonical):
            canonical(value)
    else:
        assert canonical(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"a": "\ud800"},
        {"\ud800": 1},
        [2**53],
        [-(2**53)],
        {"a": 10**30},
        {"a": [1, 10**400]},
        [float("nan")],
        {"a": float("inf")},
        {1: "a"} | {"b": 1},
        {"a": datetime(2026, 1, 1, tzinfo=UTC)},
        [UUID(int=1)],
        object(),
    ],
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical(value)


def test_a_value_nested_beyond_measure_is_refused_and_does_not_crash():
    value = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical(value)


def test_key_order_and_spelling_of_numbers_do_not_change_the_digest():
    assert (
        digest({"b": 1, "a": 0.5})
        == digest({"a": 0.5, "b": 1.0})
        == hashlib.sha256(b'{"a":0.5,"b":1}').hexdigest()
    )
