"""From ops to a household: whatever order they come in, however often."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from households import (
    FORM,
    FORMS,
    HOME,
    MEDICAL,
    OTHER_FORM,
    REGION,
    correction,
    day,
    interview,
    op,
    person,
    registry,
    void,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import SHANGHAI
from core.spans import Span, Spans
from forms.op import OpKind
from ledger.fold import fold
from ledger.model import Grade, InterviewState

HEAD, FORKED, CONTESTED = InterviewState.HEAD, InterviewState.FORKED, InterviewState.CONTESTED
HELD, VOID, PARENTLESS = InterviewState.HELD, InterviewState.VOID, InterviewState.PARENTLESS


def moved_in(text):
    return {"moved_in": text}


def folded(*ops):
    household = fold(HOME, ops, FORMS)
    assert household is not None
    return household


def states(household):
    return {each.id: (each.state, each.op, each.other_ops) for each in household.interviews}


def test_there_is_no_household_before_a_roster_has_named_it():
    assert fold(HOME, [interview(1, moved_in("2019-10-12"))], FORMS) is None
    assert fold(HOME, [], FORMS) is None


def test_a_roster_makes_the_household_and_an_interview_adds_to_it():
    household = folded(
        registry(1, person("p1", name="张三", birth_date="1980-03-02")),
        interview(
            2, {"members": [{"id": "p1", "now": "yes", "covers": [{"key": "s1", "start": "2020-01-01"}]}]}
        ),
    )
    assert (household.id, household.region, household.text("registry_no")) == (HOME, REGION, "HJ-1")
    (member,) = household.persons
    assert member.name == "张三"
    assert member.facts["name"].said.grade is Grade.AGENCY
    assert member.track(MEDICAL).covered == Spans([Span(day("2020-01-01"), day("2020-03-01"))])
    assert states(household) == {"i1": (HEAD, "op-02", ())}


def test_a_later_roster_refines_the_earlier_one():
    household = folded(
        registry(1, person("p1", name="张三"), site="一号点", address="1-1"),
        registry(2, person("p2", name="李四"), on="2020-06-01", region="150602001001", site="二号点"),
    )
    assert (household.region, household.text("site"), household.text("address")) == (
        "150602001001",
        "二号点",
        "1-1",
    )
    assert [each.id for each in household.persons] == ["p1", "p2"]


def test_a_roster_row_that_is_no_row_is_left_out():
    broken = op(OpKind.REGISTRY, 1, {"region": REGION, "row": {"facts": 3}})
    other = op(OpKind.REGISTRY, 2, {"region": REGION, "row": {"entity": "person", "key": "p"}})
    assert fold(HOME, [broken, other], FORMS) is None


def test_an_interview_of_an_unknown_form_version_does_not_count_yet():
    ops = [registry(), interview(2, moved_in("2019-10-12"))]
    assert fold(HOME, ops, {}).interviews == ()
    assert fold(HOME, ops, FORMS).move_in == day("2019-10-12")


def test_values_that_do_not_fit_their_fact_are_left_out():
    household = folded(
        registry(1, person("p1", name=7, sex="男", birth_date="1980-02-30", health=["healthy", 3]))
    )
    assert household.persons[0].facts == {}


# --- revisions


def test_the_last_revision_of_an_interview_counts():
    household = folded(
        registry(),
        interview(2, moved_in("2019-10-12"), revision="a"),
        interview(3, moved_in("2019-10-13"), revision="b", parent="a"),
    )
    assert household.move_in == day("2019-10-13")
    assert states(household) == {"i1": (HEAD, "op-03", ())}


def test_of_two_revisions_with_one_parent_the_first_in_the_log_counts():
    household = folded(
        registry(),
        interview(2, moved_in("2019-10-11"), revision="a"),
        interview(3, moved_in("2019-10-12"), revision="b", parent="a"),
        interview(4, moved_in("2019-10-13"), revision="c", parent="a"),
    )
    assert household.move_in == day("2019-10-12")
    assert states(household) == {"i1": (FORKED, "op-03", ("op-04",))}


def test_of_two_revisions_with_one_parent_the_one_of_the_present_assignment_counts():
    household = folded(
        registry(),
        interview(2, moved_in("2019-10-11"), revision="a", epoch=1, assigned_epoch=1),
        interview(3, moved_in("2019-10-12"), revision="b", parent="a", epoch=1, assigned_epoch=2),
        interview(4, moved_in("2019-10-13"), revision="c", parent="a", epoch=2, assigned_epoch=2),
    )
    assert household.move_in == day("2019-10-13")
    (only,) = household.interviews
    assert (only.state, only.stale, only.other_ops) == (FORKED, False, ("op-03",))


def test_the_same_revision_with_other_content_is_a_fork():
    household = folded(
        registry(),
        interview(2, moved_in("2019-10-11"), revision="a"),
        interview(3, moved_in("2019-10-12"), revision="a"),
    )
    assert states(household) == {"i1": (FORKED, "op-02", ("op-03",))}


def test_a_revision_waits_for_its_parent_and_counts_when_it_comes():
    child = interview(3, moved_in("2019-10-13"), revision="b", parent="a")
    alone = folded(registry(), child)
    assert alone.move_in is None
    assert states(alone) == {"i1": (HELD, "op-03", ())}
    parent = interview(4, moved_in("2019-10-12"), revision="a")
    assert folded(registry(), child, parent).move_in == day("2019-10-13")


@pytest.mark.parametrize(("on", "state"), [("2020-03-09", HELD), ("2020-03-10", PARENTLESS)])
def test_a_revision_waits_seven_days_for_its_parent_and_then_counts_without_it(on, state):
    child = replace(
        interview(3, moved_in("2019-10-13"), revision="b", parent="a"),
        received_at=datetime(2020, 3, 3, 12, tzinfo=SHANGHAI),
    )
    household = fold(HOME, [registry(), child], FORMS, day(on))
    (only,) = household.interviews
    assert (only.state, only.op) == (state, "op-03")
    assert household.waits_until == (day("2020-03-10") if state is HELD else None)
    assert household.move_in == (None if state is HELD else day("2019-10-13"))


def test_after_seven_days_a_child_without_its_parent_goes_on_from_the_leaf_and_the_parent_mends_it():
    first = interview(2, moved_in("2019-10-11"), revision="a")
    lost = interview(3, moved_in("2019-10-12"), revision="b", parent="a")
    child = interview(4, moved_in("2019-10-13"), revision="c", parent="b")
    late = fold(HOME, [registry(), first, child], FORMS, day("2030-01-01"))
    assert states(late) == {"i1": (PARENTLESS, "op-04", ())}
    mended = fold(HOME, [registry(), first, child, lost], FORMS, day("2030-01-01"))
    assert states(mended) == {"i1": (HEAD, "op-04", ())}
    rival = interview(5, moved_in("2019-10-14"), revision="d", parent="b")
    forked = fold(HOME, [registry(), first, child, rival], FORMS, day("2030-01-01"))
    assert states(forked) == {"i1": (FORKED, "op-04", ("op-05",))}


def test_revisions_that_name_each_other_as_parent_are_held():
    household = folded(
        registry(), interview(2, revision="a", parent="b"), interview(3, revision="b", parent="a")
    )
    assert states(household) == {"i1": (HELD, "op-02", ("op-03",))}


def test_an_interview_of_an_old_assignment_is_marked_and_still_counts():
    household = folded(registry(), interview(2, moved_in("2019-10-12"), epoch=1, assigned_epoch=2))
    assert household.interviews[0].stale
    assert household.move_in == day("2019-10-12")
    assert not folded(registry(), interview(2, epoch=None, assigned_epoch=2)).interviews[0].stale


def test_two_interviews_of_one_round_and_form_are_contested_and_both_count():
    first = {"members": [{"id": "p1", "name": "张三"}]}
    second = {"members": [{"id": "p2", "name": "李四"}]}
    household = folded(registry(), interview(2, first, interview="i1"), interview(3, second, interview="i2"))
    assert states(household) == {
        "i1": (CONTESTED, "op-02", ("op-03",)),
        "i2": (CONTESTED, "op-03", ("op-02",)),
    }
    assert [each.name for each in household.persons] == ["张三", "李四"]


@pytest.mark.parametrize(
    "other",
    [
        interview(3, interview="i2", visit_round="r2"),
        interview(3, interview="i2", visit_round=None),
        interview(3, interview="i2", version=OTHER_FORM),
        interview(3, interview="i2", revision="b", parent="lost"),
    ],
)
def test_interviews_of_other_rounds_or_forms_or_that_are_held_contest_nothing(other):
    household = folded(registry(), interview(2, interview="i1"), other)
    assert household.interviews[0].state is HEAD
    assert household.interviews[1].state is not CONTESTED


def test_of_two_contested_interviews_one_of_an_old_assignment_counts_only_alone():
    stale = interview(2, moved_in("2019-10-12"), interview="i1", epoch=1, assigned_epoch=2)
    present = interview(3, moved_in("2019-10-13"), interview="i2", epoch=2, assigned_epoch=2)
    assert folded(registry(), stale).move_in == day("2019-10-12")
    both = folded(registry(), present, stale)
    assert both.move_in == day("2019-10-13")
    assert {each.id: (each.state, each.stale) for each in both.interviews} == {
        "i1": (CONTESTED, True),
        "i2": (CONTESTED, False),
    }
    assert both.contradictions == ()


# --- returned for correction


def returned(number, revision, **more):
    body = {"household": HOME, "interview": "i1", "revision": revision, "reason": "年龄不对", **more}
    return op(OpKind.RETURN, number, body)


def test_an_interview_that_was_returned_counts_until_it_is_corrected():
    first = interview(2, moved_in("2019-10-11"), revision="a")
    household = folded(registry(), first, returned(3, "a"))
    (only,) = household.interviews
    assert (only.state, only.returned.op, only.returned.reason) == (HEAD, "op-03", "年龄不对")
    assert household.move_in == day("2019-10-11")
    again = interview(4, moved_in("2019-10-12"), revision="b", parent="a")
    (only,) = folded(registry(), first, returned(3, "a"), again).interviews
    assert (only.op, only.returned) == ("op-04", None)
    (only,) = folded(registry(), first, returned(3, "a"), again, returned(5, "b")).interviews
    assert only.returned.op == "op-05"


def test_a_return_that_was_declared_void_is_as_if_it_had_not_been():
    first = interview(2, revision="a")
    (only,) = folded(registry(), first, returned(3, "a"), void(4, op="op-03")).interviews
    assert only.returned is None


# --- void


def test_a_void_interview_stays_to_be_seen_and_counts_for_nothing():
    household = folded(registry(), interview(2, moved_in("2019-10-12")), void(3, interview="i1"))
    assert household.move_in is None
    assert states(household) == {"i1": (VOID, "op-02", ())}


def test_when_one_of_two_contested_interviews_is_void_the_other_stands():
    ops = [registry(), interview(2, interview="i1"), interview(3, interview="i2"), void(4, interview="i2")]
    assert {key: value[0] for key, value in states(folded(*ops)).items()} == {"i1": HEAD, "i2": VOID}


def test_a_void_revision_gives_way_to_the_one_before_it():
    household = folded(
        registry(),
        interview(2, moved_in("2019-10-12"), revision="a"),
        interview(3, moved_in("2020-10-12"), revision="b", parent="a"),
        void(4, op="op-03"),
    )
    assert household.move_in == day("2019-10-12")


def test_a_void_loser_ends_a_fork():
    ops = [registry(), interview(2, revision="a"), interview(3, revision="b"), void(4, op="op-03")]
    assert states(folded(*ops)) == {"i1": (HEAD, "op-02", ())}


def test_a_void_roster_correction_or_visit_is_as_if_it_had_not_been():
    visit = op(OpKind.VISIT, 3, {"round": "r1", "outcome": "nobody_home"})
    changed = correction(4, (None, "move_in", None, "2019-10-12"))
    assert folded(registry(), visit, changed).visits == (("op-03", day("2020-03-01"), "nobody_home"),)
    household = folded(registry(), visit, changed, void(5, op="op-03"), void(6, op="op-04"))
    assert (household.visits, household.move_in) == ((), None)
    assert fold(HOME, [registry(), void(2, op="op-01")], FORMS) is None


# --- corrections


def test_a_correction_by_the_office_prevails_over_what_was_said_at_the_door():
    household = folded(
        registry(1, person("p1", name="张三")),
        interview(2, moved_in("2019-10-12")),
        correction(3, (None, "move_in", "2019-10-12", "2019-10-21"), ("p1", "name", "张三", "章三")),
        interview(4, moved_in("2019-10-12"), interview="i2", visit_round="r2", on="2020-08-01"),
    )
    assert household.move_in == day("2019-10-21")
    assert household.persons[0].name == "章三"
    assert household.facts["move_in"].said.grade is Grade.OFFICE


def test_corrections_of_different_fields_merge():
    household = folded(
        registry(),
        correction(2, (None, "move_in", None, "2019-10-12")),
        correction(3, (None, "address", None, "1-1")),
    )
    assert (household.move_in, household.text("address")) == (day("2019-10-12"), "1-1")
    assert household.contradictions == ()


def test_the_same_correction_twice_changes_nothing():
    one = correction(2, (None, "move_in", None, "2019-10-12"))
    other = correction(3, (None, "move_in", None, "2019-10-12"))
    assert folded(registry(), one, other) == folded(registry(), one)


def test_of_two_corrections_from_one_base_the_earlier_stands_and_the_later_is_flagged():
    household = folded(
        registry(),
        correction(2, (None, "move_in", "2019-10-12", "2019-10-21"), on="2020-04-02"),
        correction(3, (None, "move_in", "2019-10-12", "2019-11-12"), on="2020-04-01"),
    )
    assert household.move_in == day("2019-10-21")
    (flaw,) = household.contradictions
    assert (flaw.subject, flaw.fact, flaw.held, flaw.other) == (HOME, "move_in", "2019-10-21", "2019-11-12")
    assert (flaw.held_by.op, flaw.other_by.op) == ("op-02", "op-03")


def test_a_correction_that_saw_the_earlier_one_replaces_it():
    household = folded(
        registry(),
        correction(2, (None, "move_in", "2019-10-12", "2019-10-21")),
        correction(3, (None, "move_in", "2019-10-21", "2019-11-12")),
    )
    assert household.move_in == day("2019-11-12")
    assert household.contradictions == ()


def test_a_correction_of_a_person_who_is_not_there_makes_no_person():
    assert folded(registry(), correction(2, ("p9", "name", None, "王五"))).persons == ()


def test_a_correction_settles_what_was_said_before_and_not_what_is_said_after():
    before = interview(2, {"members": [{"id": "p1", "birth_date": "1981-03-02"}]})
    settled = correction(3, ("p1", "birth_date", "1981-03-02", "1980-03-02"))
    after = interview(
        4, {"members": [{"id": "p1", "birth_date": "1981-03-02"}]}, interview="i2", on="2020-08-01"
    )
    roster = registry(1, person("p1", birth_date="1982-03-02"))
    assert folded(roster, before, settled).contradictions == ()
    flaws = folded(roster, before, settled, after).contradictions
    assert [(flaw.held, flaw.other, flaw.other_by.op) for flaw in flaws] == [
        ("1980-03-02", "1981-03-02", "op-04")
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"changes": 3},
        {"changes": [3, {"path": "x"}, {"path": [], "fact": 1, "value": 2}, {"path": [], "fact": "site"}]},
    ],
)
def test_a_correction_that_cannot_be_read_changes_nothing(body):
    assert folded(registry(), op(OpKind.CORRECTION, 2, body)) == folded(registry())


# --- the same, whatever the order

COVER = {"key": "s1", "start": "2020-01-01", "scheme": "res"}
HISTORY = [
    registry(1, person("p1", name="张三", birth_date="1980-03-02"), person("p2", name="李四")),
    interview(2, {"members": [{"id": "p1", "now": "yes", "covers": [COVER]}]}, revision="a"),
    interview(3, {"members": [{"id": "p1", "now": "no"}]}, revision="b", parent="a", on="2020-03-02"),
    interview(4, {"members": [{"id": "p1", "now": "yes"}]}, revision="c", parent="a", on="2020-03-03"),
    interview(5, {"members": [{"id": "p2", "now": "yes"}, {"name": "无名"}]}, interview="i2"),
    interview(
        6, {"members": [{"id": "p2", "exit": "died"}]}, interview="i3", visit_round="r2", on="2020-08-01"
    ),
    interview(7, {}, interview="i4", revision="z", parent="lost", visit_round="r3"),
    correction(8, ("p1", "birth_date", "1980-03-02", "1980-03-20"), (None, "site", None, "一号点")),
    correction(9, ("p1", "birth_date", "1980-03-02", "1980-03-21")),
    op(OpKind.VISIT, 10, {"round": "r1", "outcome": "refused"}),
    void(11, op="op-04"),
    registry(12, person("p3", name="王五", resident_id="11010519491231002X"), on="2020-05-01"),
    interview(
        13, {"members": [{"id": "n1", "resident_id": "11010519491231002x"}]}, interview="i5", visit_round="r4"
    ),
    op(OpKind.REPLY, 14, {"finding": "f", "action": "comment"}),
]
WHOLE = fold(HOME, HISTORY, FORMS)


@settings(max_examples=200)
@given(st.permutations(HISTORY), st.lists(st.sampled_from(HISTORY), max_size=5))
def test_ops_in_any_order_and_any_number_of_times_give_the_same_household(ops, again):
    assert fold(HOME, [*ops, *again], FORMS) == WHOLE


@given(st.permutations(HISTORY), st.integers(0, len(HISTORY)))
def test_a_fold_looks_at_the_ops_and_remembers_nothing(ops, cut):
    first, second = fold(HOME, ops[:cut], FORMS), fold(HOME, ops[:cut], FORMS)
    assert first == second
    assert fold(HOME, ops, FORMS) == WHOLE


def test_ops_of_other_households_do_not_count():
    assert fold(HOME, [*HISTORY, replace(registry(15), household="h-2")], FORMS) == WHOLE


def test_the_place_in_the_log_decides_and_not_the_id_of_the_op():
    early = replace(interview(2, moved_in("2019-10-11"), revision="a"), id="zz")
    late = replace(
        early,
        id="aa",
        received_at=early.received_at + timedelta(seconds=1),
        body={"answers": moved_in("2019-10-12")},
    )
    assert folded(registry(), early, late).interviews[0].op == "zz"


def test_the_household_of_the_history_is_as_told():
    assert WHOLE is not None
    assert [each.id for each in WHOLE.persons] == ["i2@/members/1", "p1", "p2", "p3"]
    assert WHOLE.person("p1").birth_date == day("1980-03-20")
    assert WHOLE.person("p2").left == day("2020-08-01")
    assert {each.id: each.state for each in WHOLE.interviews} == {
        "i1": CONTESTED, "i2": CONTESTED, "i3": HEAD, "i4": HELD, "i5": HEAD,
    }  # fmt: skip
    assert FORM.form_id == WHOLE.interviews[0].form_id
