"""A case stands as its findings stand."""

from dataclasses import replace
from datetime import date

import pytest

from tests.unit.validators.test_findings import FINDING, some
from validators.cases import CaseState, case_id, cases_of, named_by, step_day
from validators.life import State
from validators.policy import STEPS, load_policy
from validators.rule import Severity

POLICY = load_policy()
HOME, UNIT = FINDING.household, FINDING.unit


def case(*findings):
    return cases_of(findings, POLICY)[case_id(HOME, UNIT)]


def test_findings_of_a_household_for_one_unit_are_one_case() -> None:
    other = some(2, unit="education")
    cases = cases_of(
        [FINDING, some(3, rule="insurance/double-cover"), other, some(4, household="h2")], POLICY
    )
    assert {(each.household, each.unit, each.live) for each in cases.values()} == {
        ("h1", "medical_insurance", 2),
        ("h1", "education", 1),
        ("h2", "medical_insurance", 1),
    }
    assert all(case_id(each.household, each.unit) == name for name, each in cases.items())
    assert cases[case_id("h1", UNIT)].rules == ("insurance/double-cover", "insurance/lapse")


@pytest.mark.parametrize(
    ("states", "stands"),
    [
        ([State.OPEN, State.ACTED, State.CLEARED], CaseState.OPEN),
        ([State.ACKNOWLEDGED, State.ACTED], CaseState.ACKNOWLEDGED),
        ([State.ACTED, State.VERIFIED], CaseState.ACTED),
        ([State.VERIFIED, State.DISMISSED, State.CLEARED], CaseState.CLOSED),
    ],
)
def test_it_stands_as_the_least_advanced_of_its_live_findings(states, stands) -> None:
    found = case(*(some(number, state=state) for number, state in enumerate(states)))
    assert found.state is stands
    assert found.live == sum(state in {State.OPEN, State.ACKNOWLEDGED, State.ACTED} for state in states)


def test_its_deadline_is_the_earliest_of_what_is_to_be_acted_upon() -> None:
    early = some(1, due=date(2020, 8, 10), state=State.ACTED)
    late = some(2, due=date(2020, 9, 1), severity=Severity.CRITICAL)
    gone = some(3, due=date(2020, 7, 1), state=State.CLEARED)
    assert case(early, late, gone).due == date(2020, 9, 1)
    assert case(early, late, gone).severity is Severity.CRITICAL
    assert case(early, gone).due == date(2020, 8, 10)
    assert case(gone, some(4, due=date(2020, 7, 5), state=State.DISMISSED)).due == date(2020, 7, 5)


def test_overdue_is_the_day_after_the_deadline_and_only_what_nobody_acted_upon() -> None:
    found = case(FINDING)
    assert found.due == date(2020, 8, 24)
    assert not found.overdue(date(2020, 8, 24))
    assert found.overdue(date(2020, 8, 25))
    acted = case(replace(FINDING, state=State.ACTED))
    assert not acted.overdue(date(2021, 8, 25))


def test_steps_of_escalation_are_working_days_after_the_deadline() -> None:
    """24 August 2020 is a Monday; the days off of 1 October fall into the count of a later case."""
    found = case(FINDING)
    days = [step_day(found, step, POLICY) for step in range(len(STEPS) + 1)]
    assert days == [date(2020, 8, 25), date(2020, 8, 31), date(2020, 9, 7), None]
    holiday = case(replace(FINDING, due=date(2020, 9, 30)))
    assert step_day(holiday, 0, POLICY) == date(2020, 10, 9)
    assert step_day(case(replace(FINDING, state=State.ACTED)), 0, POLICY) is None


def test_the_units_of_a_clause_are_told_in_the_order_of_the_notice() -> None:
    (social, rights) = named_by(["七(三)", "三(三)"], POLICY)
    assert social.responsible == ("hrss", "banner")
    assert social.cooperating == ("development_reform", "poverty_alleviation", "civil_affairs")
    assert rights.clause == "七(三)"


def test_those_cooperate_whom_the_clauses_of_what_is_live_name_so() -> None:
    social = ("civil_affairs", "development_reform", "poverty_alleviation")
    assert case(FINDING).cooperating == social
    schooling = some(2, clause="三(一)")
    both = case(FINDING, schooling).cooperating
    assert set(both) == {*social, *POLICY.clauses["三(一)"].cooperating}
    assert both == tuple(sorted(both))
    gone = some(3, clause="三(一)", state=State.CLEARED)
    assert case(FINDING, gone).cooperating == social
    assert case(gone).cooperating == tuple(sorted(POLICY.clauses["三(一)"].cooperating)), (
        "of a closed one, all"
    )


def test_a_unit_does_not_cooperate_in_its_own_case_and_a_clause_that_is_no_more_names_nobody() -> None:
    own = some(1, unit="civil_affairs")
    (found,) = cases_of([own], POLICY).values()
    assert found.cooperating == ("development_reform", "poverty_alleviation")
    assert case(some(2, clause="九十九(九)")).cooperating == ()
