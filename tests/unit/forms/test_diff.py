from copy import deepcopy

from forms.compile import publish_bytes
from forms.definition import FormVersion
from forms.diff import FormDiff, diff

OLD = {
    "x-form": {"form_id": "demo", "version": "1", "languages": ["zh-Hans"]},
    "type": "object",
    "properties": {
        "a": {"type": "string", "maxLength": 9, "x-i18n-title": {"zh-Hans": "甲"}},
        "b": {"enum": ["x"], "x-choices": [{"const": "x", "x-i18n-title": {"zh-Hans": "是"}}]},
        "c": {"type": "array", "items": {"type": "object", "properties": {"d": {"type": "number"}}}},
        "e": {"type": "array", "items": {"$ref": "#/$defs/e"}},
    },
    "$defs": {"e": {"enum": ["y"], "x-choices": [{"const": "y", "x-i18n-title": {"zh-Hans": "有"}}]}},
}


def changed(edit):
    document = deepcopy(OLD)
    edit(document["properties"], document)
    old, new = (FormVersion.from_bytes(publish_bytes(each)) for each in (OLD, document))
    return diff(old, new)


def test_equal_versions_do_not_differ():
    assert changed(lambda *_: None) == FormDiff()


def test_added_and_removed_questions_are_named_also_inside_rows():
    def edit(p, _):
        p["n"] = {"type": "string"}
        p["c"]["items"]["properties"] = {"f": {"type": "number"}}
        del p["a"]

    assert changed(edit) == FormDiff(added=("/c/*/f", "/n"), removed=("/a", "/c/*/d"))


def test_another_type_limit_condition_or_fact_is_a_retyped_question():
    assert changed(lambda p, _: p["a"].update(maxLength=8)).retyped == ("/a",)
    assert changed(lambda p, _: p["c"]["items"]["properties"]["d"].update(type="integer")).retyped == (
        "/c/*/d",
    )
    assert changed(lambda p, _: p["a"].update({"x-fact": "household.address"})).retyped == ("/a",)
    assert changed(lambda p, _: p["b"].update({"x-when": {"required": ["a"]}})).retyped == ("/b",)
    assert changed(lambda p, _: p["c"].update(minItems=1)).retyped == ("/c",)


def test_another_wording_of_a_question_or_choice_is_a_reworded_question():
    assert changed(lambda p, _: p["a"].update({"x-i18n-title": {"zh-Hans": "乙"}})) == FormDiff(
        reworded=("/a",)
    )
    assert changed(
        lambda p, _: p["b"]["x-choices"][0].update({"x-i18n-title": {"zh-Hans": "否"}})
    ) == FormDiff(reworded=("/b",))


def test_a_choice_of_a_shared_list_is_compared_too():
    def edit(_, d):
        d["$defs"]["e"]["enum"].append("z")
        d["$defs"]["e"]["x-choices"].append({"const": "z", "x-i18n-title": {"zh-Hans": "无"}})

    assert changed(edit) == FormDiff(retyped=("/e",), reworded=("/e",))
