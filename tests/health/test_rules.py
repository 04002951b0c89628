"""Every rule has its cases, its words and its parameters; nothing lies about unused."""

from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import pytest

from validators.fieldwork import Limits
from validators.messages import LANGUAGES
from validators.policy import load_policy
from validators.policy.loader import read_yaml
from validators.rule import Rule

POLICY = load_policy()
CASES = Path(__file__).parent.parent / "rules"
RULES = list(POLICY.rules.values())


def cases_of(rule: Rule) -> list[dict[str, object]]:
    path = CASES / f"{rule.id.replace('-', '_')}.yaml"
    assert path.is_file(), f"write the cases of {rule.id} into tests/rules/{path.parent.name}/{path.name}"
    cases: list[dict[str, object]] = read_yaml(path.read_bytes())
    return cases


def yields(case: dict[str, object], rule: Rule) -> bool:
    expected = case["expect"]
    assert isinstance(expected, list)
    return any(each["rule"] == rule.id for each in expected)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_a_case_that_yields_it_and_one_that_does_not(rule: Rule) -> None:
    told = {yields(case, rule) for case in cases_of(rule)}
    assert told == {True, False}, f"{rule.id}: one case on each side of the boundary"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_case_cites_a_clause_that_there_is(rule: Rule) -> None:
    for case in cases_of(rule):
        assert str(case["clause"]) in POLICY.clauses, case["name"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_asks_and_declares_each_parameter_once(rule: Rule) -> None:
    assert rule.about, f"{rule.id}: the docstring says what the rule asks"
    assert len(set(rule.parameters)) == len(rule.parameters)
    assert rule.judge.__module__ == "validators.rules." + rule.id.replace("/", ".").replace("-", "_")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_message_names_clause_unit_and_deadline_in_each_language(rule: Rule) -> None:
    message = POLICY.messages.messages[rule.id]
    for language in LANGUAGES:
        wording = message.wording[language]
        said = f"{wording.title}{wording.text}{wording.what_to_do}"
        for placeholder in ("{unit}", "{due}", "{clause}"):
            assert placeholder in said, f"{rule.id} {language}: says nothing of {placeholder}"


def test_every_message_belongs_to_a_rule() -> None:
    assert set(POLICY.messages.messages) == set(POLICY.rules)


def test_every_parameter_is_used() -> None:
    used = {name for rule in RULES for name in rule.parameters}
    used |= {f"fieldwork.{each.name}" for each in fields(Limits)} | {
        "fieldwork.backcheck_share"
    }  # what measures
    idle = [name for name in POLICY.parameters if name not in used and not name.startswith("findings.")]
    assert not idle, f"no rule declares {idle}: use or remove them"


def test_no_case_lies_in_a_file_without_a_rule() -> None:
    known = {rule.id.replace("-", "_") for rule in RULES}
    found = {f"{path.parent.name}/{path.stem}" for path in CASES.glob("*/*.yaml")}
    assert found <= known


def test_every_route_leads_some_rule_somewhere() -> None:
    from fnmatch import fnmatchcase

    led = defaultdict(list)
    for route in POLICY.routing:
        led[route.rule] += [rule.id for rule in RULES if fnmatchcase(rule.id, route.rule)]
    assert all(led.values()), {route for route, rules in led.items() if not rules}
