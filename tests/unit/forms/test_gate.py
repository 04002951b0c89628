import json
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from forms.compile import publish_bytes
from forms.definition import FormVersion
from forms.explain import CODES, Explainer
from forms.gate import MAX_ISSUES, gate_for

DATA = Path(__file__).parent / "examples"
EXAMPLE = FormVersion.from_bytes((DATA / "form-example.schema.json").read_bytes())
VECTORS = json.loads((DATA / "form-example.vectors.json").read_text())
TODAY = date(2026, 5, 4)


@pytest.mark.parametrize(("answers", "right"), [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS])
def test_gate_and_reference_agree_on_every_vector(answers, right):
    assert gate_for(EXAMPLE).accepts(answers) is right
    assert Explainer(EXAMPLE.document).validator.is_valid(answers) is right
    assert (gate_for(EXAMPLE).judge(answers, TODAY) == ()) is right


def test_an_answer_that_is_not_relevant_is_named_by_its_own_path():
    answers = {
        "hh_id": "150624",
        "visit_date": "2026-05-04",
        "consent": "no",
        "refusal_reason": "n",
        "sheep_count": 3,
    }
    found = {(issue.code, issue.path) for issue in gate_for(EXAMPLE).judge(answers, TODAY)}
    assert found == {("not-relevant", "/sheep_count")}


def issues(answers, language="zh-Hans", today=TODAY):
    return {(issue.code, issue.path): issue for issue in gate_for(EXAMPLE).judge(answers, today, language)}


RIGHT = VECTORS[0][1]


def test_each_issue_names_the_answer_the_question_and_what_is_wrong():
    wrong = RIGHT | {
        "hh_id": "15062",
        "visit_date": "2026-13-40",
        "consent": "maybe",
        "zzz": 1,
        "sheep_count": 0,
        "livestock": ["sheep", "yak"],
        "members": [
            {"name": "", "age": "forty"},
            {"age": 9},
            {"name": "B", "age": 121, "worked_7d": "no", "q": 1},
        ],
    }
    found = issues(wrong)
    assert found.keys() >= {
        ("pattern", "/hh_id"),
        ("format", "/visit_date"),
        ("not-a-choice", "/consent"),
        ("unknown-question", "/zzz"),
        ("too-small", "/sheep_count"),
        ("not-a-choice", "/livestock/1"),
        ("too-short", "/members/0/name"),
        ("type", "/members/0/age"),
        ("required", "/members/1/name"),
        ("too-large", "/members/2/age"),
        ("unknown-question", "/members/2/q"),
        ("not-relevant", "/members"),
    }
    assert found["required", "/members/1/name"].message == "请回答“姓名”"
    assert found["pattern", "/hh_id"].message == "请输入6位数字"
    assert found["too-large", "/members/2/age"].message == "“年龄”不能大于120"
    assert found["not-a-choice", "/consent"].message == "“是否同意参加调查?”不在选项之内，可选：是、否"
    assert "绵羊、山羊" in found["not-a-choice", "/livestock/1"].message
    assert found["unknown-question", "/members/2/q"].title == "q"


def test_messages_come_in_the_asked_language_and_in_chinese_when_there_is_none():
    wrong = {key: value for key, value in RIGHT.items() if key != "hh_id"}
    assert issues(wrong, "en")["required", "/hh_id"].message == "“Household number” is not answered"
    assert issues(wrong, "de")["required", "/hh_id"].message == "请回答“户编号”"


def test_an_issue_is_carried_as_json():
    (issue,) = gate_for(EXAMPLE).judge(RIGHT | {"zzz": 1}, TODAY, "en")
    assert issue.to_json() == {
        "code": "unknown-question",
        "path": "/zzz",
        "title": "zzz",
        "message": "This form has no question “zzz”",
        "severity": "error",
    }


@pytest.mark.parametrize("answers", [None, 3, "x", [], [1]])
def test_what_is_no_answer_set_at_all_is_of_the_wrong_type(answers):
    assert issues(answers).keys() == {("type", "")}


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", ["\ud800", 10**400, nested(400), {"\ud800": 1}, "x" * 100_000])
def test_no_answer_makes_the_gate_fail(value):
    assert issues(RIGHT | {"hh_id": value})
    assert issues(RIGHT | {"members": [value] * 3})


def test_at_most_fifty_issues_are_told():
    assert len(gate_for(EXAMPLE).judge({f"q{i}": 1 for i in range(200)}, TODAY)) == MAX_ISSUES


def test_a_gate_is_compiled_once_a_version():
    assert gate_for(EXAMPLE) is gate_for(FormVersion.from_bytes(EXAMPLE.raw))


def number(**more):
    return {"type": "number", "x-i18n-title": {"zh-Hans": "数"}, **more}


def checked(name, that, **more):
    return {
        "name": name,
        "that": that,
        "x-i18n-error": {"zh-Hans": f"{name}不对", "en": f"{name} is wrong"},
        **more,
    }


CHECKED = FormVersion.from_bytes(
    publish_bytes(
        {
            "x-form": {"form_id": "checked", "version": "1", "languages": ["zh-Hans", "en"]},
            "x-i18n-title": {"zh-Hans": "检查"},
            "type": "object",
            "x-check": [checked("total", {"<=": [{"sum": {"var": "rows.*.a"}}, {"var": "most"}]})],
            "properties": {
                "most": number(),
                "day": {
                    "type": "string",
                    "format": "date",
                    "x-i18n-title": {"zh-Hans": "日期"},
                    "x-check": [checked("past", {"<=": [{"var": "day"}, {"today": []}]}, severity="warning")],
                },
                "group": {
                    "type": "object",
                    "x-i18n-title": {"zh-Hans": "组"},
                    "x-check": [checked("inside", {"<": [{"var": "a"}, {"var": "b"}]})],
                    "properties": {"a": number(), "b": number()},
                },
                "rows": {
                    "type": "array",
                    "x-i18n-title": {"zh-Hans": "行"},
                    "items": {
                        "type": "object",
                        "x-check": [checked("bound", {"<=": [{"var": "a"}, {"var": "$.most"}]})],
                        "properties": {
                            "a": number(),
                            "twice": number(**{"x-calc": {"*": [{"var": "a"}, 2]}}),
                        },
                    },
                },
            },
        }
    )
)


def failing(answers, language="zh-Hans", today=TODAY):
    return [
        (issue.code, issue.path, issue.message, issue.severity)
        for issue in gate_for(CHECKED).judge(answers, today, language)
    ]


def test_checks_across_answers_name_what_they_are_about():
    answers = {"most": 3, "group": {"a": 2, "b": 1}, "rows": [{"a": 1}, {"a": 4}]}
    assert failing(answers) == [
        ("check:total", "", "total不对", "error"),
        ("check:inside", "/group", "inside不对", "error"),
        ("check:bound", "/rows/1", "bound不对", "error"),
    ]
    assert failing(answers, "en")[0][2] == "total is wrong"


def test_a_check_that_cannot_be_said_yet_is_no_issue():
    assert failing({}) == []
    assert failing({"group": {"a": 2}, "rows": [{"a": 4}, {}]}) == []


def test_a_check_may_only_warn_and_knows_the_day_of_the_interview():
    assert failing({"day": "2026-05-05"}) == [("check:past", "/day", "past不对", "warning")]
    assert failing({"day": "2026-05-05"}, today=date(2026, 5, 5)) == []


def test_a_computed_answer_that_differs_is_a_warning():
    assert failing({"rows": [{"a": 2, "twice": 4.0}, {"a": 2, "twice": 5}, {"twice": 5}, {"a": 2}]}) == [
        ("calc", "/rows/1/twice", "“数”与按其他回答计算的结果（4）不一致", "warning")
    ]


def test_checks_are_asked_of_answers_that_break_the_schema_too():
    assert [code for code, *_ in failing({"most": 1, "rows": [{"a": 2, "b": 0}]})] == [
        "unknown-question",
        "check:total",
        "check:bound",
    ]


def test_every_issue_code_has_words_in_chinese_and_english():
    said = yaml.safe_load(files("forms").joinpath("messages.yaml").read_text(encoding="utf-8"))
    assert said.keys() >= {
        *CODES.values(),
        "required",
        "not-relevant",
        "unknown-question",
        "invalid",
        "calc",
        "check",
    }
    assert all({"zh-Hans", "en"} <= texts.keys() for texts in said.values())
