"""What rules and report share on work and training: three answers, never two."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spans import NO_DAYS, Span, Spans
from ledger.model import Fact, Grade, Household, Person, Record, Said, Spell, Track
from validators.policy import DeclaredParameters, load_policy
from validators.training import TRAINING_DUTY, training_duty
from validators.verdict import NO, UNKNOWN, YES, all_of, any_of
from validators.work import (
    STANDARD,
    Labour,
    able_and_willing,
    eligible,
    icls,
    labour_days,
    months_in,
    stable,
    stable_in,
    standard,
)

POLICY = load_policy()
DAY = date(2020, 7, 1)
BIRTH = date(1985, 5, 1)


def params() -> DeclaredParameters:
    names = {*STANDARD, *TRAINING_DUTY}
    return DeclaredParameters("work/test", {name: POLICY.parameters[name] for name in names})


NORM = standard(params(), DAY)


def said(on: date = DAY) -> Said:
    return Said(f"op-{on}", on, Grade.SELF_REPORT)


def told(on: date = DAY, **facts: Any) -> dict[str, Fact]:
    return {name.replace("__", "."): Fact(value, said(on)) for name, value in facts.items()}


def worker(*, job: Track | None = None, changes: Any = None, **facts: Any) -> Person:
    given = {"birth_date": BIRTH, "skill_class": "ordinary", "work_willing": "1", **facts}
    return Person("p", told(**given), {} if job is None else {"job": job}, changes=changes or {})


def job(start: date, last: date, **fields: Any) -> Track:
    spell = Spell("job", "j", start, None, Span(start, last), {"hours_week": 40, **fields}, (said(last),))
    covered = Spans([spell.days])
    absent = Spans.between(date(2015, 1, 1), start - timedelta(days=1))
    return Track("job", (spell,), covered, absent, said(last), "yes", ("op",))


def test_one_unknown_is_neither_yes_nor_no() -> None:
    assert (any_of([NO, UNKNOWN]), any_of([YES, UNKNOWN]), any_of([NO]), any_of([])) == (UNKNOWN, YES, NO, NO)
    assert (all_of([YES, UNKNOWN]), all_of([NO, UNKNOWN]), all_of([YES]), all_of([])) == (
        UNKNOWN,
        NO,
        YES,
        YES,
    )
    assert not UNKNOWN
    assert not NO
    assert YES


def test_labour_age_runs_from_the_sixteenth_birthday_to_the_day_before_the_sixtieth() -> None:
    assert labour_days(worker(), NORM) == Spans([Span(date(2001, 5, 1), date(2045, 4, 30))])
    assert labour_days(Person("p"), NORM) == NO_DAYS


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"worked": "yes"}, Labour.EMPLOYED),
        ({"worked": "no", "absent": "yes"}, Labour.EMPLOYED),
        ({"worked": "no", "absent": "no", "sought": "yes", "available": "yes"}, Labour.UNEMPLOYED),
        ({"worked": "no", "absent": "no", "sought": "yes", "available": "no"}, Labour.POTENTIAL),
        ({"worked": "no", "absent": "no", "sought": "no", "available": "yes"}, Labour.POTENTIAL),
        ({"worked": "no", "absent": "no", "sought": "no", "available": "no"}, Labour.OUTSIDE),
        ({"worked": "no", "absent": "unknown", "sought": "no", "available": "no"}, Labour.UNKNOWN),
        ({"worked": "no", "absent": "no", "sought": "no"}, Labour.UNKNOWN),
        ({}, Labour.UNKNOWN),
    ],
)
def test_the_state_of_work_by_icls_19(answers: dict[str, str], state: Labour) -> None:
    person = worker(**{f"icls__{name}": code for name, code in answers.items()})
    assert icls(person, DAY, NORM) is state


def test_herding_for_own_use_is_farming_in_the_ledger_and_no_employment() -> None:
    answers = {"worked": "no", "absent": "no", "own_use": "yes", "sought": "no", "available": "no"}
    herder = worker(admin_status="5", **{f"icls__{name}": code for name, code in answers.items()})
    assert icls(herder, DAY, NORM) is Labour.OUTSIDE
    assert herder.text("admin_status") == "5"


def test_what_was_said_of_work_holds_for_ninety_days() -> None:
    person = worker(job=job(date(2019, 1, 1), DAY, kind="unit", contract="written"), icls__worked="yes")
    last = DAY + timedelta(days=90)
    assert stable(person, last, NORM) is YES
    assert icls(person, last, NORM) is Labour.EMPLOYED
    assert stable(person, last + timedelta(days=1), NORM) is UNKNOWN
    assert icls(person, last + timedelta(days=1), NORM) is Labour.UNKNOWN


def test_a_past_day_is_judged_by_what_was_known_of_it() -> None:
    person = worker(job=job(date(2020, 3, 1), DAY, kind="unit", contract="written"))
    assert stable(person, date(2020, 2, 1), NORM) is NO
    assert stable(person, date(2010, 1, 1), NORM) is UNKNOWN


@given(
    kind=st.sampled_from([None, "unit", "flexible", "own_business", "public_post", "farming"]),
    contract=st.sampled_from([None, "none", "oral", "written", "unknown"]),
    hours=st.sampled_from([None, 10, 40]),
    licensed=st.sampled_from([None, "yes", "no", "unknown"]),
    left_out=st.sampled_from(["kind", "contract", "hours_week", "licensed"]),
)
def test_leaving_an_answer_out_never_turns_yes_into_no_or_no_into_yes(
    kind: Any, contract: Any, hours: Any, licensed: Any, left_out: str
) -> None:
    fields = {"kind": kind, "contract": contract, "hours_week": hours, "licensed": licensed}
    whole = {name: value for name, value in fields.items() if value is not None}
    less = {name: value for name, value in whole.items() if name != left_out}
    if left_out == "kind":  # without its kind a spell is a job like any other
        return
    start = date(2020, 5, 1)
    verdicts = {stable(worker(job=_job(start, each)), DAY, NORM) for each in (whole, less)}
    assert verdicts != {YES, NO}


def _job(start: date, fields: dict[str, Any]) -> Track:
    spell = Spell("job", "j", start, None, Span(start, DAY), fields, (said(),))
    return Track("job", (spell,), Spans([spell.days]), NO_DAYS, said(), "yes", ("op",))


def test_months_of_several_stretches_add_up() -> None:
    spans = [Span(date(2020, 1, 1), date(2020, 1, 31)), Span(date(2020, 3, 10), date(2020, 3, 24))]
    assert months_in(Spans(spans)) == 1
    assert months_in(Spans([*spans, Span(date(2020, 5, 1), date(2020, 5, 15))])) == 2
    assert months_in(NO_DAYS) == 0


def test_a_household_is_eligible_by_one_member_and_unknown_while_nobody_asked() -> None:
    able = worker()
    unwilling = Person("q", told(birth_date=BIRTH, skill_class="ordinary", work_willing="2"))
    unasked = Person("r", told(birth_date=BIRTH))

    def of(*persons: Person) -> Household:
        return Household("h", "150625", persons=persons)

    assert eligible(of(able, unwilling, unasked), DAY, NORM) is YES
    assert eligible(of(unwilling, unasked), DAY, NORM) is UNKNOWN
    assert eligible(of(unwilling), DAY, NORM) is NO
    assert eligible(of(able), DAY - timedelta(days=1), NORM) is UNKNOWN


def test_children_do_not_count_and_the_old_count_only_when_known_to_work() -> None:
    child = Person("c", told(birth_date=date(2012, 1, 1)))
    old = Person("o", told(birth_date=date(1950, 1, 1)))
    track = job(date(2019, 1, 1), DAY, kind="unit", contract="written")
    working = Person("w", told(birth_date=date(1950, 1, 1)), {"job": track})
    home = Household("h", "150625", persons=(child, old, working, worker()))
    assert stable_in(home, DAY, NORM) == {"o": NO, "w": YES, "p": UNKNOWN}


def test_a_wish_is_known_on_the_days_it_was_told_and_between_if_nothing_else_was_said() -> None:
    days = [date(2020, 1, 1), date(2020, 4, 1), date(2020, 7, 1)]
    yes, no, again = (Fact(value, said(on)) for value, on in zip(("1", "2", "1"), days, strict=True))
    ability = told(days[0], birth_date=BIRTH, skill_class="ordinary")
    once = Person("p", {**ability, "train_willing": yes})
    assert able_and_willing(once, "train_willing", NORM) == Spans([Span(days[0], days[0])])
    twice = Person("p", {**ability, "train_willing": again}, changes={"train_willing": (yes,)})
    assert able_and_willing(twice, "train_willing", NORM) == Spans([Span(days[0], days[2])])
    changed = Person("p", {**ability, "train_willing": again}, changes={"train_willing": (yes, no, again)})
    assert able_and_willing(changed, "train_willing", NORM) == Spans(
        Span(each, each) for each in (days[0], days[2])
    )


def test_a_training_had_late_is_late_and_one_in_time_counts() -> None:
    def home(end: date) -> tuple[Person, Household]:
        facts = told(end, skills="yes", completed="yes", hours=24, end=end)
        person = Person(
            "p",
            told(date(2019, 12, 1), birth_date=BIRTH, skill_class="ordinary", train_willing="1"),
            records_by_kind={"training": (Record("training", "t", facts),)},
        )
        stated = told(relocation_kind="registered_poor", move_in=date(2019, 10, 8))
        return person, Household("h", "150625", stated, (person,))

    in_time = training_duty(*home(date(2020, 10, 8)), params())
    late = training_duty(*home(date(2020, 10, 9)), params())
    assert in_time is not None
    assert late is not None
    assert (in_time.due, in_time.in_time, late.in_time) == (date(2020, 10, 8), True, False)
    assert late.done_on == date(2020, 10, 9)
