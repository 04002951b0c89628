"""Every rule is judged on every case of its file."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from builder import RuleCase, all_cases
from hypothesis import given
from hypothesis import strategies as st

from core.spans import FOREVER
from ledger.model import Household
from validators.engine import Engine, Judged, Judgement
from validators.messages import LANGUAGES, render
from validators.policy import load_policy
from validators.rule import Severity

CASES = all_cases()


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_policy())


def fits(judged: Judged, expected: Mapping[str, Any], ids: Mapping[str, str]) -> bool:
    """Tell whether an outcome is as expected; the entry may be called by its kind (`ids`)."""
    outcome = judged.outcome
    if "subject" in expected:
        expected = {**expected, "subject": ids.get(expected["subject"], expected["subject"])}
    span = outcome.span
    actual = {
        "rule": judged.rule.id,
        "subject": outcome.subject,
        "from": span.start if span else None,
        "to": "open" if span and span.end == FOREVER else span.end if span else None,
        "variant": list(outcome.variant),
        "severity": judged.severity.value,
        "unit": judged.unit,
        "due": outcome.due,
        "episode": outcome.episode,
    }
    values = expected.get("values") or {}
    return all(actual[name] == value for name, value in expected.items() if name != "values") and all(
        name in outcome.values and plain(outcome.values[name]) == value for name, value in values.items()
    )


def plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def describe(outcomes: list[Judged]) -> str:
    lines = [
        f"{j.rule.id} {j.outcome.subject} {j.outcome.episode} {j.outcome.span} variant={j.outcome.variant} "
        f"severity={j.severity} unit={j.unit} due={j.outcome.due} values={dict(j.outcome.values)}"
        for j in outcomes
    ]
    return "\n  ".join(["", *lines]) if lines else " nothing"


def check_outcomes(case: RuleCase, judgement: Judgement) -> None:
    left = list(judgement.outcomes)
    for expected in case.document["expect"]:
        match = next((judged for judged in left if fits(judged, expected, case.ids)), None)
        assert match is not None, f"expected {expected}, but yielded:{describe(list(judgement.outcomes))}"
        left.remove(match)
    area = case.rule.partition("/")[0] + "/"
    own = [
        j
        for j in left
        if j.rule.id == case.rule or (case.document.get("only") and j.rule.id.startswith(area))
    ]
    assert not own, f"yielded besides what is expected:{describe(own)}"
    silent = set(case.document.get("expect_none") or ())
    loud = [j for j in judgement.outcomes if j.rule.id in silent]
    assert not loud, f"should not be yielded:{describe(loud)}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_yields_what_its_case_says(case: RuleCase, engine: Engine) -> None:
    assert case.rule in engine.policy.rules, f"{case.rule} is no rule"
    entry = case.entry()
    judgement = engine.judge(entry, case.as_of)
    assert judgement.failures == ()
    check_outcomes(case, judgement)
    if "next_due" in case.document:
        assert judgement.next_due == case.document["next_due"]
    for judged in judgement.outcomes:
        assert list(judged.outcome.variant) == sorted(judged.outcome.variant)
        assert list(judged.outcome.evidence) == sorted(judged.outcome.evidence)
        assert judged.unit in engine.policy.units
        persons = entry.persons if isinstance(entry, Household) else ()
        known = {entry.id, *(each.id for each in persons), *(each.id for each in entry.all_records())}
        assert judged.outcome.subject in known
        for language in LANGUAGES:
            said = render(Spoken(judged, case.as_of), entry, engine.policy, language)
            assert said.title
            assert said.text
            assert said.what_to_do
            if judged.severity is not Severity.INFORMATION and judged.rule.at_door:
                assert said.ask, "it travels to phones, and there is nothing to ask"
            assert not {"{", "}"} & set(said.ask)


class Spoken:
    """An outcome as a message is made from it."""

    def __init__(self, judged: Judged, day: date) -> None:
        self.rule, self.clause = judged.rule.id, judged.rule.clause
        self.subject, self.span = judged.outcome.subject, judged.outcome.span
        self.variant, self.values = judged.outcome.variant, judged.outcome.values
        self.unit, self.due = judged.unit, judged.outcome.due or day


if CASES:

    @given(case=st.sampled_from(CASES), later=st.integers(0, 1200), part=st.floats(0, 1))
    def test_nothing_changes_before_the_next_due_day(case: RuleCase, later: int, part: float) -> None:
        engine = Engine(load_policy())
        first = case.as_of + timedelta(days=later)
        judgement = engine.judge(case.entry(), first)
        last = (judgement.next_due or first + timedelta(days=1200)) - timedelta(days=1)
        between = first + timedelta(days=int((last - first).days * part))
        for day in (between, last):
            again = engine.judge(case.entry(), day)
            assert (again.outcomes, again.failures) == (judgement.outcomes, judgement.failures), day
            assert again.next_due == judgement.next_due
