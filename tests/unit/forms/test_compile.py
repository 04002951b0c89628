import json
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.compile import answer_validator, compile_draft, completed, draft_of, publish_bytes
from forms.definition import FormVersion, NotADefinition
from forms.explain import Explainer
from forms.gate import Gate

EXAMPLES = Path(__file__).parent / "examples"
EXAMPLE = json.loads((EXAMPLES / "form-example.schema.json").read_text())
VECTORS = json.loads((EXAMPLES / "form-example.vectors.json").read_text())
TODAY = date(2026, 5, 4)


def when(condition):
    return {"properties": condition}


def as_draft(document):
    """The example as an author would write it: conditions on the questions, no allOf, no required."""
    draft = deepcopy(document)
    top, row = draft["properties"], draft["properties"]["members"]["items"]
    for holder in (draft, row):
        del holder["allOf"], holder["additionalProperties"]
        for name in holder.pop("required"):
            holder["properties"][name]["x-required"] = True
    yes = when({"consent": {"const": "yes"}})
    top["refusal_reason"] |= {"x-when": when({"consent": {"const": "no"}}), "x-required": True}
    top["livestock"] |= {"x-when": yes, "x-required": True}
    top["members"] |= {"x-when": yes, "x-required": True}
    top["photo"] |= {"x-when": yes}
    top["sheep_count"] |= {
        "x-when": when({"livestock": {"contains": {"const": "sheep"}}}),
        "x-required": True,
    }
    row["properties"]["worked_7d"] |= {"x-when": when({"age": {"minimum": 15}}), "x-required": True}
    row["properties"]["hours_7d"] |= {"x-when": when({"worked_7d": {"const": "yes"}}), "x-required": True}
    return draft


PUBLISHED = FormVersion.from_bytes((EXAMPLES / "form-example.schema.json").read_bytes())
COMPILED = FormVersion.from_bytes(publish_bytes(as_draft(EXAMPLE)))
GATES = Gate(PUBLISHED), Gate(COMPILED)
REFERENCE = Explainer(COMPILED.document).validator


@pytest.mark.parametrize(("answers", "right"), [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS])
def test_a_compiled_draft_judges_every_vector_like_the_example(answers, right):
    assert GATES[1].accepts(answers) is right
    assert REFERENCE.is_valid(answers) is right


LOOSE = [
    *(
        None,
        True,
        0,
        1,
        14,
        15,
        15.0,
        9.5,
        1e300,
        -1,
        "",
        "yes",
        "no",
        "sheep",
        ["sheep"],
        ["goat", "goat"],
        [],
        {},
    ),
    *("150624", "150624\n", "１５０６２４", "2026-05-04", "2026-5-4", "20260504", "2026-W19-1", "2024-02-30"),
    [{"name": "A", "age": 20}],
    [{"name": "A", "age": 9, "hours_7d": 1}],
    {"lat": 1, "lon": 181},
    {"lat": 1, "lon": 2, "at": "2026-05-04T08:00:00+08:00"},
    {"lat": 1, "lon": 2, "at": "2026-05-04 08:00"},
]


def mutations(answers):
    """Answer sets near a right one: members taken away, exchanged, or put where they do not belong."""
    loose = st.sampled_from(LOOSE)
    names = st.sampled_from([*EXAMPLE["properties"], "zzz"])
    edits = st.lists(st.tuples(names, st.none() | st.tuples(loose)), max_size=4)

    def apply(changes):
        edited = deepcopy(answers)
        for name, value in changes:
            edited.pop(name, None)
            if value is not None:
                edited[name] = value[0]
        return edited

    return edits.map(apply)


@settings(max_examples=400)
@given(st.sampled_from([vector[1] for vector in VECTORS]).flatmap(mutations))
def test_every_validator_agrees_on_generated_answers(answers):
    verdicts = {
        GATES[0].accepts(answers),
        GATES[1].accepts(answers),
        REFERENCE.is_valid(answers),
        Explainer(PUBLISHED.document).validator.is_valid(answers),
    }
    assert len(verdicts) == 1
    issues = GATES[1].judge(answers, TODAY)
    assert (issues == ()) is verdicts.pop()
    assert "invalid" not in {issue.code for issue in issues}


def judge(draft, answers):
    document = compile_draft(draft)
    verdict = answer_validator(document).is_valid(answers)
    assert Explainer(document).validator.is_valid(answers) is verdict
    return verdict


def form(properties, **more):
    return {"type": "object", "properties": properties, **more}


def text(**more):
    return {"type": "string", **more}


def test_a_condition_on_an_absent_answer_does_not_hold():
    draft = form({"a": text(), "b": text(**{"x-when": when({"a": {"const": "x"}})})})
    assert judge(draft, {"a": "x", "b": "1"})
    assert not judge(draft, {"b": "1"})
    assert not judge(draft, {"a": "y", "b": "1"})


def test_a_negated_condition_asks_for_an_answer_too():
    draft = form(
        {"a": text(), "b": text(**{"x-when": {"not": when({"a": {"const": "x"}})}, "x-required": True})}
    )
    assert judge(draft, {})
    assert not judge(draft, {"b": "1"})
    assert not judge(draft, {"a": "y"})
    assert judge(draft, {"a": "y", "b": "1"})


def test_absence_can_be_asked_for():
    draft = form({"a": text(), "b": text(**{"x-when": {"not": {"required": ["a"]}}})})
    assert judge(draft, {"b": "1"})
    assert not judge(draft, {"a": "y", "b": "1"})


def test_required_stands_at_every_level_of_a_nested_condition():
    nested = {
        "anyOf": [
            when({"a": {"properties": {"b": {"const": 1}}}}),
            when({"c": {"contains": when({"d": {"minimum": 2}})}}),
        ]
    }
    assert completed(nested) == {
        "anyOf": [
            {"properties": {"a": {"properties": {"b": {"const": 1}}, "required": ["b"]}}, "required": ["a"]},
            {
                "properties": {
                    "c": {
                        "contains": {
                            "properties": {"d": {"minimum": 2, "type": "number"}},
                            "required": ["d"],
                        },
                        "type": "array",
                    }
                },
                "required": ["c"],
            },
        ]
    }


def test_completing_twice_changes_nothing():
    once = completed({"not": {"anyOf": [when({"a": {"pattern": "^x"}}), when({"b": False})]}})
    assert completed(once) == once
    assert once["required"] == ["a", "b"]


def test_dont_know_does_not_pass_for_a_number():
    draft = form(
        {
            "age": {"type": "integer", "minimum": 0, "maximum": 120, "x-missing": ["dk"]},
            "work": text(**{"x-when": when({"age": {"minimum": 16}}), "x-required": True}),
        }
    )
    assert judge(draft, {"age": 20, "work": "w"})
    assert judge(draft, {"age": "dk"})
    assert not judge(draft, {"age": "dk", "work": "w"})
    assert not judge(draft, {"age": "refused"})
    assert not judge(draft, {"age": 121})


def test_a_chain_of_questions_ends_where_the_first_is_not_asked():
    draft = form(
        {
            "a": text(),
            "b": text(**{"x-when": when({"a": {"const": "x"}})}),
            "c": text(**{"x-when": when({"b": {"const": "x"}})}),
        }
    )
    assert judge(draft, {"a": "x", "b": "x", "c": "1"})
    assert not judge(draft, {"a": "y", "c": "1"})
    assert not judge(draft, {"a": "y", "b": "x", "c": "1"})


def roster(question, **more):
    row = form({"name": text(), "q": question})
    return form({"gate": text(), "rows": {"type": "array", "items": row}} | more)


def test_a_question_of_a_row_can_be_gated_from_the_root():
    draft = roster(text(**{"x-when-root": when({"gate": {"const": "x"}}), "x-required": True}))
    assert judge(draft, {"gate": "x", "rows": [{"name": "A", "q": "1"}]})
    assert not judge(draft, {"gate": "x", "rows": [{"name": "A", "q": "1"}, {"name": "B"}]})
    assert not judge(draft, {"gate": "y", "rows": [{"name": "A", "q": "1"}]})
    assert judge(draft, {"gate": "y", "rows": [{"name": "A"}]})
    assert judge(draft, {"gate": "x"})
    assert not judge(draft, {"rows": [{"q": "1"}]})


def test_a_question_gated_by_row_and_root_is_required_only_when_both_hold():
    both = {
        "x-when-root": when({"gate": {"const": "x"}}),
        "x-when": when({"name": {"const": "A"}}),
        "x-required": True,
    }
    draft = roster(text(**both))
    assert not judge(draft, {"gate": "x", "rows": [{"name": "A"}]})
    assert judge(draft, {"gate": "x", "rows": [{"name": "A", "q": "1"}, {"name": "B"}]})
    assert judge(draft, {"gate": "y", "rows": [{"name": "A"}]})
    assert not judge(draft, {"gate": "y", "rows": [{"name": "A", "q": "1"}]})
    assert not judge(draft, {"gate": "x", "rows": [{"name": "B", "q": "1"}]})


def test_rows_of_rows_and_shared_rows_are_gated_from_the_root_too():
    spell = form({"day": text(**{"x-when-root": when({"gate": {"const": "x"}}), "x-required": True})})
    person = form({"spells": {"type": "array", "items": {"$ref": "#/$defs/spell"}}})
    draft = form({"gate": text(), "people": {"type": "array", "items": person}}) | {"$defs": {"spell": spell}}
    assert judge(draft, {"gate": "x", "people": [{"spells": [{"day": "1"}]}]})
    assert not judge(draft, {"gate": "x", "people": [{"spells": [{}]}]})
    assert not judge(draft, {"gate": "y", "people": [{"spells": [{"day": "1"}]}]})
    assert judge(draft, {"gate": "y", "people": [{"spells": [{}]}]})


def test_shared_choices_with_a_code_for_no_answer_take_both():
    draft = form({"a": {"$ref": "#/$defs/yn", "x-missing": ["refused"]}}) | {
        "$defs": {"yn": {"enum": ["yes", "no"]}}
    }
    assert [judge(draft, {"a": value}) for value in ("yes", "refused", "dk")] == [True, True, False]


def test_compiling_a_published_form_changes_nothing():
    assert compile_draft(COMPILED.document) == COMPILED.document
    assert publish_bytes(COMPILED.document) == COMPILED.raw


def test_the_draft_of_a_published_form_has_no_expansion_and_compiles_to_the_same():
    draft = draft_of(COMPILED.document)
    assert "allOf" not in draft
    assert "required" not in draft
    assert publish_bytes(draft) == COMPILED.raw


def test_what_the_author_wrote_by_hand_stays():
    rule = {"if": {"properties": {"a": {"const": "x"}}, "required": ["a"]}, "then": {"required": ["b"]}}
    document = compile_draft(
        form({"a": text(), "b": text(**{"x-when": when({"a": {}})})}, allOf=[rule], required=["a"])
    )
    assert document["allOf"][0] == rule
    assert document["required"] == ["a"]
    assert len(document["allOf"]) == 2


def test_the_draft_itself_is_left_as_it_was():
    draft = as_draft(EXAMPLE)
    before = deepcopy(draft)
    compile_draft(draft)
    assert draft == before


def test_questions_keep_the_order_in_which_they_were_written():
    version = FormVersion.from_bytes(publish_bytes(as_draft(EXAMPLE)))
    assert [question.name for question in version.questions] == list(EXAMPLE["properties"])


def test_a_reference_in_a_circle_is_no_definition():
    circle = form({"a": {"$ref": "#/$defs/a"}}) | {"$defs": {"a": {"$ref": "#/$defs/a"}}}
    with pytest.raises(NotADefinition):
        compile_draft(circle)


def test_a_form_reads_nothing_from_the_network():
    with pytest.raises(ValueError, match="outside"):
        answer_validator({"$ref": "https://forms.invalid/elsewhere"})
