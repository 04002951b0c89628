import json
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.expressions import OPERATORS, ExpressionError, parse
from forms.operators import equal

VECTORS = json.loads(files("forms").joinpath("expressions.vectors.json").read_text(encoding="utf-8"))
TODAY = date.fromisoformat(VECTORS["today"])
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.dates().map(date.isoformat),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
PLAIN = SCALARS | st.floats(allow_nan=False, allow_infinity=False)
EXPRESSIONS = st.recursive(
    PLAIN
    | st.sampled_from([{"var": "a"}, {"var": "a.*.b"}, {"var": "$.b.*"}, {"var": ["c.a", 0]}, {"today": []}]),
    lambda inner: st.builds(
        lambda operator, operands: {operator: operands},
        st.sampled_from([name for name in OPERATORS if name not in {"var", "today"}]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_an_expression_gives_what_its_vector_says(vector):
    given_ = parse(vector["expression"]).evaluate(VECTORS["data"], TODAY, vector.get("root"))
    assert equal(given_, vector["gives"]), given_


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_what_is_no_expression_is_refused(vector):
    with pytest.raises(ExpressionError):
        parse(vector["expression"])


def test_every_operator_has_a_vector():
    text = json.dumps([vector["expression"] for vector in VECTORS["vectors"]])
    assert [name for name in OPERATORS if f'"{name}":' not in text] == []


@given(EXPRESSIONS, JSON_VALUES, JSON_VALUES)
def test_no_data_makes_an_expression_fail(source, data, root):
    try:
        expression = parse(source)
    except ExpressionError:
        return
    value = expression.evaluate(data, TODAY, root)
    json.dumps(value)


def test_an_expression_knows_the_answers_it_reads():
    assert parse({"<": [{"var": "a"}, {"sum": {"var": "$.rows.*.b"}}]}).reads == ("a", "$.rows.*.b")


def test_a_number_that_json_cannot_carry_is_no_expression():
    with pytest.raises(ExpressionError):
        parse({"+": [float("inf"), 1]})
