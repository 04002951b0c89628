from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from core.problems import ConfigurationError
from validators.policy.dated import DeclaredParameters, read_parameter

ENTRY: dict[str, Any] = {
    "zh": "可补缴的月数",
    "en": "months",
    "unit": "months",
    "kind": "external",
    "values": [
        {"from": date(2014, 1, 1), "value": 2, "source": "a", "grade": "K", "verified_on": None},
        {"from": date(2022, 1, 1), "value": 3, "source": "b", "grade": "S", "verified_on": None},
        {
            "from": date(2023, 1, 1),
            "region": "150625",
            "value": 6,
            "source": "c",
            "grade": "P",
            "verified_on": None,
        },
    ],
}
BRIDGE = read_parameter("insurance.bridge", ENTRY)


@pytest.mark.parametrize(
    ("day", "region", "value"),
    [
        (date(2014, 1, 1), "", 2),
        (date(2021, 12, 31), "150625101", 2),
        (date(2022, 1, 1), "", 3),
        (date(2022, 12, 31), "150625101", 3),
        (date(2023, 1, 1), "150625101", 6),
        (date(2023, 1, 1), "150626", 3),
    ],
)
def test_the_value_in_force_is_the_latest_of_the_longest_prefix(day: date, region: str, value: int) -> None:
    assert BRIDGE.at(day, region).value == value


def test_before_its_first_day_a_parameter_has_no_value() -> None:
    with pytest.raises(LookupError, match=r"insurance\.bridge has no value on 2013-12-31"):
        BRIDGE.at(date(2013, 12, 31))


def test_a_rule_is_handed_only_what_it_declares_and_its_questions_are_noted() -> None:
    parameters = DeclaredParameters("insurance/lapse", {BRIDGE.id: BRIDGE})
    with pytest.raises(LookupError, match="did not declare the parameter other"):
        parameters.at("other", on=date(2020, 1, 1))
    assert parameters.at(BRIDGE.id, on=date(2022, 5, 1)).since == date(2022, 1, 1)
    assert [used.value for used in parameters.used.values()] == [3]


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("unit", "moons"),
        ("kind", "guess"),
        ("values", []),
        ("values", [ENTRY["values"][0], ENTRY["values"][0]]),
        ("values", [ENTRY["values"][0] | {"value": "three"}]),
        ("values", [ENTRY["values"][0] | {"value": True}]),
        ("values", [ENTRY["values"][0] | {"source": " "}]),
        ("values", [ENTRY["values"][0] | {"grade": "A"}]),
        ("values", [ENTRY["values"][0] | {"from": "2014"}]),
        ("values", [{"from": date(2014, 1, 1), "value": 2}]),
    ],
)
def test_a_parameter_that_is_wrong_stops_the_start_by_name(part: str, wrong: Any) -> None:
    entry = deepcopy(ENTRY) | {part: wrong}
    with pytest.raises(ConfigurationError, match=r"insurance\.bridge"):
        read_parameter("insurance.bridge", entry)


def test_what_rules_share_is_computed_once_and_still_needs_every_declaration() -> None:
    memory: dict[tuple[str, ...], Any] = {}
    first = DeclaredParameters("insurance/lapse", {BRIDGE.id: BRIDGE}, memory)
    second = DeclaredParameters("insurance/lapse-short", {BRIDGE.id: BRIDGE}, memory)
    careless = DeclaredParameters("insurance/other", {}, memory)
    day = date(2022, 5, 1)
    assert first.once(("bridge", "p1"), lambda: first.at(BRIDGE.id, on=day).value * 2) == 6
    assert second.once(("bridge", "p1"), lambda: 0) == 6
    assert second.used == first.used != {}
    with pytest.raises(LookupError, match=r"insurance/other did not declare the parameter insurance\.bridge"):
        careless.once(("bridge", "p1"), lambda: 0)
