from dataclasses import replace
from datetime import date

import pytest

from core.problems import ConfigurationError
from validators.policy import Policy, Route, loader
from validators.policy.loader import load_policy, read_yaml
from validators.rule import Outcome, Severity

POLICY = load_policy()
RULE = POLICY.rules["sync/fork"]


def test_the_policy_is_one_value_with_one_version() -> None:
    assert load_policy() is POLICY
    assert len(POLICY.version) == 64


def test_yes_and_no_are_words_and_true_is_not() -> None:
    assert read_yaml(b"[yes, no, on, off, true, false, 2020-01-02]")[:6] == [
        "yes",
        "no",
        "on",
        "off",
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (replace(RULE, clause="十(一)"), "clauses"),
        (replace(POLICY.rules["schooling/by-hand"], clause="一(二)"), "no unit"),
        (replace(RULE, parameters=("sync.nothing",)), "parameters"),
        (replace(RULE, id="sync/unheard"), "messages"),
        (replace(RULE, subject="dwelling"), "subject"),
    ],
)
def test_a_rule_that_names_what_there_is_not_stops_the_start(rule: object, names: str) -> None:
    broken = replace(POLICY, rules={rule.id: rule})
    with pytest.raises(ConfigurationError, match=names):
        loader._check(broken)


def test_a_route_to_a_unit_that_there_is_not_stops_the_start() -> None:
    route = Route("sync/*", "post_office", "", {}, {"zh-Hans": "因", "en": "why"})
    with pytest.raises(ConfigurationError, match="post_office"):
        loader._check(replace(POLICY, routing=(route,)))


def test_a_banner_may_route_its_findings_to_another_unit() -> None:
    ours = {
        "rule": "sync/*",
        "unit": "education",
        "region": "150625",
        "reason": {"zh-Hans": "因", "en": "why"},
    }
    everywhere = {"rule": "*", "unit": "banner", "reason": ours["reason"]}
    policy: Policy = replace(POLICY, routing=loader._routing([everywhere, ours]))
    outcome = Outcome("h1", "a", {})
    assert policy.unit_for(RULE, outcome, "150625101") == "education"
    assert policy.unit_for(RULE, outcome, "150626") == "banner"


def test_reading_10_who_gets_medical_flags_is_configured_for_the_clause_does_not_list_that_office() -> None:
    rule = POLICY.rules["insurance/lapse"]
    clause = POLICY.clauses[rule.clause]
    assert "medical_insurance" not in {*clause.responsible, *clause.cooperating}
    medical = Outcome("p1", "a", {"branch": "medical"})
    assert POLICY.unit_for(rule, medical, "150625") == "medical_insurance"
    assert replace(POLICY, routing=()).unit_for(rule, medical, "150625") == "hrss"


def test_without_a_route_the_first_responsible_unit_of_the_clause_acts() -> None:
    policy = replace(POLICY, routing=())
    assert policy.unit_for(replace(RULE, clause="三(一)"), Outcome("h1", "a", {}), "150625") == "education"


def test_each_severity_has_a_deadline_and_the_graver_the_sooner() -> None:
    days = [
        POLICY.parameters[f"findings.due_days.{severity}"].at(date(2019, 12, 24)).value
        for severity in Severity
    ]
    assert days == sorted(days)
