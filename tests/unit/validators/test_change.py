"""A policy with other values, and a folder of an office's own values."""

from datetime import date
from pathlib import Path

import pytest

from core.problems import ConfigurationError
from validators.policy import load_policy
from validators.policy.change import Change, changed, different, read_value, touched

POLICY = load_policy()
BRIDGE = "insurance.medical.bridge_months"


def test_a_value_is_in_force_from_its_day_on_and_the_version_is_another() -> None:
    other = changed(POLICY, [Change(BRIDGE, 6, date(2027, 1, 1))])
    assert other.parameters[BRIDGE].at(date(2027, 1, 1)).value == 6
    assert other.parameters[BRIDGE].at(date(2026, 12, 31)) == POLICY.parameters[BRIDGE].at(date(2026, 12, 31))
    assert other.version != POLICY.version
    assert different(POLICY.parameters, other.parameters) == {BRIDGE}


def test_a_value_may_be_for_one_banner_only() -> None:
    other = changed(POLICY, [Change(BRIDGE, 6, date(2027, 1, 1), region="150625")])
    assert other.parameters[BRIDGE].at(date(2027, 1, 1), "150625101").value == 6
    assert other.parameters[BRIDGE].at(date(2027, 1, 1), "150626101").value != 6


def test_only_rules_that_declare_the_parameter_are_touched() -> None:
    rules = touched(POLICY, {BRIDGE})
    assert "insurance/lapse" in rules
    assert "schooling/dropout" not in rules
    assert touched(POLICY, {"findings.due_days.major"}) == set(POLICY.rules)


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (BRIDGE, "4", 4),
        ("schooling.entry_by", "12-31", "12-31"),
        ("insurance.medical.categories", "dibao, tekun", ["dibao", "tekun"]),
    ],
)
def test_what_was_typed_becomes_a_value_of_the_unit(parameter: str, text: str, value: object) -> None:
    assert read_value(POLICY.parameters[parameter], text) == value


def test_what_is_no_value_of_the_unit_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="months"):
        read_value(POLICY.parameters[BRIDGE], "some")
    with pytest.raises(ConfigurationError, match="no parameter"):
        changed(POLICY, [Change("insurance.nothing", 1, date(2027, 1, 1))])


def test_a_folder_lays_own_values_over_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "insurance.yaml"
    own.write_text(
        f"{BRIDGE}:\n  values:\n  - {{from: 2027-01-01, value: 6, source: 鄂医保发〔2026〕1号, grade: S, "
        "verified_on: 2026-12-01}\n",
        encoding="utf-8",
    )
    policy = load_policy(tmp_path)
    assert policy.parameters[BRIDGE].at(date(2027, 1, 1)).source == "鄂医保发〔2026〕1号"
    assert policy.parameters[BRIDGE].at(date(2026, 12, 31)) == POLICY.parameters[BRIDGE].at(
        date(2026, 12, 31)
    )
    assert policy.version != POLICY.version


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("insurance.nothing: {values: []}\n", "no parameter"),
        (f"{BRIDGE}: {{unit: days, values: []}}\n", "only list"),
        (f"{BRIDGE}: {{values: [{{value: 3}}]}}\n", "from"),
    ],
)
def test_a_folder_that_does_not_fit_stops_the_start(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "insurance.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=wrong):
        load_policy(tmp_path)
    with pytest.raises(ConfigurationError, match="no folder"):
        load_policy(tmp_path / "absent")
