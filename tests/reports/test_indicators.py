"""Single indicators, by cases as data: the last day that counts and the first that does not."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.spans import FOREVER
from ledger.fold import fold_statements
from ledger.model import Interview, InterviewState
from reports.indicators import Arrival, Home, all_indicators, is_fresh, part_name
from reports.indicators.model import closed_on
from reports.moment import month_before, month_days
from tests.rules.builder import HOUSEHOLD, REGION, statements
from validators.engine import Engine
from validators.life import step
from validators.policy import DeclaredParameters, load_policy
from validators.policy.loader import read_yaml
from validators.rule import Case, Today

CASES = read_yaml(Path(__file__).parent.joinpath("cases", "indicators.yaml").read_bytes())
POLICY = load_policy()


def household(document: dict[str, Any]):
    entry = fold_statements(HOUSEHOLD, REGION, tuple(statements(document)))
    if "interviewed" not in document:
        return entry
    seen = Interview("i1", "0" * 64, "f", None, "op", "u1", document["interviewed"], InterviewState.HEAD)
    return replace(entry, interviews=(seen,))


def home(document: dict[str, Any], arrivals=()) -> Home:
    entry, day = household(document), document["as_of"]
    judgement = Engine(POLICY).judge(entry, day)
    assert not judgement.failures
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    findings = step({}, judgement, household=HOUSEHOLD, region=REGION, at=at, day=day, policy=POLICY).values()
    case = Case(entry, Today(day), DeclaredParameters("report", POLICY.parameters, {}), POLICY.calendar)
    month = month_days(month_before(day))
    return Home(entry, case, day, month, tuple(findings), arrivals)


def sums(seen: Home) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for indicator in all_indicators():
        if indicator.level == "household":
            for line in indicator.judge(seen):
                for index, each in enumerate((line.num, line.den, line.unknown)):
                    found[f"{indicator.number}.{line.part}"][index] += each
    return dict(found)


@pytest.mark.parametrize("document", CASES, ids=[case["name"] for case in CASES])
def test_an_indicator_counts_what_its_case_says(document):
    found = sums(home(document))
    expected = {str(part): each for part, each in document["expect"].items()}
    assert {part: found.get(part) for part in expected} == expected


def test_no_line_is_counted_under_a_part_that_is_not_declared():
    declared = {part_name(each, part) for each in all_indicators() for part in each.parts}
    seen = {part for document in CASES for part in sums(home(document))}
    assert seen <= declared


def test_in_a_share_nobody_is_both_counted_and_unknown():
    for document in CASES:
        seen = home(document)
        for indicator in all_indicators():
            if indicator.level == "household":
                for line in indicator.judge(seen):
                    assert line.num >= 0, (indicator.number, line)
                    if line.den:
                        assert line.unknown in (0, line.den), (indicator.number, line)
                        assert not (line.num and line.unknown), (indicator.number, line)


@pytest.mark.parametrize(
    ("day", "fresh"), [("2020-06-03", True), ("2020-06-02", False), ("2020-09-02", False)]
)
def test_an_interview_ninety_days_back_still_counts_and_one_of_tomorrow_does_not(day, fresh):
    entry = household({**CASES[0], "interviewed": date.fromisoformat(day)})
    assert is_fresh(entry, date(2020, 9, 1)) is fresh


def test_visits_count_by_household_and_lateness_by_visit():
    """Seven days are in time, eight are late; a household that nobody met did not respond."""
    visits = (Arrival("visit", date(2020, 8, 1), 7), Arrival("visit", date(2020, 8, 2), 8))
    found = sums(home(CASES[0], visits))
    assert (found["38.response"], found["38.late"]) == ([0, 1, 0], [1, 2, 0])
    met = (*visits, Arrival("interview", date(2020, 8, 3), 0))
    assert sums(home(CASES[0], met))["38.response"] == [1, 1, 0]
    assert "38.response" not in sums(home(CASES[0]))


def test_live_flags_are_told_by_age_and_unit():
    document = next(case for case in CASES if case["name"] == "中断超过三个月为断保")
    seen = home(document)
    (lapse,) = [finding for finding in seen.findings if finding.rule == "insurance/lapse"]
    lines = [line for each in all_indicators() if each.number == 38 for line in each.judge(seen)]
    assert {(line.part, line.unit) for line in lines if line.subject == lapse.id} == {
        ("flags", lapse.unit),
        ("to_30", lapse.unit),
    }
    assert closed_on(lapse) == date.min
    assert lapse.span is not None
    assert lapse.span.end == FOREVER
