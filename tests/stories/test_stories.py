"""Household stories, written from the notice alone, are judged as the notice asks (format: README.md beside)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ledger.fold import fold_statements
from ledger.model import Household
from tests.rules import builder
from validators.engine import Engine, Judged
from validators.policy import load_policy
from validators.policy.duties import duties, quality_checks
from validators.policy.loader import read_yaml
from validators.rule import Severity

HERE = Path(__file__).parent
GRAVE = frozenset({Severity.CRITICAL, Severity.MAJOR})
KNOWLEDGE = frozenset(
    {
        "insurance/unverified",
        "schooling/unverified",
        "ledger/contradiction",
        "work/record-missing",
        "work/record-stale",
    }
)
"""Rules that only say that something is not known: a story that leaves something out is not about that."""

HOW_ASKED = frozenset({"fieldwork", "sync"})
"""Areas of rules about how interviews were made and sent: nothing that happens to a household is about that."""

_STORY = {"title", "story", "region", "household", "visits"}
_VISIT = {"on", "told", "grade", "persons", "household", "tracks", "records", "flags", "expect"}
_EXPECTED = {"duty", "check", "of", "severity", "unit", "variant"}


@cache
def engine() -> Engine:
    return Engine(load_policy())


def stories() -> list[Any]:
    """Return every story as a parameter, named by its file and title."""
    found = []
    for path in sorted(HERE.glob("*.yaml")):
        story = read_yaml(path.read_bytes())
        found.append(pytest.param(story, id=f"{path.stem} {story['title']}"))
    return found


def test_there_are_twenty_stories_of_two_years_each_told_in_prose() -> None:
    told = [param.values[0] for param in stories()]
    assert len(told) >= 20
    for story in told:
        days = [visit["on"] for visit in story["visits"]]
        assert days == sorted(days), story["title"]
        assert (days[-1] - days[0]).days >= 365, f"{story['title']}: rounds over about two years"
        assert len(story["story"]) >= 60, f"{story['title']}: tell it in prose"
        assert set(story) <= _STORY, story["title"]


@pytest.mark.parametrize("story", stories())
def test_a_story_is_judged_as_the_notice_asks(story: Mapping[str, Any]) -> None:
    wrong = []
    for number, visit in enumerate(story["visits"]):
        assert set(visit) <= _VISIT, f"a visit has no {set(visit) - _VISIT}"
        household = entry(story, number)
        judgement = engine().judge(household, visit["on"])
        assert judgement.failures == ()
        wrong += [f"{visit['on']}: {what}" for what in differences(visit, list(judgement.outcomes))]
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_rule_about_what_happens_to_a_household_is_yielded_by_a_story() -> None:
    told = {
        judged.rule.id
        for param in stories()
        for number, visit in enumerate(param.values[0]["visits"])
        for judged in engine().judge(entry(param.values[0], number), visit["on"]).outcomes
    }
    of_households = {
        rule.id
        for rule in engine().policy.rules.values()
        if rule.subject in {"person", "household"} and rule.id.partition("/")[0] not in HOW_ASKED
    }
    assert of_households - told == set(), "tell a story in which this happens"


def entry(story: Mapping[str, Any], number: int) -> Household:
    """Return the household after a visit; each visit at the door is the interview of a round of its own."""
    rounds = [
        {part: said for part, said in visit.items() if part not in {"told", "flags", "expect"}}
        for visit in story["visits"][: number + 1]
        if set(visit) - {"on", "flags", "expect"}
    ]
    asked = [
        {
            "id": f"i{n}",
            "op": f"op-{n:02}",
            "on": said["on"],
            "state": "head",
            "round": f"{said['on'].year}-{n}",
        }
        for n, said in enumerate(rounds, start=1)
        if said.get("grade", "self_report") in {"self_report", "document"}
    ]
    looked = [
        {"on": visit["on"], **flag}
        for visit in story["visits"][: number + 1]
        for flag in visit.get("flags", ())
    ]
    document = {"household": story["household"], "rounds": rounds, "interviews": asked, "flags": looked}
    region = str(story.get("region", builder.REGION))
    folded = fold_statements(builder.HOUSEHOLD, region, tuple(builder.statements(document)))
    return replace(
        folded, interviews=tuple(builder.interviews(document)), flags=tuple(builder.flags(document))
    )


def differences(visit: Mapping[str, Any], outcomes: list[Judged]) -> list[str]:
    """Return what is yielded and not expected, and what is expected and not yielded."""
    rules = {each.id: each.rules for each in (*duties(), *quality_checks())}
    wrong, left = [], list(outcomes)
    for expected in visit["expect"]:
        assert set(expected) <= _EXPECTED, f"an expectation has no {set(expected) - _EXPECTED}"
        about = expected.get("duty") or expected.get("check")
        assert about in rules, f"there is no duty or check {about}"
        answering = [judged for judged in outcomes if fits(judged, expected, rules[about])]
        if not answering:
            wrong.append(f"expected {dict(expected)}, not yielded")
        left = [judged for judged in left if not same(judged, expected, rules[about])]
    wrong += [
        f"not expected: {judged.rule.id} of {judged.outcome.subject} ({judged.severity}, {judged.outcome.episode})"
        for judged in left
        if judged.severity in GRAVE and judged.rule.id not in KNOWLEDGE
    ]
    return wrong


def same(judged: Judged, expected: Mapping[str, Any], rules: tuple[str, ...]) -> bool:
    """Tell whether an outcome answers to the expected duty of the expected subject."""
    return judged.rule.id in rules and judged.outcome.subject == expected["of"]


def fits(judged: Judged, expected: Mapping[str, Any], rules: tuple[str, ...]) -> bool:
    """Tell whether an outcome is as expected in all that is given."""
    return (
        same(judged, expected, rules)
        and judged.severity == expected.get("severity", judged.severity)
        and judged.unit == expected.get("unit", judged.unit)
        and set(expected.get("variant", ())) <= set(judged.outcome.variant)
    )
