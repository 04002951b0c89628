"""One number is one text, however it is written."""

import pytest

from ledger.numbers import written


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("resident_id", "11010519491231002X", "11010519491231002X"),
        ("resident_id", " 110105 19491231 002x ", "11010519491231002X"),
        ("resident_id", "110105491231002", "11010519491231002X"),
        ("phone", "138-1234-5678", "13812345678"),
        ("phone", "+86 138 1234 5678", "13812345678"),
        ("phone", "008613812345678", "13812345678"),
        ("phone", "(0477) 123-4567", "04771234567"),
        ("bank_account", "6222 0212 3456 7890", "6222021234567890"),
        ("phone", "", None),
        ("phone", " - ", None),
        ("phone", 138, None),
    ],
)
def test_a_number_is_written_in_one_way(kind, value, text):
    assert written(kind, value) == text
