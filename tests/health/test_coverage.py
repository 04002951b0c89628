"""Nothing of the notice is left out: from the question to the case, and the page says so."""

import re

import pytest

from tests.health.coverage import PAGE, ROOT, gaps, page
from validators.policy.duties import Duty, duties

NOTICE = re.sub(r"\s", "", (ROOT / "tests" / "health" / "notice.txt").read_text(encoding="utf-8"))


def test_no_duty_check_or_indicator_is_without_its_question_rule_and_cases() -> None:
    assert list(gaps()) == []


@pytest.mark.parametrize("duty", duties(), ids=lambda duty: duty.id)
def test_a_duty_is_in_the_notice_word_for_word(duty: Duty) -> None:
    for phrase in duty.text:
        assert re.sub(r"\s", "", phrase) in NOTICE


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
