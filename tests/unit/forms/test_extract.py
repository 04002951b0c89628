import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.compile import publish_bytes
from forms.definition import FormVersion
from forms.extract import rows
from forms.facts import Row


def fact(name, **more):
    return {"type": "string", "x-fact": name, **more}


def repeat(entity, key, properties):
    return {
        "type": "array",
        "x-entity": entity,
        "x-repeat": {"x-key": key},
        "items": {"type": "object", "properties": {key: {"type": "string"}} | properties},
    }


COVER = repeat("spell:insurance.medical", "cover", {"start": fact("start"), "state": fact("transfer.state")})
VERSION = FormVersion.from_bytes(
    publish_bytes(
        {
            "x-form": {"form_id": "demo", "version": "1", "languages": ["zh-Hans"]},
            "type": "object",
            "properties": {
                "moved_in": fact("household.move_in", format="date", **{"x-missing": ["dk"]}),
                "dwelling": {"type": "object", "properties": {"address": fact("household.address")}},
                "remarks": {"type": "string"},
                "location": {
                    "type": "object",
                    "x-widget": "gps",
                    "x-fact": "household.place",
                    "properties": {"lat": {"type": "number"}},
                },
                "why": fact("household.cause", **{"x-when": {"properties": {"remarks": {"const": "x"}}}}),
                "members": repeat(
                    "person",
                    "person_id",
                    {
                        "name": fact("person.name"),
                        "age": {"type": "integer", "x-fact": "person.age"},
                        "covers": COVER,
                    },
                ),
            },
        }
    )
)


def test_answers_become_rows_of_the_household_its_persons_and_their_spells():
    answers = {
        "moved_in": "2019-10-08",
        "dwelling": {"address": "3-2-101"},
        "remarks": "no fact",
        "location": {"lat": 39.8},
        "members": [
            {
                "person_id": "p1",
                "name": "布和",
                "covers": [{"cover": "c1", "start": "2020-01-01", "state": "done"}],
            },
            {"person_id": "p2", "name": "其其格"},
        ],
    }
    cover = Row(
        "spell:insurance.medical",
        "c1",
        {"start": "2020-01-01", "transfer.state": "done"},
        (),
        "/members/0/covers/0",
    )
    assert rows(VERSION, answers) == Row(
        "household",
        None,
        {"move_in": "2019-10-08", "address": "3-2-101", "place": {"lat": 39.8}},
        (
            Row("person", "p1", {"name": "布和"}, (cover,), "/members/0"),
            Row("person", "p2", {"name": "其其格"}, (), "/members/1"),
        ),
    )


def test_a_row_without_a_key_gets_one_from_its_place_and_the_interview():
    answers = {"members": [{"name": "A"}, {"person_id": "", "covers": [{"start": "2020-01-01"}]}]}
    found = rows(VERSION, answers, within="i1")
    assert [row.key for row in found.rows] == ["i1@/members/0", "i1@/members/1"]
    assert found.rows[1].rows[0].key == "i1@/members/1/covers/0"


def test_a_code_for_a_missing_answer_states_no_fact():
    assert rows(VERSION, {"moved_in": "dk"}).facts == {}
    assert rows(VERSION, {"moved_in": None}).facts == {}


def test_an_answer_that_was_not_to_be_asked_is_still_an_answer():
    assert rows(VERSION, {"why": "illness"}).facts == {"cause": "illness"}


def test_a_household_fact_asked_inside_a_person_row_is_left_out():
    properties = {"members": repeat("person", "k", {"x": fact("household.address")})}
    document = {"x-form": {"form_id": "d", "version": "1", "languages": []}, "properties": properties}
    version = FormVersion.from_bytes(publish_bytes(document | {"type": "object"}))
    assert rows(version, {"members": [{"k": "p", "x": "3"}]}) == Row(
        "household", None, {}, (Row("person", "p", {}, (), "/members/0"),)
    )


def test_a_form_about_one_person_gives_that_person_s_row_in_the_household():
    document = {
        "x-form": {"form_id": "d", "version": "1", "subject": "person", "languages": []},
        "x-entity": "person",
        "x-repeat": {"x-key": "who"},
        "type": "object",
        "properties": {"who": {"type": "string"}, "name": fact("person.name"), "covers": COVER},
    }
    version = FormVersion.from_bytes(publish_bytes(document))
    found = rows(version, {"who": "p1", "name": "A", "covers": [{"cover": "c"}]})
    spell = Row("spell:insurance.medical", "c", {}, (), "/covers/0")
    assert found == Row("household", None, {}, (Row("person", "p1", {"name": "A"}, (spell,)),))


ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["members", "covers", "name", "dwelling", "person_id", "moved_in"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(ANSWERS)
def test_no_answers_make_extraction_fail(answers):
    assert rows(VERSION, answers).entity == "household"


@pytest.mark.parametrize(
    "answers", [{"members": {"name": "A"}}, {"members": ["A", None, 3]}, {"dwelling": "x"}, []]
)
def test_what_has_another_shape_is_skipped(answers):
    assert rows(VERSION, answers) == Row("household", None, {})


def published(properties, subject="household"):
    form = {"form_id": "demo", "version": "1", "subject": subject, "languages": ["zh-Hans"]}
    return FormVersion.from_bytes(publish_bytes({"x-form": form, "type": "object", "properties": properties}))


def test_a_group_may_be_a_record_and_a_list_records_or_spells_of_the_household():
    version = published(
        {
            "home": {
                "type": "object",
                "x-entity": "record:dwelling",
                "properties": {"use": fact("use_observed")},
            },
            "grants": {
                "type": "array",
                "x-entity": "record:subsidy",
                "items": {"type": "object", "properties": {"year": {"type": "integer", "x-fact": "year"}}},
            },
            "aid": repeat("spell:dibao", "id", {"start": fact("start")}),
        }
    )
    answers = {
        "home": {"use": "1"},
        "grants": [{"year": 2020}, "?"],
        "aid": [{"id": "a", "start": "2020-01-01"}],
    }
    assert rows(version, answers, within="i1").rows == (
        Row("record:dwelling", "i1@/home", {"use_observed": "1"}, (), "/home"),
        Row("record:subsidy", "i1@/grants/0", {"year": 2020}, (), "/grants/0"),
        Row("spell:dibao", "a", {"start": "2020-01-01"}, (), "/aid/0"),
    )
    assert rows(version, {"home": ["?"], "grants": {}}).rows == ()


@pytest.mark.parametrize("subject", ["site", "banner"])
def test_a_form_about_a_place_gives_a_row_of_the_place(subject):
    version = published({"name": fact(f"{subject}.name"), "moved": fact("household.move_in")}, subject)
    assert rows(version, {"name": "一号点", "moved": "2020-01-01"}) == Row(subject, None, {"name": "一号点"})
