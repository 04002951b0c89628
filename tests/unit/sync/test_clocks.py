"""When something was said, by clocks that lie."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.clocks import Quality, estimate, timing

RECEIVED = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
NOW_MS = RECEIVED.timestamp() * 1000
DAY = 86_400_000


def test_within_one_boot_the_monotonic_clock_decides_however_wrong_the_wall_clock_is():
    clock = {"wall": NOW_MS + 1000 * DAY, "mono": 5 * DAY, "boot": "b7", "off": 17}
    found = timing(clock, {"wall": 12, "mono": 2 * DAY, "boot": "b7"}, RECEIVED)
    assert (found.said_on, found.quality) == (date(2024, 5, 31), Quality.A)
    assert found.finished_at == RECEIVED - timedelta(days=3)


@pytest.mark.parametrize("years", [-3, 3])
def test_after_a_restart_the_measured_offset_corrects_a_clock_three_years_off(years):
    wrong = years * 365 * DAY
    clock = {"wall": NOW_MS + wrong, "mono": 5, "boot": "b8", "off": -wrong}
    found = timing(clock, {"wall": NOW_MS + wrong - DAY, "mono": 9, "boot": "b7"}, RECEIVED)
    assert (found.said_on, found.quality) == (date(2024, 6, 2), Quality.B)


@pytest.mark.parametrize("years", [-3, 3])
def test_without_an_offset_the_difference_of_wall_clocks_is_used(years):
    wrong = years * 365 * DAY
    found = timing({"wall": NOW_MS + wrong}, {"wall": NOW_MS + wrong - DAY}, RECEIVED)
    assert (found.said_on, found.quality) == (date(2024, 6, 2), Quality.C)


@pytest.mark.parametrize(
    "finished",
    [
        None,
        5,
        {},
        {"wall": "x"},
        {"wall": NOW_MS + DAY},
        {"wall": NOW_MS - 401 * DAY},
        {"wall": 10**400},
        {"wall": True},
    ],
)
def test_what_is_not_credible_counts_as_said_on_the_day_it_came(finished):
    found = timing({"wall": NOW_MS, "off": 0}, finished, RECEIVED)
    assert (found.said_on, found.finished_at, found.quality) == (date(2024, 6, 3), None, Quality.C)


def test_days_are_days_in_shanghai():
    late = datetime(2024, 6, 3, 16, 30, tzinfo=UTC)
    assert timing({}, None, late).said_on == date(2024, 6, 4)


anything = st.one_of(st.floats(), st.integers(), st.text(), st.none(), st.booleans(), st.lists(st.integers()))
clocks = st.dictionaries(st.sampled_from(["wall", "mono", "boot", "off", "rtt"]), anything)


@given(clocks, clocks)
def test_no_clock_crashes_it_or_says_a_day_to_come(clock, finished):
    found = timing(clock, finished, RECEIVED)
    assert date(2023, 4, 29) <= found.said_on <= date(2024, 6, 3)


def sample(seconds, wall, **more):
    return {"at": RECEIVED + timedelta(seconds=seconds), "wall": wall, **more}


def test_a_clock_is_judged_by_the_sample_with_the_shortest_round_trip():
    found = estimate(
        [
            sample(0, NOW_MS - 41_200 - 3000, rtt=6000),
            sample(60, NOW_MS + 60_000 - 41_200 - 200, rtt=400),
            sample(120, NOW_MS + 120_000 - 30_000),
        ]
    )
    assert (found.offset_ms, found.error_ms, found.quality) == (41_200, 200, Quality.A)
    assert found.spread_ms == 11_200
    assert found.at == RECEIVED + timedelta(seconds=60)


def test_the_quality_of_a_clock_says_how_it_was_measured():
    assert estimate([sample(0, NOW_MS - 4000, rtt=8000)]).quality is Quality.B
    by_walls = estimate([sample(0, NOW_MS - 5 * 365 * DAY)])
    assert (by_walls.offset_ms, by_walls.error_ms, by_walls.quality) == (5 * 365 * DAY, None, Quality.C)
    assert estimate([{"at": RECEIVED, "boot": "b7"}]) is None
    assert estimate([]) is None


def test_a_clock_that_was_set_meanwhile_shows_in_the_spread():
    found = estimate([sample(0, NOW_MS, rtt=10), sample(10, NOW_MS + 10_000 + DAY, rtt=10)])
    assert found.spread_ms == DAY
