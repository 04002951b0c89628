from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ledger.model import Household, Person, Record, Site
from validators.engine import Engine, Judgement
from validators.policy import load_policy
from validators.rule import Case, Outcome, Rule, Severity

POLICY = load_policy()
HOUSEHOLD = Household("h1", "150625101201", persons=(Person("p1"), Person("p2")))
DAY = date(2020, 8, 3)


def judge(rule: Any, *, household: Household | Site = HOUSEHOLD, **changes: Any) -> Judgement:
    declared = {
        "id": "insurance/test",
        "subject": "person",
        "clause": "三(三)",
        "severity": Severity.MINOR,
        "parameters": (),
        "about": "",
        "version": 1,
        "judge": rule,
    }
    made = Rule(**(declared | changes))
    return Engine(POLICY, {made.id: made}).judge(household, DAY)


def test_outcomes_are_sorted_and_carry_unit_severity_and_parameters() -> None:
    def rule(person: Person, case: Case) -> Iterator[Outcome]:
        case.parameters.at("findings.due_days.major", on=DAY)
        yield Outcome(person.id, "b", {"branch": "medical"})
        yield Outcome(person.id, "a", {"branch": "pension"}, severity=Severity.CRITICAL)

    judged = judge(rule, parameters=("findings.due_days.major",)).outcomes
    assert [(j.outcome.subject, j.outcome.episode, j.unit, j.severity) for j in judged] == [
        ("p1", "a", "hrss", "critical"),
        ("p1", "b", "medical_insurance", "minor"),
        ("p2", "a", "hrss", "critical"),
        ("p2", "b", "medical_insurance", "minor"),
    ]
    assert all([p.parameter for p in j.parameters] == ["findings.due_days.major"] for j in judged)


def test_who_lacks_cover_for_want_of_papers_goes_to_the_police() -> None:
    def rule(person: Person, _: Case) -> Iterator[Outcome]:
        yield Outcome(person.id, "a", {"branch": "medical", "reason": "4"})

    assert {judged.unit for judged in judge(rule).outcomes} == {"public_security"}


def test_the_unit_that_an_outcome_names_goes_before_routing() -> None:
    def rule(person: Person, _: Case) -> Iterator[Outcome]:
        yield Outcome(person.id, "a", {"branch": "medical"}, unit="civil_affairs")

    assert {judged.unit for judged in judge(rule).outcomes} == {"civil_affairs"}


def test_the_next_due_day_is_the_earliest_that_was_asked_for_and_has_not_come() -> None:
    def rule(person: Person, case: Case) -> Iterator[Outcome]:
        for day in (date(2020, 8, 3), date(2021, 1, 1), date(2020, 9, 1)):
            if case.today.reached(day):
                yield Outcome(person.id, day.isoformat(), {})

    judgement = judge(rule)
    assert judgement.next_due == date(2020, 9, 1)
    assert {judged.outcome.episode for judged in judgement.outcomes} == {"2020-08-03"}


def test_a_rule_that_crashes_on_one_person_is_reported_and_the_others_are_judged() -> None:
    def rule(person: Person, case: Case) -> Iterator[Outcome]:
        yield Outcome(person.id, "a", {})
        if person.id == "p1":
            case.parameters.at("findings.due_days.major", on=DAY)

    judgement = judge(rule)
    assert [judged.outcome.subject for judged in judgement.outcomes] == ["p2"]
    (failure,) = judgement.failures
    assert (failure.rule, failure.subject) == ("insurance/test", "p1")
    assert "did not declare" in failure.error
    assert failure.where


def test_two_outcomes_of_one_episode_are_a_crash() -> None:
    def rule(household: Household, _: Case) -> Iterator[Outcome]:
        yield Outcome(household.id, "a", {})
        yield Outcome(household.id, "a", {})

    judgement = judge(rule, subject="household")
    assert (judgement.outcomes, [f.subject for f in judgement.failures]) == ((), ["h1"])


@pytest.mark.parametrize("rule_id", sorted(POLICY.rules))
def test_no_rule_crashes_on_persons_of_whom_nothing_was_told(rule_id: str) -> None:
    judgement = Engine(POLICY, {rule_id: POLICY.rules[rule_id]}).judge(HOUSEHOLD, DAY)
    assert judgement.failures == ()


def test_a_rule_is_asked_only_of_what_it_is_about() -> None:
    def rule(subject: Any, case: Case) -> Iterator[Outcome]:
        assert case.region == case.entry.region
        yield Outcome(subject.id, "a", {})

    site, banner = Site("site", "site:s1", "150625101"), Site("banner", "banner:150625", "150625")
    asked = {
        (kind, entry.id): [
            judged.outcome.subject for judged in judge(rule, household=entry, subject=kind).outcomes
        ]
        for kind in ("person", "household", "site", "banner")
        for entry in (HOUSEHOLD, site, banner)
    }
    assert {key: subjects for key, subjects in asked.items() if subjects} == {
        ("person", "h1"): ["p1", "p2"],
        ("household", "h1"): ["h1"],
        ("site", "site:s1"): ["site:s1"],
        ("banner", "banner:150625"): ["banner:150625"],
    }


def test_a_rule_about_a_site_that_asks_for_the_household_crashes_and_is_told() -> None:
    def rule(_: Site, case: Case) -> Iterator[Outcome]:
        yield Outcome(case.household.id, "a", {})

    (failure,) = judge(rule, household=Site("site", "site:s1", "150625"), subject="site").failures
    assert (failure.subject, failure.error) == ("site:s1", "TypeError: site:s1 is no household")


def test_a_failure_names_the_records_that_the_rule_may_have_spoken_of() -> None:
    def rule(_: Person, __: Case) -> Iterator[Outcome]:
        raise ZeroDivisionError

    member = Person("p1", records_by_kind={"training": (Record("training", "t1"),)})
    (failure,) = judge(rule, household=Household("h1", "150625", persons=(member,))).failures
    assert failure.records == {"t1"}
