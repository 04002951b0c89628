"""What identifies or reaches a person is shown with its middle hidden."""

import pytest

from api.masking import mask, mask_answers, mask_fact
from core.masking import mask_text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("15062519900101123X", "150625********123X"),
        ("150625900101123", "150625******123"),
        ("13812345678", "138****5678"),
        ("G15062519900101123X", "***************123X"),
        ("123", "***"),
        ("12345", "****5"),
        ("", ""),
        (13812345678, "138****5678"),
        (None, None),
        (True, True),
        (["13812345678"], ["138****5678"]),
    ],
)
def test_a_number_keeps_what_tells_two_apart(value, shown):
    assert mask(value) == shown


def test_numbers_in_free_text_are_masked_and_the_rest_is_kept():
    text = "乌兰,身份证15062519900101123x,电话13812345678,2020年4月1日,户号150625000123"
    assert mask_text(text) == "乌兰,身份证150625********123x,电话138****5678,2020年4月1日,户号150625000123"


def test_facts_are_masked_by_the_dictionary():
    assert mask_fact("person", "resident_id", "15062519900101123X") == "150625********123X"
    assert mask_fact("person", "phone", "0477-1234567") == "********4567"
    assert mask_fact("spell:schooling", "registry.no", "L15062519900101123X") == "***************123X"
    assert mask_fact("person", "name", "乌兰") == "乌兰"
    assert mask_fact("person", "birth_date", "1990-01-01") == "1990-01-01"


def test_answers_without_their_form_are_masked_by_their_look():
    assert mask_answers(None, {"a": [{"b": "13812345678"}], "c": 5}) == {"a": [{"b": "138****5678"}], "c": 5}
    assert mask_answers(None, None) is None
