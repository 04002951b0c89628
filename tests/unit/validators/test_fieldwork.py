"""What checks of the data find notable among interviews."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from statistics import fmean, median, quantiles, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fieldwork import (
    Earned,
    Limits,
    Measured,
    Paradata,
    Position,
    Profile,
    Spread,
    compare,
    duplicates,
    of_enumerators,
    of_interview,
    outlying,
    pace,
)
from validators.fieldwork.backcheck import drawn
from validators.fieldwork.enumerators import tallies
from validators.policy import load_policy

LIMITS = Limits.of(load_policy(), date(2026, 8, 1))
NINE = datetime(2026, 8, 1, 1, tzinfo=UTC)  # nine o'clock in Ordos
HOME = Position(39.83, 108.73, 8)


def made(number: int, minutes: float = 30, start: datetime = NINE, **more: object) -> Paradata:
    """Return an interview of a household of its own, valid by default."""
    paradata = Paradata(
        f"op-{number}", f"i-{number}", f"h-{number}", "150625101201", "u1", "household", start + timedelta(hours=2),
        site="s1", started=start, finished=start + timedelta(minutes=minutes), persons=3,
    )  # fmt: skip
    return replace(paradata, **more)


def usual(minutes: float = 30) -> list[Paradata]:
    """Return ten interviews of ten days, each where its household lives."""
    return [
        made(100 + n, minutes, NINE - timedelta(days=n), position=HOME._replace(lat=39.83 + n / 10_000))
        for n in range(10)
    ]


def told(measured: Iterator[Measured]) -> dict[str, dict[str, object]]:
    return {each.check: dict(each.values) for each in measured}


def test_an_interview_like_the_others_is_not_notable() -> None:
    one = made(1, position=HOME)
    assert told(of_interview(one, Profile.of(usual()), LIMITS, HOME)) == {}


@pytest.mark.parametrize(
    ("minutes", "values"),
    [
        (9.8, {"short_of": 30.0, "minutes": 9.8}),
        (9.9, None),
        (90, None),
        (90.1, {"long_of": 30.0, "minutes": 90.1}),
    ],
)
def test_a_duration_is_held_against_the_median_of_form_and_size(minutes: float, values: object) -> None:
    assert told(of_interview(made(1, minutes), Profile.of(usual()), LIMITS)).get("Q11") == values


def test_where_too_few_were_made_a_floor_by_persons_counts() -> None:
    nothing = Profile()
    assert told(of_interview(made(1, 39, persons=4), nothing, LIMITS))["Q11"]["short_of"] == 40
    assert told(of_interview(made(1, 40, persons=4), nothing, LIMITS)) == {}
    assert told(of_interview(made(1, 29, persons=1), nothing, LIMITS))["Q11"]["short_of"] == 30


def test_night_is_from_ten_to_six_in_ordos() -> None:
    evening = datetime(2026, 8, 1, 14, tzinfo=UTC)
    profile = Profile.of(usual())
    assert told(of_interview(made(1, start=evening), profile, LIMITS))["Q11"]["hour"] == 22
    assert told(of_interview(made(1, start=evening - timedelta(minutes=1)), profile, LIMITS)) == {}
    assert told(of_interview(made(1, start=datetime(2026, 8, 1, 22, tzinfo=UTC)), profile, LIMITS)) == {}


def test_over_midnight_is_two_days() -> None:
    late = made(1, 90, datetime(2026, 8, 1, 15, 30, tzinfo=UTC))
    assert told(of_interview(late, Profile.of(usual()), LIMITS))["Q11"]["days"] == 2


def test_a_position_may_be_off_by_its_own_doubt_twice() -> None:
    near = HOME._replace(lat=39.83 + 0.00193, accuracy=8)  # 215 m
    far = HOME._replace(lat=39.83 + 0.00196, accuracy=8)  # 218 m
    assert told(of_interview(made(1, position=near), Profile(), LIMITS, HOME)) == {}
    assert told(of_interview(made(1, position=far), Profile(), LIMITS, HOME))["Q12"] == {"from_dwelling": 218}


def test_far_from_the_site_imprecise_repeated_and_made_up_positions_are_told() -> None:
    away = Position(39.86, 108.73, 51, mock=True)
    others = [made(n, position=away) for n in (2, 3)]
    one = made(1, position=away)
    values = told(of_interview(one, Profile.of([*usual(), one, *others]), LIMITS))["Q12"]
    assert values == {"accuracy": 51, "mock": True, "from_site": 3269, "households": 3}


def test_a_battery_of_six_with_one_choice_is_a_straight_line() -> None:
    same = made(1, scales=(("a",) * 6, ("a", "b", "a", "b", "a", "b")))
    assert told(of_interview(same, Profile.of(usual()), LIMITS))["Q15"] == {"run": 6, "items": 6}
    assert told(of_interview(made(1, scales=(("a",) * 5,)), Profile.of(usual()), LIMITS)) == {}
    eight_of_ten = made(1, scales=(("a",) * 8 + ("b", "a"),))
    assert told(of_interview(eight_of_ten, Profile.of(usual()), LIMITS)) == {}


def test_the_record_of_an_interview_tells_form_clock_and_way() -> None:
    odd = made(1, newest=False, clock_off=-11.0, received=NINE + timedelta(days=8, hours=1))
    values = told(of_interview(odd, Profile.of(usual()), LIMITS))["Q18"]
    assert values == {"old_form": True, "clock_off": -11, "late_days": 8}
    backwards = made(1, -5)
    assert told(of_interview(backwards, Profile.of(usual()), LIMITS)) == {"Q18": {"backwards": True}}


def test_two_households_at_once_cannot_be_and_two_forms_of_one_visit_can() -> None:
    first, second = made(1), made(2, start=NINE + timedelta(minutes=29))
    assert [(each.subject, each.values) for each in pace([second, first], Profile(), LIMITS)] == [
        ("i-2", {"with": "i-1", "minutes": 1.0})
    ]
    assert list(pace([first, replace(second, household="h-1")], Profile(), LIMITS)) == []
    assert list(pace([first, made(2, start=NINE + timedelta(minutes=30))], Profile(), LIMITS)) == []


def test_faster_than_a_car_is_told() -> None:
    first = made(1, position=HOME)
    north = HOME._replace(lat=39.83 + 0.36)  # 40 km
    fast = made(2, start=NINE + timedelta(minutes=30 + 19), position=north)
    slow = made(2, start=NINE + timedelta(minutes=30 + 21), position=north)
    assert [each.values["speed"] for each in pace([first, fast], Profile(), LIMITS)] == [126]
    assert list(pace([first, slow], Profile(), LIMITS)) == []


def test_more_than_fifteen_households_in_a_day_are_told_once() -> None:
    day = [made(n, 20, NINE + timedelta(minutes=30 * n)) for n in range(16)]
    assert [(each.subject, each.values) for each in pace(day, Profile(), LIMITS)] == [
        ("i-15", {"in_a_day": 16})
    ]
    assert list(pace(day[:15], Profile(), LIMITS)) == []


def test_a_day_of_more_than_twice_the_median_is_told_from_half_the_limit_on() -> None:
    profile = Profile.of(usual())  # one a day
    day = [made(n, 20, NINE + timedelta(minutes=30 * n)) for n in range(8)]
    assert [each.values for each in pace(day, profile, LIMITS)] == [{"in_a_day": 8}]
    assert list(pace(day[:7], profile, LIMITS)) == []


def items(different: int, of: int = 40) -> dict[str, str]:
    return {f"/q{n}": f'"{n if n < different else 0}x"' for n in range(of)}


def test_near_duplicates_are_told_at_the_later_interview() -> None:
    others = [made(10 + n, items={f"/q{m}": f'"{n}{m}"' for m in range(40)}) for n in range(8)]
    first = made(1, items=items(0))
    alike, apart = made(2, items=items(6)), made(3, items=items(8))
    profile = Profile.of([first, alike, apart, *others])
    found = {each.subject: each.values for each in duplicates([first, alike], profile, LIMITS)}
    assert found == {"i-2": {"with": "i-1", "percent": 87.5, "items": 40}}
    assert list(duplicates([first, apart], profile, LIMITS)) == []


def test_answers_that_nearly_all_give_tell_nobody_apart() -> None:
    interviews = [made(n, items={f"/q{m}": '"no"' for m in range(40)}) for n in range(5)]
    assert list(duplicates(interviews, Profile.of(interviews), LIMITS)) == []


def many(user: str, unsure: int, count: int = 20, **more: object) -> list[Paradata]:
    answers = {f"/q{n}": '"a"' for n in range(10)}
    return [made(n, user=user, items=answers, unsure=unsure, **more) for n in range(count)]


def test_an_enumerator_far_above_the_others_is_to_be_coached() -> None:
    crowd = [each for n in range(9) for each in many(f"u{n}", n % 2)]
    found = list(of_enumerators(tallies([*crowd, *many("u9", 8)]), LIMITS))
    assert [(each.check, each.entry, each.subject) for each in found] == [
        ("Q16", "banner:150625", "u9/unsure")
    ]
    assert list(of_enumerators(tallies([*crowd, *many("u9", 8, 19)]), LIMITS)) == []


def test_who_confirms_everything_in_nearly_all_interviews_is_told() -> None:
    sure = many("u1", 0, 17, shown=5, confirmed=5) + many("u1", 0, 3, shown=5, confirmed=4)
    assert [each.values for each in of_enumerators(tallies(sure), LIMITS)] == [
        {"percent": 85.0, "interviews": 20}
    ]
    unsure = many("u1", 0, 16, shown=5, confirmed=5) + many("u1", 0, 4, shown=5, confirmed=4)
    assert list(of_enumerators(tallies(unsure), LIMITS)) == []


def test_a_back_check_by_somebody_else_is_compared_answer_by_answer() -> None:
    first = made(1, items=items(0, 20))
    assert list(compare(first, made(1, user="u2", items=items(2, 20), interview="i-9"), LIMITS)) == []
    differ = made(1, user="u2", interview="i-9", items=items(4, 20))
    found = list(compare(first, differ, LIMITS))
    assert [(each.subject, each.values) for each in found] == [
        ("i-1", {"percent": 15.0, "items": 20, "by": "i-9"})
    ]
    assert list(compare(first, replace(differ, user="u1"), LIMITS)) == []


def test_about_a_tenth_is_drawn_and_always_the_same() -> None:
    chosen = [n for n in range(10_000) if drawn(f"i-{n}", 10)]
    assert 900 < len(chosen) < 1100
    assert [n for n in range(10_000) if drawn(f"i-{n}", 10)] == chosen


# --- pay beside that of others


def spread(amounts: Iterable[float]) -> Spread:
    made = Spread()
    for amount in amounts:
        made.add(amount)
    return made


USUAL_PAY = [3000 + 50 * number for number in range(40)]


def odd(amount: float, group: Spread, limits: Limits = LIMITS) -> list[dict[str, object]]:
    return [
        dict(each.values)
        for each in outlying("h-1", Earned("p-1", ("4", "county"), amount, "op-1"), group, limits)
    ]


def test_pay_outside_the_fences_of_its_group_is_told_without_the_amount():
    group = spread(USUAL_PAY)
    low, _, high = quantiles([log(amount) for amount in USUAL_PAY], n=4, method="inclusive")
    fence = exp(high + 1.5 * (high - low))
    assert odd(fence * 0.97, group) == []
    (told_high,) = odd(fence * 1.05, group)
    assert (told_high["side"], told_high["persons"]) == ("high", 40)
    assert 1.5 < told_high["iqrs"] < 2
    assert [each["side"] for each in odd(exp(low - 1.7 * (high - low)), group)] == ["low"]
    assert "amount" not in told_high


def test_a_small_group_tells_nothing_and_equal_pay_does_not_make_a_fifth_odd():
    assert odd(90_000, spread(USUAL_PAY[:19])) == []
    assert len(odd(90_000, spread(USUAL_PAY[:20]))) == 1
    same = spread([1000.0] * 30)
    assert odd(1200, same) == []
    assert len(odd(1500, same)) == 1


def test_deviations_are_the_other_way():
    group, by_sd = spread(USUAL_PAY), replace(LIMITS, pay_by="sd")
    mean, sd = fmean(map(log, USUAL_PAY)), stdev(map(log, USUAL_PAY))
    assert odd(exp(mean + 2.9 * sd), group, by_sd) == []
    assert len(odd(exp(mean + 3.2 * sd), group, by_sd)) == 1
    assert odd(exp(mean + 3.2 * sd), group, replace(by_sd, pay_deviations=4)) == []


@given(st.lists(st.floats(1, 50_000), min_size=20, max_size=200), st.randoms(use_true_random=False))
def test_the_fences_are_the_same_in_any_order_and_near_the_exact_ones(amounts, chance):
    shuffled = [*amounts]
    chance.shuffle(shuffled)
    one, other = spread(amounts), spread(shuffled)
    assert one.apart(50_000) == other.apart(50_000)
    assert abs(log(one.usual()) - median(map(log, amounts))) <= 0.0051
    assert len(one._bins) <= 1_083  # whatever comes: a bin for each hundredth of the logarithm of 1 to 50,000
