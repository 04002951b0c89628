"""What an answer must be to state a fact; anything else says nothing to the ledger."""

from datetime import date

import pytest
from households import day
from hypothesis import given
from hypothesis import strategies as st

from forms.facts import FactSpec, FactType
from ledger.dictionary import dictionary
from ledger.values import read, read_tracked, reader

CODES = {"a": {"en": "a"}, "b": {"en": "b"}}


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (FactType.TEXT, " 张三 ", "张三"),
        (FactType.TEXT, "  ", None),
        (FactType.TEXT, 3, None),
        (FactType.PLACE, "150625", "150625"),
        (FactType.IDENTIFIER, "15262719800302001X", "15262719800302001X"),
        (FactType.DATE, "2020-02-29", day("2020-02-29")),
        (FactType.DATE, "2021-02-29", None),
        (FactType.DATE, "20200229", None),
        (FactType.DATE, "2020-W01-1", None),
        (FactType.DATE, "2020-02", None),
        (FactType.DATE, 20200229, None),
        (FactType.CODE, "a", "a"),
        (FactType.CODE, "c", None),
        (FactType.CODE, ["a"], None),
        (FactType.CODE, {"a": "a"}, None),
        (FactType.CODE, None, None),
        (FactType.CODES, ["b", "a", "b"], ("a", "b")),
        (FactType.CODES, ["a", "c"], None),
        (FactType.CODES, [["a"]], None),
        (FactType.CODES, [], ()),
        (FactType.CODES, "a", None),
        (FactType.BOOLEAN, False, False),
        (FactType.BOOLEAN, 0, None),
        (FactType.BOOLEAN, "yes", None),
        (FactType.INTEGER, 3, 3),
        (FactType.INTEGER, 3.0, 3),
        (FactType.INTEGER, 3.5, None),
        (FactType.INTEGER, True, None),
        (FactType.NUMBER, 2.5, 2.5),
        (FactType.NUMBER, 2, 2),
        (FactType.NUMBER, "2", None),
        (FactType.NUMBER, True, None),
    ],
)
def test_a_value_states_a_fact_if_it_fits_the_type(monkeypatch, kind, raw, value):
    made = reader(FactSpec("person", "x", kind, {}, CODES))
    monkeypatch.setattr("ledger.values.readers", {"person": {"x": made}}.get)
    assert read("person", {"x": raw, "y": raw}) == ({} if value is None else {"x": value})


def test_what_a_person_row_says_of_spells_is_told_apart_from_point_facts():
    values, asked = read_tracked(
        "person", {"name": "张三", "job.now": "no", "insurance.medical.history_from": "2020-01-01"}
    )
    assert values == {"name": "张三"}
    assert asked == {"job": {"now": "no"}, "insurance.medical": {"history_from": day("2020-01-01")}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.data(), JSON)
def test_no_answer_whatsoever_breaks_the_reading(data, raw):
    level, name = data.draw(st.sampled_from(sorted(dictionary().facts)))
    for value in read(level, {name: raw}).values():
        assert isinstance(value, str | int | float | date | tuple)
