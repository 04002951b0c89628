"""Persons over the rounds: who is who, what prevails, who was a member when."""

import pytest
from households import HOME, REGION, day, person, said, state

from core.spans import NO_DAYS, Span, Spans
from ledger.fold import fold_statements
from ledger.model import Grade
from ledger.persons import resident_id

MAN, WOMAN = "152726198003020019", "152726198003020027"  # old league code 1527, born 1980-03-02


def folded(*statements):
    return fold_statements(HOME, REGION, statements)


def only(*statements):
    (member,) = folded(*statements).persons
    return member


FIRST, SECOND = said("2020-03-01"), said("2020-09-01")
ROSTER = said("2020-01-01", grade=Grade.AGENCY)
OFFICE = said("2020-05-01", grade=Grade.OFFICE)


# --- identity


def test_the_same_key_is_the_same_person_in_every_round():
    member = only(
        state(FIRST, person("p1", name="张三")), state(SECOND, person("p1", name="張三", relation="02"))
    )
    assert (member.id, member.name, member.text("relation")) == ("p1", "張三", "02")


def test_a_new_key_with_a_known_resident_id_is_the_person_already_known():
    member = only(
        state(ROSTER, person("p1", name="张三", resident_id=MAN)),
        state(FIRST, person("x7", name="Zhang", resident_id=MAN.lower())),
        state(SECOND, person("x7", phone="139")),
    )
    assert member.id == "p1"
    assert member.text("phone") == "139"


def test_the_same_name_alone_makes_nobody_the_same():
    household = folded(
        state(ROSTER, person("p1", name="张三", birth_date="1980-03-02")),
        state(FIRST, person("p2", name="张三", birth_date="1980-03-02")),
    )
    assert [each.id for each in household.persons] == ["p1", "p2"]


def test_two_rows_of_one_list_with_one_number_stay_two_persons():
    household = folded(state(ROSTER, person("p1", resident_id=MAN), person("p2", resident_id=MAN)))
    assert [each.id for each in household.persons] == ["p1", "p2"]


def test_a_person_already_known_is_not_made_another_by_a_slip_of_the_pen():
    household = folded(
        state(ROSTER, person("p1", resident_id=MAN), person("p2", resident_id=WOMAN)),
        state(FIRST, person("p2", resident_id=MAN)),
    )
    assert [each.id for each in household.persons] == ["p1", "p2"]
    assert [(flaw.subject, flaw.fact) for flaw in household.contradictions] == [("p2", "resident_id")]


def test_a_number_that_is_none_identifies_nobody():
    household = folded(
        state(ROSTER, person("p1", resident_id="0" * 18)), state(FIRST, person("p2", resident_id="0" * 18))
    )
    assert len(household.persons) == 2


@pytest.mark.parametrize("value", [MAN[:-1] + "8", MAN[:-1], "", None, 7, "15272619800230001X", "１" * 18])
def test_a_resident_id_needs_eighteen_digits_a_day_and_its_check_digit(value):
    assert resident_id(value) is None


def test_an_id_of_a_league_that_became_a_city_is_as_good_as_any():
    assert resident_id(f" {MAN} ") == MAN


# --- point facts


def test_of_what_changes_with_time_the_later_statement_prevails_and_on_one_day_the_stronger():
    assert only(state(ROSTER, person(phone="1")), state(SECOND, person(phone="2"))).text("phone") == "2"
    assert only(state(FIRST, person(phone="1")), state(SECOND, person(phone="2"))).text("phone") == "2"
    assert only(state(OFFICE, person(phone="1")), state(ROSTER, person(phone="2"))).text("phone") == "1"
    same_day = said("2020-03-01", grade=Grade.OFFICE)
    assert only(state(FIRST, person(phone="1")), state(same_day, person(phone="2"))).text("phone") == "2"


def test_of_what_never_changes_the_stronger_statement_prevails():
    told = only(
        state(ROSTER, person(birth_date="1980-03-02")), state(SECOND, person(birth_date="1981-03-02"))
    )
    assert str(told.birth_date) == "1980-03-02"


def test_two_values_of_what_never_changes_are_kept_as_a_contradiction():
    statements = [
        state(FIRST, person(birth_date="1980-03-02", education="71")),
        state(SECOND, person(birth_date="1981-03-02", education="61")),
        state(ROSTER, person(birth_date="1980-03-02")),
    ]
    household = folded(*statements)
    (flaw,) = household.contradictions
    assert (flaw.subject, flaw.fact, flaw.held, flaw.other) == (
        "p1",
        "birth_date",
        "1980-03-02",
        "1981-03-02",
    )
    assert (flaw.held_by, flaw.other_by) == (ROSTER, SECOND)
    assert household.persons[0].text("education") == "61"


def test_two_register_numbers_of_a_household_are_a_contradiction():
    household = folded(state(ROSTER, registry_no="1"), state(FIRST, registry_no="2"))
    assert [(flaw.subject, flaw.fact) for flaw in household.contradictions] == [(HOME, "registry_no")]


def test_sex_not_stated_contradicts_nothing():
    household = folded(state(FIRST, person(sex="1")), state(SECOND, person(sex="9")))
    assert (household.persons[0].text("sex"), household.contradictions) == ("1", ())


def test_the_resident_id_tells_birth_and_sex_when_nobody_stated_them():
    member = only(state(FIRST, person(resident_id=WOMAN)))
    assert (member.birth_date, member.text("sex")) == (day("1980-03-02"), "2")
    assert member.facts["birth_date"].said == FIRST


def test_what_was_stated_prevails_over_the_resident_id_and_both_are_kept():
    household = folded(state(FIRST, person(resident_id=WOMAN, birth_date="1980-02-01", sex="2")))
    assert household.persons[0].birth_date == day("1980-02-01")
    assert [(f.fact, f.held, f.other) for f in household.contradictions] == [
        ("birth_date", "1980-02-01", "1980-03-02")
    ]


def test_a_correction_of_the_birth_date_settles_what_the_resident_id_says():
    household = folded(
        state(FIRST, person(resident_id=WOMAN)), state(OFFICE, person(birth_date="1980-02-01"))
    )
    assert household.contradictions == ()


# --- membership


def test_nobody_told_of_an_entry_or_an_exit():
    member = only(state(ROSTER, person(birth_date="1980-03-02")))
    assert (member.joined, member.left) == (None, None)
    assert member.life == Spans([Span(day("1980-03-02"))])


@pytest.mark.parametrize(
    ("facts", "joined"),
    [
        ({"entry__event": "marriage", "entry__date": "2020-02-02"}, "2020-02-02"),
        ({"entry__event": "marriage"}, "2020-03-01"),
        ({"entry__event": "birth", "birth_date": "2020-02-20"}, "2020-02-20"),
        ({"entry__event": "birth", "entry__date": "2020-02-21", "birth_date": "2020-02-20"}, "2020-02-20"),
        ({"entry__event": "omitted"}, None),
        ({"entry__event": "omitted", "entry__date": "2018-01-01"}, "2018-01-01"),
    ],
)
def test_one_joins_on_the_day_of_entry_or_birth(facts, joined):
    assert only(state(FIRST, person(**facts))).joined == (joined and day(joined))


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ({"exit__event": "died", "exit__date": "2020-02-02"}, "2020-02-02"),
        ({"exit__event": "moved_away"}, "2020-03-01"),
    ],
)
def test_one_is_a_member_up_to_the_day_of_leaving(facts, left):
    member = only(state(ROSTER, person(birth_date="1980-03-02")), state(FIRST, person(**facts)))
    assert member.left == day(left)
    assert member.life == Spans([Span(day("1980-03-02"), day(left))])


def test_whoever_was_entered_by_mistake_never_was_a_member():
    member = only(state(ROSTER, person(name="张三")), state(FIRST, person(exit__event="mistaken")))
    assert member.life == NO_DAYS
    assert member.left is not None


def test_whoever_comes_back_is_a_member_again_from_that_day():
    member = only(
        state(FIRST, person(exit__event="moved_away", exit__date="2020-02-01")),
        state(SECOND, person(entry__event="return", entry__date="2020-08-01")),
    )
    assert (member.joined, member.left) == (day("2020-08-01"), None)


def test_whoever_leaves_after_coming_back_has_left():
    member = only(
        state(FIRST, person(entry__event="return", entry__date="2020-02-01")),
        state(SECOND, person(exit__event="died", exit__date="2020-08-01")),
    )
    assert (member.joined, member.left) == (day("2020-02-01"), day("2020-08-01"))


def test_the_last_day_of_the_calendar_breaks_nothing():
    member = only(state(FIRST, person(exit__event="mistaken", exit__date="0001-01-01")))
    assert member.life == NO_DAYS
    assert only(state(FIRST, person(exit__event="died", exit__date="9999-12-31"))).left == day("9999-12-31")
