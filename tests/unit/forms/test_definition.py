import json
from pathlib import Path

import pytest

from forms.definition import FormVersion, NotADefinition, pointer, resolve

RAW = (Path(__file__).parent / "examples" / "form-example.schema.json").read_bytes()
EXAMPLE = FormVersion.from_bytes(RAW)


def test_a_version_knows_its_name_its_languages_and_its_pages():
    assert (EXAMPLE.form_id, EXAMPLE.version, EXAMPLE.subject) == ("household_demo", "1", "household")
    assert EXAMPLE.languages == ("en", "zh-Hans", "mn-Mong")
    assert [page.name for page in EXAMPLE.pages] == ["visit", "herd", "people", "photo"]
    assert EXAMPLE.pages[0].title["zh-Hans"] == "访问"


def test_versions_are_equal_when_their_bytes_are():
    assert FormVersion.from_bytes(RAW) == EXAMPLE
    assert hash(FormVersion.from_bytes(RAW)) == hash(EXAMPLE)
    assert FormVersion.from_bytes(RAW + b"\n") != EXAMPLE


def test_questions_are_a_tree_in_order_and_what_a_device_makes_is_one_answer():
    assert [pointer(question.path) for question in EXAMPLE.walk()] == [
        "/hh_id",
        "/visit_date",
        "/location",
        "/consent",
        "/refusal_reason",
        "/livestock",
        "/sheep_count",
        "/members",
        "/members/*/name",
        "/members/*/age",
        "/members/*/worked_7d",
        "/members/*/hours_7d",
        "/photo",
    ]
    kinds = {question.name: question.kind for question in EXAMPLE.questions}
    assert kinds["consent"] == "string"
    assert kinds["location"] == "object"


def test_a_path_into_the_answers_leads_to_its_question_or_the_nearest_around_it():
    def name(*parts):
        found = EXAMPLE.question_at(parts)
        return found and found.name

    assert name("members", 3, "age") == "age"
    assert name("members", 3, "zzz") == "members"
    assert name("location", "lat") == "location"
    assert name("zzz") is None
    assert name() is None


def test_titles_and_choices_come_in_the_asked_language():
    question = EXAMPLE.question_at(("livestock",))
    assert question.title("en") == "Which animals does the household keep?"
    assert question.title("fr") == question.title("zh-Hans") == "饲养哪些牲畜?"
    assert question.choices()["sheep"]["zh-Hans"] == "绵羊"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"x-form": {"form_id": "a"}}',
        b'{"x-form": {"form_id": "a", "version": NaN}}',
        b'{"x-form": {"form_id": "a", "version": "1", "languages": []}, "properties": {"a": {"$ref": "#/$defs/b"}}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_definition_is_refused(raw):
    with pytest.raises(NotADefinition):
        FormVersion.from_bytes(raw)


def test_a_question_s_own_keywords_prevail_over_what_it_refers_to():
    document = {"$defs": {"a": {"type": "string", "title": "there"}}}
    assert resolve(document, {"$ref": "#/$defs/a", "title": "here"}) == {"type": "string", "title": "here"}


def test_names_with_slashes_and_tildes_are_escaped_in_pointers():
    assert pointer(("a/b", 0, "c~d")) == "/a~1b/0/c~0d"


def test_a_version_is_read_from_the_same_bytes_it_gives():
    assert json.loads(EXAMPLE.raw) == EXAMPLE.document
