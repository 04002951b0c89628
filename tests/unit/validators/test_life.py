from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spans import Span
from forms.op import Op, OpKind
from validators.engine import Judged, Judgement, RuleFailure
from validators.life import Finding, State, Why, allowed, finding_id, step
from validators.policy import load_policy
from validators.rule import Outcome, Rule, Severity

POLICY = load_policy()
HOUSEHOLD, REGION = "h1", "150625101201"
LAPSE = Rule("test/lapse", "person", "三(三)", Severity.MAJOR, (), "", 1, lambda *_: iter(()))
KEY = finding_id(HOUSEHOLD, LAPSE.id, "p1", "e1")
DAY = date(2020, 8, 3)
LEGAL = {
    None: {State.OPEN},
    State.OPEN: {State.OPEN, State.ACKNOWLEDGED, State.ACTED, State.DISMISSED, State.CLEARED},
    State.ACKNOWLEDGED: {State.ACKNOWLEDGED, State.ACTED, State.DISMISSED, State.CLEARED},
    State.ACTED: {State.ACTED, State.VERIFIED, State.DISMISSED, State.OPEN},
    State.VERIFIED: {State.VERIFIED, State.OPEN},
    State.DISMISSED: {State.DISMISSED, State.OPEN},
    State.CLEARED: {State.CLEARED, State.OPEN},
}


def lapse(episode: str = "e1", **changes: Any) -> Judged:
    outcome = replace(
        Outcome("p1", episode, {"months": 4}, Span(date(2020, 4, 1)), evidence=("op-1",)),
        **changes,
    )
    return Judged(LAPSE, outcome, (), "hrss", outcome.severity or Severity.MAJOR)


def says(*outcomes: Judged, failures: tuple[RuleFailure, ...] = ()) -> Judgement:
    return Judgement(outcomes, None, failures)


def instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def reply(action: str, on: date = DAY, number: int = 1, **body: Any) -> Op:
    told = {"household": HOUSEHOLD, "finding": KEY, "action": action, **body}
    return Op(f"reply-{number}", OpKind.REPLY, HOUSEHOLD, instant(on), on, "officer", told)


def interview(op: str, on: date) -> Op:
    return Op(op, OpKind.INTERVIEW, HOUSEHOLD, instant(on), on, "enumerator", {})


def after(  # noqa: PLR0913 - a builder, all by keyword
    findings: Mapping[str, Finding],
    judgement: Judgement,
    *,
    day: date = DAY,
    replies: tuple[Op, ...] = (),
    evidence: tuple[Op, ...] = (),
    region: str = REGION,
) -> dict[str, Finding]:
    return step(
        findings,
        judgement,
        household=HOUSEHOLD,
        region=region,
        at=instant(day),
        day=day,
        policy=POLICY,
        replies=replies,
        evidence=evidence,
    )


def in_state(state: State) -> dict[str, Finding]:
    """Bring a finding into a state the way it gets there."""
    there = after({}, says(lapse()), evidence=(interview("op-1", DAY),))
    ways: dict[State, tuple[Op, ...]] = {
        State.OPEN: (),
        State.ACKNOWLEDGED: (reply("acknowledge"),),
        State.ACTED: (reply("act"),),
        State.VERIFIED: (reply("act"), reply("verify", number=2, evidence=["sha-256:" + "0" * 64])),
        State.DISMISSED: (reply("dismiss", reason="死亡"),),
    }
    if state is State.CLEARED:
        return after(there, says())
    return after(there, says(lapse()), replies=ways[state])


def test_what_a_rule_yields_opens_with_a_deadline_in_working_days() -> None:
    finding = after({}, says(lapse()), evidence=(interview("op-1", DAY),))[KEY]
    assert (finding.state, finding.opened_on, finding.yielded) == (State.OPEN, DAY, True)
    assert finding.due == date(2020, 8, 24)
    assert finding.parameters == (("findings.due_days.major", date(2014, 1, 1)),)
    assert [(event.why, event.op) for event in finding.history] == [(Why.OPENED, "op-1")]


def test_a_deadline_of_law_is_the_deadline() -> None:
    assert after({}, says(lapse(due=date(2020, 9, 30))))[KEY].due == date(2020, 9, 30)


def test_still_yielded_is_refreshed_without_an_event() -> None:
    first = in_state(State.ACKNOWLEDGED)
    now = after(first, says(lapse(values={"months": 5}, severity=Severity.CRITICAL)), day=date(2020, 9, 1))[
        KEY
    ]
    assert now.values == {"months": 5}
    assert now.due == date(2020, 8, 10)
    assert now.history == first[KEY].history


def test_a_finding_that_did_not_change_is_the_same_object() -> None:
    for state in State:
        first = in_state(state)
        yielded = says(lapse()) if first[KEY].yielded else says()
        assert after(first, yielded, day=DAY + timedelta(days=9))[KEY] is first[KEY]


def test_a_later_visit_that_finds_it_still_there_opens_it_again() -> None:
    acted = in_state(State.ACTED)
    seen = lapse(evidence=("op-1", "op-2"))
    now = after(acted, says(seen), day=date(2020, 9, 1), evidence=(interview("op-2", DAY),))[KEY]
    assert (now.state, now.history[-1].why, now.history[-1].op) == (State.OPEN, Why.STILL_THERE, "op-2")
    assert (now.opened_on, now.due) == (date(2020, 9, 1), date(2020, 9, 22))


@pytest.mark.parametrize(
    ("said_on", "rests_on"),
    [(DAY - timedelta(days=1), ("op-1", "op-2")), (DAY, ("op-1",))],
)
def test_an_older_visit_or_one_about_something_else_leaves_it_acted(
    said_on: date, rests_on: tuple[str, ...]
) -> None:
    acted = in_state(State.ACTED)
    now = after(acted, says(lapse(evidence=rests_on)), evidence=(interview("op-2", said_on),))[KEY]
    assert now.state is State.ACTED


def test_acted_and_no_longer_yielded_is_verified() -> None:
    now = after(in_state(State.ACTED), says(), evidence=(interview("op-2", DAY),))[KEY]
    assert (now.state, now.history[-1].why, now.history[-1].op) == (State.VERIFIED, Why.SEEN_GONE, "op-2")


@pytest.mark.parametrize("state", [State.OPEN, State.ACKNOWLEDGED])
def test_nobody_acted_and_it_is_gone_so_it_is_cleared_by_evidence_or_by_a_day(state: State) -> None:
    by_evidence = after(in_state(state), says(), evidence=(interview("op-2", DAY),))[KEY].history[-1]
    assert (by_evidence.state, by_evidence.why, by_evidence.op) == (State.CLEARED, Why.EVIDENCE, "op-2")
    by_day = after(in_state(state), says(), day=date(2020, 9, 1))[KEY].history[-1]
    assert (by_day.state, by_day.why, by_day.op, by_day.day) == (
        State.CLEARED,
        Why.DAY,
        None,
        date(2020, 9, 1),
    )


def test_a_failed_visit_is_no_evidence_that_it_is_gone() -> None:
    visit = replace(interview("op-2", DAY), kind=OpKind.VISIT)
    event = after(in_state(State.OPEN), says(), evidence=(visit,))[KEY].history[-1]
    assert (event.why, event.op) == (Why.DAY, None)


@pytest.mark.parametrize("state", [State.CLEARED, State.VERIFIED])
def test_yielded_again_it_opens_again_with_a_new_deadline_and_its_old_history(state: State) -> None:
    gone = after(in_state(state), says())
    now = after(gone, says(lapse()), day=date(2021, 3, 1))[KEY]
    assert (now.state, now.opened_on, now.history[-1].why) == (State.OPEN, date(2021, 3, 1), Why.REOPENED)
    assert now.history[:-1] == gone[KEY].history


def test_verified_by_an_officer_it_rests_until_a_visit_shows_otherwise() -> None:
    verified = in_state(State.VERIFIED)
    assert after(verified, says(lapse()), day=date(2020, 9, 1))[KEY].state is State.VERIFIED
    seen = lapse(evidence=("op-2",))
    shown = after(verified, says(seen), evidence=(interview("op-2", DAY + timedelta(days=1)),))
    assert shown[KEY].state is State.OPEN


def test_dismissed_stays_dismissed() -> None:
    gone = after(in_state(State.DISMISSED), says())
    again = after(gone, says(lapse(evidence=("op-2",))), evidence=(interview("op-2", DAY),))
    assert (gone[KEY].state, again[KEY].state) == (State.DISMISSED, State.DISMISSED)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize(
    "action", ["acknowledge", "act", "verify", "dismiss", "reopen", "comment", "explode", ""]
)
def test_a_reply_does_what_the_state_allows_and_nothing_else(state: State, action: str) -> None:
    first = in_state(state)
    yielded = says(lapse()) if first[KEY].yielded else says()
    now = after(
        first, yielded, replies=(reply(action, number=9, reason="已核对", note="见照片", evidence=["ab"]),)
    )[KEY]
    event = now.history[len(first[KEY].history)]
    assert (event.by, event.op, event.note, event.evidence) == (
        "officer",
        "reply-9",
        "已核对\n见照片",
        ("ab",),
    )
    if action in allowed(state):
        assert event.why == action
    else:
        assert (event.why, event.state) == (Why.NOT_APPLIED, state)


def test_a_dismissal_needs_its_reason() -> None:
    now = after(in_state(State.OPEN), says(lapse()), replies=(reply("dismiss", reason="  ", note="算了"),))[
        KEY
    ]
    assert (now.state, now.history[-1].why) == (State.OPEN, Why.NOT_APPLIED)


def test_who_verifies_shows_something() -> None:
    for nothing in ({}, {"evidence": []}, {"evidence": None}):
        now = after(in_state(State.ACTED), says(lapse()), replies=(reply("verify", number=3, **nothing),))[
            KEY
        ]
        assert (now.state, now.history[-1].why) == (State.ACTED, Why.NOT_APPLIED)


def test_replies_apply_in_the_order_in_which_they_were_made() -> None:
    act = replace(reply("act", DAY, 2), received_at=instant(DAY + timedelta(days=5)))
    verify = reply("verify", DAY + timedelta(days=1), 1, evidence=["旗民政局〔2020〕3号"])
    now = after(in_state(State.OPEN), says(lapse()), replies=(verify, act))[KEY]
    assert now.state is State.VERIFIED


def test_a_reply_to_a_finding_that_there_is_not_changes_nothing() -> None:
    stray = reply("act", finding="nothing")
    assert after({}, says(), replies=(stray, reply("act", finding=None), reply("act", finding=["x"]))) == {}


def test_a_rule_that_crashed_says_nothing_about_its_subject() -> None:
    first = in_state(State.ACTED)
    crash = RuleFailure(LAPSE.id, "p1", "ZeroDivisionError: division by zero", "lapse:1")
    assert after(first, says(failures=(crash,)))[KEY] is first[KEY]
    moved = after(first, says(failures=(crash,)), region="150626001001")[KEY]
    assert (moved.region, moved.state) == ("150626001001", State.ACTED)


def test_a_rule_about_households_that_crashed_says_nothing_about_any_member() -> None:
    first = in_state(State.OPEN)
    crash = RuleFailure(LAPSE.id, HOUSEHOLD, "ZeroDivisionError: division by zero", "lapse:1")
    assert after(first, says(failures=(crash,)))[KEY] is first[KEY]


def test_a_rule_that_crashed_says_nothing_about_the_records_of_its_subject() -> None:
    first = in_state(State.OPEN)
    about = {KEY: replace(first[KEY], subject="t1")}
    crash = RuleFailure(LAPSE.id, "p9", "ZeroDivisionError", "lapse:1", frozenset({"t1"}))
    assert after(about, says(failures=(crash,)))[KEY] is about[KEY]


@pytest.mark.parametrize("state", list(State))
def test_findings_move_with_their_household(state: State) -> None:
    first = in_state(state)
    yielded = says(lapse()) if first[KEY].yielded else says()
    assert after(first, yielded, region="150626001001")[KEY].region == "150626001001"


actions = st.sampled_from(["acknowledge", "act", "verify", "dismiss", "reopen", "comment", "nonsense"])
stages = st.lists(
    st.tuples(
        st.integers(0, 40),  # days since the stage before
        st.sets(st.sampled_from(["e1", "e2"])),  # episodes yielded
        st.booleans(),  # whether the rule crashed
        st.lists(
            st.tuples(st.sampled_from(["e1", "e2"]), actions, st.integers(-5, 5), st.sampled_from(["", "因"]))
        ),
        st.booleans(),  # whether there was an interview
    ),
    max_size=8,
)


def live(story: list[Any], *, backwards: bool) -> list[dict[str, Finding]]:
    """Play stages; `backwards` gives the ops of each stage in reverse."""
    findings: dict[str, Finding] = {}
    day, told = DAY, []
    for number, (pause, episodes, crashed, answers, visited) in enumerate(story):
        day += timedelta(days=pause)
        op = f"op-{number}"
        replies = [
            replace(
                reply(action, day + timedelta(days=shift), 100 * number + place, reason=reason),
                body={
                    "finding": finding_id(HOUSEHOLD, LAPSE.id, "p1", episode),
                    "action": action,
                    "reason": reason,
                },
            )
            for place, (episode, action, shift, reason) in enumerate(answers)
        ]
        failures = (RuleFailure(LAPSE.id, "p1", "", ""),) if crashed else ()
        yielded = () if crashed else tuple(lapse(episode, evidence=(op,)) for episode in sorted(episodes))
        evidence = (interview(op, day),) if visited else ()
        order = -1 if backwards else 1
        findings = after(
            findings,
            says(*yielded, failures=failures),
            day=day,
            replies=tuple(replies[::order]),
            evidence=evidence[::order],
        )
        told.append(findings)
    return told


@given(stages)
def test_every_life_is_legal_total_and_the_same_when_told_again(story: list[Any]) -> None:
    told = live(story, backwards=False)
    assert told == live(story, backwards=True)
    for (_, episodes, crashed, _, _), findings in zip(story, told, strict=True):
        for finding in findings.values():
            states = [None, *(event.state for event in finding.history)]
            assert all(b in LEGAL[a] for a, b in pairwise(states)), states
            assert finding.history[-1].state is finding.state
            if not crashed:
                assert finding.yielded is (finding.episode in episodes)
                assert finding.yielded or finding.state in {State.VERIFIED, State.DISMISSED, State.CLEARED}
                assert not (finding.yielded and finding.state is State.CLEARED)
    for before, now in pairwise(told):
        assert all(now[key].history[: len(old.history)] == old.history for key, old in before.items())
