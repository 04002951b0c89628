"""Days, months and ages: the interval algebra against plain sets of days."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spans import (
    FOREVER,
    NO_DAYS,
    Span,
    Spans,
    add_months,
    age_on,
    birthday,
    next_day,
    previous_day,
)

FIRST = date(2019, 1, 1)
DAYS = st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n))
ANY_DAY = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@st.composite
def span(draw: st.DrawFn) -> Span:
    one, other = draw(DAYS), draw(DAYS)
    return Span(min(one, other), max(one, other))


SPAN_LISTS = st.lists(span(), max_size=6)


def days_of(spans: Spans) -> set[date]:
    return {each.start + timedelta(days=n) for each in spans for n in range(each.days)}


def plain(spans: list[Span]) -> set[date]:
    return {each.start + timedelta(days=n) for each in spans for n in range(each.days)}


@given(SPAN_LISTS, SPAN_LISTS)
def test_union_meet_and_difference_are_those_of_sets_of_days(one, other):
    a, b = Spans(one), Spans(other)
    assert days_of(a | b) == plain(one) | plain(other)
    assert days_of(a & b) == plain(one) & plain(other)
    assert days_of(a - b) == plain(one) - plain(other)
    assert a.days == len(plain(one))
    assert bool(a) == bool(one)


@given(SPAN_LISTS, SPAN_LISTS)
def test_sets_of_the_same_days_are_equal_values(one, other):
    a, b = Spans(one), Spans(other)
    assert (a == b) == (plain(one) == plain(other))
    assert Spans(reversed(one)) == a
    assert a | b == b | a
    assert hash((a - b) | (a & b)) == hash(a)
    assert (a - b) | (a & b) == a


@given(SPAN_LISTS)
def test_spans_are_sorted_and_never_touch(one):
    pieces = list(Spans(one))
    assert all(next_day(a.end) < b.start for a, b in pairwise(pieces))


@given(SPAN_LISTS, DAYS)
def test_a_day_is_in_the_set_or_not(one, day):
    assert (day in Spans(one)) == (day in plain(one))


@given(SPAN_LISTS)
def test_gaps_are_the_days_missing_between_first_and_last(one):
    days = Spans(one)
    if days.start is None or days.end is None:
        assert days.gaps() == NO_DAYS
    else:
        assert days.gaps() == Spans.between(days.start, days.end) - days


def test_an_open_end_is_cut_and_joined_like_any_other():
    since_2020 = Spans((Span(date(2020, 1, 1)),))
    in_2021 = Spans.between(date(2021, 1, 1), date(2021, 12, 31))
    assert [*(since_2020 - in_2021)] == [Span(date(2020, 1, 1), date(2020, 12, 31)), Span(date(2022, 1, 1))]
    assert since_2020 | in_2021 == since_2020
    assert in_2021 - since_2020 == NO_DAYS
    assert since_2020.end == FOREVER
    assert "2020-01-01…" in repr(since_2020)


def test_between_is_empty_when_the_end_lies_before_the_start():
    assert Spans.between(date(2020, 1, 2), date(2020, 1, 1)) == NO_DAYS
    assert NO_DAYS.start is None
    assert NO_DAYS.end is None


def test_a_span_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="cannot end"):
        Span(date(2020, 1, 2), date(2020, 1, 1))


def test_one_day_is_a_span_of_one_day():
    one = Span(date(2020, 1, 1), date(2020, 1, 1))
    assert one.days == 1
    assert date(2020, 1, 1) in one
    assert date(2020, 1, 2) not in one
    assert one.meets(one)
    assert not one.meets(Span(date(2020, 1, 2)))


def test_no_day_lies_before_the_first_or_after_the_last():
    assert next_day(FOREVER) == FOREVER
    assert previous_day(FOREVER) == FOREVER
    assert previous_day(date.min) == date.min
    assert add_months(FOREVER, 3) == FOREVER


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2021, 1, 31), 1, date(2021, 2, 28)),
        (date(2020, 12, 31), 2, date(2021, 2, 28)),
        (date(2020, 3, 31), -1, date(2020, 2, 29)),
        (date(2020, 1, 15), -1, date(2019, 12, 15)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(start, months, day):
    assert add_months(start, months) == day


@given(ANY_DAY, st.integers(-600, 600))
def test_months_are_counted_by_the_calendar(day, months):
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day


@pytest.mark.parametrize(
    ("end", "outlasts", "whole"),
    [
        (date(2020, 6, 29), False, 2),
        (date(2020, 6, 30), False, 3),  # the last allowed day of three calendar months from 1 April
        (date(2020, 7, 1), True, 3),  # the first day too many
        (FOREVER, True, None),
    ],
)
def test_three_months_from_1_april_are_outlasted_on_1_july(end, outlasts, whole):
    gap = Span(date(2020, 4, 1), end)
    assert gap.outlasts(months=3) is outlasts
    if whole is not None:
        assert gap.whole_months == whole


@given(ANY_DAY, st.integers(1, 60))
def test_a_span_outlasts_n_months_from_the_day_on_which_n_months_are_over(start, months):
    over = add_months(start, months)
    assert not Span(start, previous_day(over)).outlasts(months=months)
    assert Span(start, over).outlasts(months=months)
    assert Span(start, previous_day(over)).whole_months == months


@given(ANY_DAY, st.integers(0, 1500))
def test_whole_months_are_the_most_that_fit(start, length):
    stretch = Span(start, start + timedelta(days=length))
    assert add_months(start, stretch.whole_months) <= next_day(stretch.end)
    assert add_months(start, stretch.whole_months + 1) > next_day(stretch.end)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2004, 9, 1), date(2020, 8, 31), 15),
        (date(2004, 9, 1), date(2020, 9, 1), 16),
        (date(2004, 2, 29), date(2020, 2, 28), 15),
        (date(2004, 2, 29), date(2020, 2, 29), 16),
        (date(2004, 2, 29), date(2021, 2, 28), 16),
        (date(2004, 2, 29), date(2021, 3, 1), 17),
    ],
)
def test_age_is_completed_years_and_29_february_turns_on_1_march(birth, day, age):
    assert age_on(birth, day) == age


@given(ANY_DAY, st.integers(0, 100))
def test_the_birthday_is_the_first_day_of_that_age(birth, years):
    turned = birthday(birth, years)
    assert age_on(birth, turned) == years
    assert age_on(birth, previous_day(turned)) == years - 1
