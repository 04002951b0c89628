"""What is known of a kind of spell, day by day: covered, absent or unknown."""

from datetime import timedelta
from itertools import permutations

import pytest
from households import MEDICAL, day, said
from hypothesis import assume, given
from hypothesis import strategies as st

from core.ids import spell_name
from core.spans import NO_DAYS, Span, Spans
from ledger.model import Grade, Said, Track
from ledger.spells import Listed
from ledger.tracks import TrackStatement, combine

AGENCY, DOCUMENT = Grade.AGENCY, Grade.DOCUMENT


def listed(start, end=None, key="s1", **fields):
    return Listed(
        key, start and day(start), end and day(end), {n.replace("__", "."): v for n, v in fields.items()}
    )


def told(  # noqa: PLR0913 - a builder, all by keyword
    on, *rows, now=None, since=None, grade=Grade.SELF_REPORT, op=None, kind=MEDICAL
):
    return TrackStatement(said(on, op, grade), kind, rows, now, since and day(since))


def track(*statements):
    return combine("p1", statements[0].kind, statements)[0]


def flaws(*statements):
    return combine("p1", statements[0].kind, statements)[1]


def days(*pairs):
    return Spans(Span(day(a), day(b)) for a, b in pairs)


def test_of_what_nobody_asked_nothing_is_known():
    assert combine("p1", MEDICAL, ()) == (Track(MEDICAL), [])


def test_insured_now_without_a_spell_covers_the_day_of_the_interview_and_no_other():
    known = track(told("2020-03-01", now="yes"))
    assert known.covered == days(("2020-03-01", "2020-03-01"))
    assert known.absent == NO_DAYS
    assert known.now == "yes"


def test_not_insured_now_says_so_of_the_day_of_the_interview_and_no_other():
    known = track(told("2020-03-01", now="no"))
    assert known.absent == days(("2020-03-01", "2020-03-01"))
    assert known.covered == NO_DAYS


def test_not_known_says_nothing_but_that_somebody_asked():
    known = track(told("2020-03-01", now="unknown", since="2019-01-01"))
    assert (known.covered, known.absent, known.now) == (NO_DAYS, NO_DAYS, "unknown")
    assert known.asked == said("2020-03-01")


def test_an_open_spell_holds_up_to_the_day_of_the_statement():
    known = track(told("2020-03-01", listed("2019-05-01"), now="yes"))
    assert known.covered == days(("2019-05-01", "2020-03-01"))
    assert known.spells[0].days == Span(day("2019-05-01"), day("2020-03-01"))
    assert known.spells[0].end is None


def test_a_listing_without_an_answer_to_now_says_nothing_of_other_days():
    known = track(told("2020-03-01", listed("2019-01-01", "2019-12-31")))
    assert known.covered == days(("2019-01-01", "2019-12-31"))
    assert known.absent == NO_DAYS


def test_not_insured_now_and_a_listed_spell_leave_the_days_between_absent():
    known = track(told("2020-03-01", listed("2019-01-01", "2019-12-31"), now="no"))
    assert known.absent == days(("2020-01-01", "2020-03-01"))
    assert known.unknown(days(("2018-01-01", "2020-04-01"))) == days(
        ("2018-01-01", "2018-12-31"), ("2020-03-02", "2020-04-01")
    )


def test_a_complete_history_makes_the_days_between_spells_absent():
    known = track(
        told(
            "2020-09-01",
            listed("2019-01-01", "2019-12-31"),
            listed("2020-06-01", key="s2"),
            now="yes",
            since="2018-07-01",
        )
    )
    assert known.covered == days(("2019-01-01", "2019-12-31"), ("2020-06-01", "2020-09-01"))
    assert known.absent == days(("2018-07-01", "2018-12-31"), ("2020-01-01", "2020-05-31"))


def test_a_complete_history_with_nothing_in_it_is_absence():
    assert track(told("2020-03-01", now="no", since="2019-01-01")).absent == days(
        ("2019-01-01", "2020-03-01")
    )
    assert track(told("2020-03-01", since="2020-01-01")).absent == days(("2020-01-01", "2020-03-01"))


def test_insured_now_by_a_spell_that_is_not_listed_leaves_its_beginning_unknown():
    known = track(told("2020-09-01", listed("2019-01-01", "2019-12-31"), now="yes", since="2018-07-01"))
    assert known.covered == days(("2019-01-01", "2019-12-31"), ("2020-09-01", "2020-09-01"))
    assert known.absent == days(("2018-07-01", "2018-12-31"))


def test_an_open_spell_of_one_not_insured_now_has_ended_and_nobody_knows_when():
    known = track(told("2020-09-01", listed("2019-01-01"), now="no"))
    assert known.covered == days(("2019-01-01", "2019-01-01"))
    assert known.absent == days(("2020-09-01", "2020-09-01"))


def test_an_ended_spell_without_a_day_is_known_for_its_first_day_only():
    known = track(told("2020-09-01", listed("2019-01-01", state="ended")))
    assert known.covered == days(("2019-01-01", "2019-01-01"))
    assert known.absent == NO_DAYS


@pytest.mark.parametrize(
    ("fields", "reaches"),
    [
        ({}, "2020-03-01"),
        ({"paid_on": day("2020-02-01")}, "2020-12-31"),
        ({"paid_on": day("2020-03-02")}, "2020-03-01"),
        ({"evidence": "receipt"}, "2020-12-31"),
        ({"evidence": "card"}, "2020-03-01"),
    ],
)
def test_only_cover_paid_ahead_reaches_beyond_the_day_of_the_statement(fields, reaches):
    known = track(told("2020-03-01", listed("2020-01-01", "2020-12-31", **fields), now="yes"))
    assert known.covered == days(("2020-01-01", reaches))
    assert known.spells[0].end == day("2020-12-31")


def test_next_year_paid_in_advance_is_a_spell_that_has_not_begun():
    known = track(told("2020-11-01", listed("2021-01-01", "2021-12-31", paid_on=day("2020-10-20")), now="no"))
    assert known.covered == days(("2021-01-01", "2021-12-31"))
    assert known.absent == days(("2020-11-01", "2020-11-01"))


@pytest.mark.parametrize(
    "row",
    [
        listed(None, "2019-12-31"),
        listed("2020-02-01", "2020-01-01"),
        listed("2020-06-01", "2020-12-31"),
    ],
)
def test_a_row_that_is_no_span_of_past_days_is_no_spell_and_is_flagged(row):
    statement = told("2020-03-01", row, now="yes")
    known = track(statement)
    assert known.spells == ()
    assert known.covered == days(("2020-03-01", "2020-03-01"))
    assert known.absent == NO_DAYS
    assert [(flaw.fact, flaw.held) for flaw in flaws(statement)] == [(MEDICAL, "not a span")]


def test_a_list_with_a_spell_of_unknown_days_is_not_complete():
    statement = told(
        "2020-03-01", listed(None), listed("2020-01-01", "2020-01-31", "s2"), now="no", since="2019-01-01"
    )
    assert track(statement).absent == days(("2020-03-01", "2020-03-01"))


def test_the_later_statement_prevails_and_the_disputed_days_are_kept():
    first = told("2020-03-01", listed("2019-01-01"), now="yes")
    second = told("2020-09-01", listed("2019-01-01", "2019-12-31"), now="no", since="2019-01-01")
    known, disputes = combine("p1", MEDICAL, (first, second))
    assert known.covered == days(("2019-01-01", "2019-12-31"))
    assert known.absent == days(("2020-01-01", "2020-09-01"))
    (dispute,) = disputes
    assert dispute.days == days(("2020-01-01", "2020-03-01"))
    assert (dispute.subject, dispute.fact, dispute.held, dispute.other) == (
        "p1",
        MEDICAL,
        "absent",
        "covered",
    )
    assert (dispute.held_by, dispute.other_by) == (second.said, first.said)


def test_the_stronger_statement_prevails_over_the_later_one():
    agency = told("2020-03-01", listed("2019-01-01", "2020-01-31"), now="no", grade=AGENCY)
    later = told("2020-09-01", listed("2019-01-01"), now="yes")
    known = track(agency, later)
    assert known.absent == days(("2020-02-01", "2020-03-01"))
    assert known.covered == days(("2019-01-01", "2020-01-31"), ("2020-03-02", "2020-09-01"))
    assert known.now == "yes"


def test_a_card_that_was_shown_is_stronger_than_a_later_word():
    card = told("2020-03-01", listed("2020-01-01", evidence="card"), now="yes")
    later = told("2020-09-01", now="no", since="2020-01-01")
    known = track(card, later)
    assert known.covered == days(("2020-01-01", "2020-03-01"))
    assert known.spells[0].said[-1].grade is DOCUMENT
    assert flaws(card, later)[0].days == known.covered


def test_insured_by_ones_own_word_and_suspended_by_the_agency_is_not_covered():
    word = told("2020-06-01", listed("2019-01-01", scheme="emp"), now="yes")
    extract = told(
        "2020-06-01",
        listed(
            "2019-01-01",
            scheme="emp",
            state="suspended",
            evidence="agency_extract",
            evidence_on=day("2020-05-15"),
        ),
        op="op-extract",
    )
    known = track(word, extract)
    assert known.covered == days(("2019-01-01", "2020-05-14"))
    assert known.absent == days(("2020-05-15", "2020-06-01"))
    assert known.spells[0].text("state") == "suspended"
    assert known.spells[0].days.end == day("2020-05-14")
    assert [flaw.days for flaw in flaws(word, extract)] == [days(("2020-05-15", "2020-06-01"))]


def test_suspended_by_an_extract_without_a_day_is_absent_from_the_day_it_was_told():
    known = track(told("2020-06-01", listed("2019-01-01", state="suspended"), grade=AGENCY))
    assert known.covered == days(("2019-01-01", "2020-05-31"))
    assert known.absent == days(("2020-06-01", "2020-06-01"))


def test_suspended_by_ones_own_word_alone_stays_covered():
    known = track(told("2020-06-01", listed("2019-01-01", state="suspended"), now="yes"))
    assert known.covered == days(("2019-01-01", "2020-06-01"))


def test_in_the_waiting_period_the_days_are_covered_and_the_field_says_so():
    known = track(told("2020-06-01", listed("2020-05-01", state="waiting", waiting_until=day("2020-07-31"))))
    assert known.covered == days(("2020-05-01", "2020-06-01"))
    assert known.spells[0].day("waiting_until") == day("2020-07-31")


# --- one spell over the rounds


def test_an_open_spell_that_later_has_an_end_is_refined_and_not_contradicted():
    open_ = told("2020-03-01", listed("2019-01-01", scheme="res"), now="yes")
    ended = told("2020-09-01", listed("2019-01-01", "2020-06-30", "s9", scheme="res", payer="self"), now="no")
    known, disputes = combine("p1", MEDICAL, (open_, ended))
    (only,) = known.spells
    assert (only.key, only.start, only.end) == ("s1", day("2019-01-01"), day("2020-06-30"))
    assert only.fields == {"scheme": "res", "payer": "self"}
    assert only.ops == ("op-2020-03-01", "op-2020-09-01")
    assert disputes == []


def test_another_start_of_the_same_spell_is_kept_as_a_contradiction():
    first = told("2020-03-01", listed("2019-01-01", key="a", scheme="res"))
    second = told("2020-09-01", listed("2019-02-01", key="a", scheme="emp"))
    known, disputes = combine("p1", MEDICAL, (first, second))
    assert len(known.spells) == 1
    assert {(d.fact, d.held, d.other) for d in disputes} == {
        (f"{MEDICAL}.start", "2019-02-01", "2019-01-01"),
        (f"{MEDICAL}.scheme", "emp", "res"),
    }
    assert {d.days for d in disputes if d.fact.endswith("start")} == {days(("2019-01-01", "2019-01-31"))}


def test_another_start_that_shows_in_the_days_is_one_contradiction_not_two():
    first = told("2020-03-01", listed("2019-01-01"), now="yes", since="2019-01-01")
    second = told("2020-09-01", listed("2019-02-01"), now="yes", since="2019-01-01")
    assert [(d.fact, d.days) for d in flaws(first, second)] == [(MEDICAL, days(("2019-01-01", "2019-01-31")))]


@pytest.mark.parametrize(
    ("row", "same"),
    [
        (listed("2020-02-01", "2020-05-31", "b", scheme="res", place="150625"), True),
        (listed("2020-02-01", "2020-05-31", "b", scheme="res", place="150625101"), True),
        (listed("2020-02-01", "2020-05-31", "b", scheme="emp", place="150625"), False),
        (listed("2020-02-01", "2020-05-31", "b", scheme="res", place="150602"), False),
        (listed("2020-03-02", None, "b", scheme="res", place="150625"), True),
        (listed("2020-03-03", None, "b", scheme="res", place="150625"), False),
        (listed("2020-07-01", None, "b", scheme="res"), False),
    ],
)
def test_under_another_key_a_spell_is_known_by_scheme_place_and_days(row, same):
    first = told("2020-03-01", listed("2020-01-01", key="a", scheme="res", place="150625"))
    known = track(first, told("2020-09-01", row))
    assert [spell.key for spell in known.spells] == (["a"] if same else ["a", "b"])


def test_a_spell_is_known_by_the_name_of_the_day_it_starts_whatever_else_is_corrected():
    first = told("2020-03-01", listed("2020-01-01", key="a", scheme="res", place="150625"))
    name = spell_name("p1", MEDICAL, day("2020-01-01"))
    corrected = listed("2020-02-01", None, name, scheme="emp", place="150602")
    (only,) = track(first, told("2020-09-01", corrected)).spells
    assert (only.key, only.start, only.fields["scheme"]) == ("a", day("2020-02-01"), "emp")
    elsewhere = spell_name("p2", MEDICAL, day("2020-01-01"))
    other = listed("2020-07-01", None, elsewhere, scheme="emp")
    assert len(track(first, told("2020-09-01", other)).spells) == 2


def test_a_school_is_known_by_its_code_else_by_its_name():
    first = told(
        "2020-03-01",
        listed("2019-09-01", key="a", school_code="2115000001", school_name="一小"),
        kind="schooling",
    )
    other_words = listed("2019-09-01", key="b", school_code="2115000001", school_name="第一小学")
    by_name = listed("2019-09-01", key="b", school_name="二小")
    assert len(track(first, told("2020-09-01", other_words, kind="schooling")).spells) == 1
    assert len(track(first, told("2020-09-01", by_name, kind="schooling")).spells) == 2


def test_cover_paid_year_by_year_is_a_spell_a_year():
    first = told(
        "2020-03-01", listed("2020-01-01", "2020-12-31", "a", scheme="res", paid_on=day("2019-11-01"))
    )
    second = told(
        "2021-03-01", listed("2021-01-01", "2021-12-31", "b", scheme="res", paid_on=day("2020-11-01"))
    )
    known, disputes = combine("p1", MEDICAL, (first, second))
    assert [spell.key for spell in known.spells] == ["a", "b"]
    assert known.covered == days(("2020-01-01", "2021-12-31"))
    assert disputes == []


def test_two_spells_of_one_list_stay_two():
    rows = (
        listed("2020-01-01", "2020-06-30", "a", scheme="res"),
        listed("2020-06-01", None, "b", scheme="res"),
    )
    again = (
        listed("2020-01-01", "2020-06-30", "x", scheme="res"),
        listed("2020-06-01", None, "y", scheme="res"),
    )
    known = track(told("2020-09-01", *rows), told("2020-10-01", *again))
    assert [spell.key for spell in known.spells] == ["a", "b"]


def test_what_changes_with_time_is_as_the_latest_says_and_what_does_not_as_the_strongest():
    extract = told("2020-03-01", listed("2019-01-01", scheme="emp", transfer__state="applied"), grade=AGENCY)
    word = told("2020-09-01", listed("2019-01-05", scheme="emp", transfer__state="done"))
    (only,) = track(extract, word).spells
    assert only.start == day("2019-01-01")
    assert only.text("transfer.state") == "done"


def test_still_open_on_a_day_after_its_stated_end_is_open_again():
    ended = told("2020-03-01", listed("2019-01-01", "2020-02-29"), now="no")
    still = told("2020-09-01", listed("2019-01-01"), now="yes", grade=DOCUMENT)
    (only,) = track(ended, still).spells
    assert only.end is None
    assert only.days.end == day("2020-09-01")


# --- properties

DAYS = st.integers(0, 400).map(lambda n: day("2019-01-01") + timedelta(days=n))
ROWS = st.builds(
    Listed,
    st.sampled_from("abcdef"),
    st.none() | DAYS,
    st.none() | DAYS,
    st.fixed_dictionaries(
        {},
        optional={
            "scheme": st.sampled_from(["res", "emp"]),
            "place": st.sampled_from(["150625", "150602"]),
            "state": st.sampled_from(["active", "suspended", "ended", "waiting"]),
            "evidence": st.sampled_from(["card", "receipt", "agency_extract"]),
            "evidence_on": DAYS,
            "paid_on": DAYS,
        },
    ),
)
STATEMENTS = st.lists(
    st.builds(
        TrackStatement,
        st.builds(Said, st.sampled_from(["o1", "o2", "o3", "o4", "o5"]), DAYS, st.sampled_from(Grade)),
        st.just(MEDICAL),
        st.lists(ROWS, max_size=3, unique_by=lambda row: row.key).map(tuple),
        st.none() | st.sampled_from(["yes", "no", "unknown"]),
        st.none() | DAYS,
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda statement: statement.said.op,
)


@given(STATEMENTS, st.randoms())
def test_the_order_of_statements_does_not_matter(statements, random):
    shuffled = list(statements)
    random.shuffle(shuffled)
    one, other = combine("p1", MEDICAL, statements), combine("p1", MEDICAL, shuffled)
    assert one[0] == other[0]
    assert sorted(map(repr, one[1])) == sorted(map(repr, other[1]))


@given(STATEMENTS)
def test_a_day_is_never_both_covered_and_absent_and_no_day_is_known_that_nobody_spoke_of(statements):
    known = track(*statements)
    assert not known.covered & known.absent
    last = max([s.said.on for s in statements] + [row.end for s in statements for row in s.listed if row.end])
    assert not (known.covered | known.absent) or (known.covered | known.absent).end <= last
    assert (known.absent.end or statements[0].said.on) <= max(s.said.on for s in statements)


@given(STATEMENTS)
def test_no_day_that_the_strongest_statement_covers_becomes_absent(statements):
    top = max(statements, key=lambda s: (s.said.grade, s.said.on, s.said.op))
    extracts = [r for s in statements for r in s.listed if r.fields.get("evidence") == "agency_extract"]
    assume(top.said.grade >= AGENCY and not extracts)
    assert not track(top).covered & track(*statements).absent


@given(STATEMENTS)
def test_saying_it_all_twice_changes_no_day(statements):
    again = [
        TrackStatement(
            Said(s.said.op + "'", s.said.on, s.said.grade), s.kind, s.listed, s.now, s.history_from
        )
        for s in statements
    ]
    once, twice = track(*statements), track(*statements, *again)
    assert (once.covered, once.absent) == (twice.covered, twice.absent)


def test_three_statements_give_the_same_track_in_each_of_their_six_orders():
    three = (
        told("2020-03-01", listed("2019-01-01", scheme="res"), now="yes"),
        told("2020-06-01", listed("2019-01-01", "2020-04-30", "b", scheme="res"), now="no"),
        told("2020-09-01", listed("2020-08-01", None, "c", scheme="emp"), now="yes", since="2020-01-01"),
    )
    assert len({repr(track(*order)) for order in permutations(three)}) == 1
