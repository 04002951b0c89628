from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spans import FOREVER, Span
from validators.policy.calendars import DayCalendar, TermTable
from validators.policy.loader import load_policy
from validators.rule import Term

HANGGIN = "150625101"
TERMS = (
    Term("2019/20", "autumn", Span(date(2019, 9, 2), date(2020, 1, 10))),
    Term("2019/20", "spring", Span(date(2020, 5, 11), date(2020, 7, 31))),
)
CALENDAR = DayCalendar([TermTable("15", TERMS, date(2020, 8, 31))])
days = st.dates(date(1950, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (
            date(2020, 1, 20),
            5,
            date(2020, 2, 4),
        ),  # Spring Festival, prolonged to 2 February; 19 January worked
        (date(2019, 9, 27), 1, date(2019, 9, 29)),  # a Sunday worked before National Day
        (date(2019, 9, 30), 1, date(2019, 10, 8)),
    ],
)
def test_working_days_follow_the_state_council(day: date, count: int, expected: date) -> None:
    assert CALENDAR.add_working_days(day, count) == expected


def test_beyond_the_known_years_a_working_day_is_monday_to_friday() -> None:
    friday = date(2035, 10, 5)
    assert CALENDAR.add_working_days(friday, 1) == date(2035, 10, 8)
    assert CALENDAR.working_days(Span(date(2035, 10, 1), date(2035, 10, 7))) == 5
    assert CALENDAR.working_days(Span(date(1999, 1, 4), date(1999, 1, 10))) == 5
    assert CALENDAR.add_working_days(date(1999, 1, 8), 1) == date(1999, 1, 11)


def test_the_last_days_of_the_calendar_raise_nothing() -> None:
    assert CALENDAR.add_working_days(FOREVER, 3) == FOREVER
    assert CALENDAR.working_days(Span(date.min, FOREVER)) > 2_000_000


@given(day=days, count=st.integers(1, 400))
def test_adding_and_counting_working_days_agree(day: date, count: int) -> None:
    there = CALENDAR.add_working_days(day, count)
    assert CALENDAR.working_days(Span(day + timedelta(days=1), there)) == count
    assert CALENDAR.working_days(Span(there, there)) == 1


def test_teaching_days_are_working_days_within_terms() -> None:
    week_of_national_day = Span(date(2019, 9, 30), date(2019, 10, 6))
    assert CALENDAR.teaching_days(week_of_national_day, HANGGIN) == 1
    assert CALENDAR.teaching_days(Span(date(2020, 1, 11), date(2020, 5, 10)), HANGGIN) == 0
    assert CALENDAR.add_teaching_days(date(2020, 1, 10), 1, HANGGIN) == date(2020, 5, 11)


def test_a_day_lies_in_its_term_or_in_holidays() -> None:
    assert CALENDAR.term_on(date(2020, 1, 10), HANGGIN) == TERMS[0]
    assert CALENDAR.term_on(date(2020, 1, 11), HANGGIN) is None
    assert CALENDAR.next_term(date(2020, 1, 11), HANGGIN) == TERMS[1]
    assert CALENDAR.next_term(date(2020, 5, 11), HANGGIN) == TERMS[1]


@pytest.mark.parametrize("day", [date(2019, 9, 1), date(2020, 9, 1)])
def test_beyond_the_term_table_asking_names_the_table_to_extend(day: date) -> None:
    with pytest.raises(LookupError, match=r"terms\.yaml"):
        CALENDAR.term_on(day, HANGGIN)
    with pytest.raises(LookupError, match=r"terms\.yaml"):
        CALENDAR.add_teaching_days(date(2020, 7, 31), 1, HANGGIN)
    with pytest.raises(LookupError, match="region 11"):
        CALENDAR.term_on(day, "11")


def test_the_longest_prefix_holds_all_terms_of_a_region() -> None:
    own = TermTable("150625", TERMS[:1], date(2020, 8, 31))
    calendar = DayCalendar([TermTable("15", TERMS, date(2020, 8, 31)), own])
    assert calendar.term_on(date(2020, 5, 11), "150625101") is None
    assert calendar.term_on(date(2020, 5, 11), "150626") == TERMS[1]


def test_schools_of_inner_mongolia_reopened_in_may_2020() -> None:
    calendar = load_policy().calendar
    assert calendar.teaching_days(Span(date(2020, 3, 1), date(2020, 5, 10)), HANGGIN) == 0
    assert calendar.term_on(date(2020, 5, 11), HANGGIN) is not None
