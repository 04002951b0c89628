"""Each check refuses a definition made for it, and says nothing of the sound one that it was made from."""

import json
from copy import deepcopy
from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forms.checks import CHECKS, check
from forms.compile import compile_draft
from ledger.dictionary import dictionary

DICTIONARY = dictionary()


def words(zh, en="words"):
    return {"zh-Hans": zh, "en": en}


def choices(*values):
    return {
        "enum": list(values),
        "x-choices": [{"const": value, "x-i18n-title": words(str(value))} for value in values],
    }


SEX = {"x-i18n-title": words("性别"), "x-widget": "radio", **choices("1", "2", "dk")}
BIRTH = {"x-i18n-title": words("出生日期"), "type": "string", "format": "date", "x-widget": "date"}
SCHEME = {"x-i18n-title": words("险种"), **choices("resident_medical", "employee_medical")}
SPELL = {
    "type": "object",
    "x-check": [
        {
            "name": "order",
            "that": {"<=": [{"var": "start"}, {"var": "end"}]},
            "x-i18n-error": words("先后颠倒"),
        },
    ],
    "properties": {
        "cover": {"x-i18n-title": words("编号"), "type": "string"},
        "start": BIRTH | {"x-fact": "start"},
        "end": BIRTH | {"x-fact": "end", "x-prefill": "household.move_in"},
    },
}
SOUND = {
    "$id": "https://forms.invalid/demo/1",
    "x-i18n-title": words("示例"),
    "x-form": {"form_id": "demo", "version": "1", "subject": "household", "languages": ["zh-Hans", "en"]},
    "x-pages": [
        {"page": "one", "x-i18n-title": words("一"), "items": ["moved_in", "photo", "phone"]},
        {"page": "two", "x-i18n-title": words("二"), "items": ["members"]},
    ],
    "type": "object",
    "properties": {
        "moved_in": BIRTH
        | {"x-fact": "household.move_in", "x-prefill": {"fact": "household.move_in", "confirm": True}},
        "photo": {"x-i18n-title": words("照片"), "$ref": "#/$defs/photo", "x-widget": "camera"},
        "phone": {
            "x-i18n-title": words("电话"),
            "type": "string",
            "pattern": "^1[0-9]{10}$",
            "x-missing": ["refused"],
            "x-fact": "household.phone",
            "x-pii": "contact",
            "x-when": {"properties": {"moved_in": {"type": "string"}}},
        },
        "members": {
            "x-i18n-title": words("成员"),
            "type": "array",
            "x-entity": "person",
            "x-widget": "repeat",
            "x-repeat": {"x-key": "person_id", "summary": ["sex"], "x-i18n-add": words("添加")},
            "items": {
                "type": "object",
                "properties": {
                    "person_id": {"x-i18n-title": words("编号"), "type": "string"},
                    "sex": SEX | {"x-missing": ["dk"], "x-fact": "person.sex", "x-required": True},
                    "born": BIRTH
                    | {"x-fact": "person.birth_date", "x-prefill": {"fact": "person.birth_date"}},
                    "age": {
                        "x-i18n-title": words("年龄"),
                        "type": "integer",
                        "x-calc": {"age_on": [{"var": "born"}, {"today": []}]},
                    },
                    "health": {
                        "x-i18n-title": words("健康"),
                        "type": "array",
                        "items": choices("healthy", "chronic"),
                        "x-widget": "checkboxes",
                        "x-fact": "person.health",
                        "x-pii": "sensitive",
                        "x-choices-filter": {"answer": "sex", "choices": {"1": ["healthy"]}},
                    },
                    "late": {
                        "x-i18n-title": words("迟"),
                        "type": "boolean",
                        "x-when-root": {"properties": {"moved_in": {"pattern": "^2020"}}},
                    },
                    "covers": {
                        "x-i18n-title": words("参保"),
                        "type": "array",
                        "x-entity": "spell:insurance.medical",
                        "x-repeat": {"x-key": "cover"},
                        "items": {"$ref": "#/$defs/spell"},
                    },
                },
            },
        },
    },
    "x-check": [
        {
            "name": "someone",
            "that": {">": [{"count": {"var": "members.*.sex"}}, 0]},
            "x-i18n-error": words("无人"),
        },
    ],
    "x-upcast": {
        "from": "0",
        "steps": [
            {"rename": "/tel", "to": "phone"},
            {"move": "/members/*/tel", "to": "/members/*/person_id"},
            {"recode": "/members/*/sex", "map": {"m": "1"}},
            {"drop": "/income", "x-i18n-lost": words("收入")},
        ],
    },
    "$defs": {
        "spell": SPELL,
        "photo": {"type": "object", "properties": {"file": {"type": "string"}, "sha256": {"type": "string"}}},
    },
}
ROW = "/properties/members/items/properties"


def test_a_sound_draft_has_no_problem_and_neither_has_its_published_form():
    assert check(SOUND, DICTIONARY) == ()
    assert check(compile_draft(SOUND), DICTIONARY) == ()


def change(path, value):
    """The sound draft with one member set, or taken away by `...`."""
    document = deepcopy(SOUND)
    *above, last = path.removeprefix("/").split("/")
    at = document
    for part in above:
        at = at[int(part)] if isinstance(at, list) else at[part]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return document


IF = {"if": {"properties": {"phone": {"const": "1"}}}, "then": {"required": ["photo"]}}
CHECK = SOUND["x-check"][0]
DEEP = {"type": "string", "x-i18n-title": words("深")}
for _ in range(20):
    DEEP = {"type": "object", "x-i18n-title": words("层"), "properties": {"a": DEEP}}

BROKEN = [
    ("not-json", "", change("/title", "\ud800")),
    ("not-json", "", change("/properties/1", {}) | {"properties": {1: {}}}),
    ("shape", "/properties/phone/x-pii", change("/properties/phone/x-pii", "secret")),
    ("shape", "", change("/x-form", ...)),
    ("shape", "/x-form/version", change("/x-form/version", 1)),
    ("shape", "/properties/phone/minLength", change("/properties/phone/minLength", "x")),
    ("ref", "", change("/properties/photo/$ref", "https://forms.invalid/photo")),
    ("ref", "", change("/properties/photo/$ref", "#/$defs/none")),
    ("ref", "", change("/properties/phone", DEEP)),
    ("ref", "", change("/$defs/photo", {"$ref": "#/$defs/photo"})),
    ("keyword-unknown", "/properties/phone/x-widgt", change("/properties/phone/x-widgt", "text")),
    ("keyword-unknown", f"{ROW}/sex/requird", change(f"{ROW}/sex/requird", True)),
    ("dialect", "/$schema", change("/$schema", "https://json-schema.org/draft/2019-09/schema")),
    ("id-not-https", "/$id", change("/$id", "http://forms.invalid/demo/1")),
    ("id-not-https", "/$defs/spell/$id", change("/$defs/spell/$id", "https://forms.invalid/spell")),
    ("if-without-required", "/allOf/0/if", change("/allOf", [IF])),
    (
        "banned-key",
        "/properties/phone/x-when/properties/id",
        change("/properties/phone/x-when/properties/id", {}),
    ),
    ("choices-unequal", f"{ROW}/sex", change(f"{ROW}/sex/enum", ["1", "2", "9", "dk"])),
    ("choices-unequal", f"{ROW}/sex", change(f"{ROW}/sex/x-choices", ...)),
    ("choices-unequal", f"{ROW}/health/items", change(f"{ROW}/health/items/enum", ["healthy", "healthy"])),
    ("language-missing", "/properties/phone/x-i18n-title", change("/properties/phone/x-i18n-title", ...)),
    ("language-missing", f"{ROW}/born/x-i18n-title", change(f"{ROW}/born/x-i18n-title", {"en": "Born"})),
    ("language-missing", "/x-form/languages", change("/x-form/languages", ["en"])),
    (
        "language-missing",
        f"{ROW}/sex/x-choices/1/x-i18n-title",
        change(f"{ROW}/sex/x-choices/1/x-i18n-title", {"zh-Hans": "女"}),
    ),
    ("page-item-unknown", "/x-pages/1/items/1", change("/x-pages/1/items", ["members", "nobody"])),
    ("page-not-one", "/properties/phone", change("/x-pages/0/items", ["moved_in", "photo"])),
    ("page-not-one", "/properties/phone", change("/x-pages/1/items", ["phone", "members"])),
    ("page-not-one", "/x-pages", change("/x-pages/1/page", "one")),
    ("name-unfit", f"{ROW}/Weight", change(f"{ROW}/Weight", {"x-i18n-title": words("重"), "type": "number"})),
    ("required-unknown", "/required", change("/required", ["nobody"])),
    ("required-unknown", "/required", change("/required", ["phone"])),
    ("condition-misplaced", "/$defs/photo/x-when", change("/$defs/photo/x-when", {})),
    ("condition-misplaced", "/properties/phone/x-when-root", change("/properties/phone/x-when-root", {})),
    ("open-object", "/$defs/spell/additionalProperties", change("/$defs/spell/additionalProperties", True)),
    ("format-unknown", f"{ROW}/born/format", change(f"{ROW}/born/format", "time")),
    ("pattern-unportable", "/properties/phone/pattern", change("/properties/phone/pattern", r"^\d+$")),
    ("pattern-unportable", "/properties/phone/pattern", change("/properties/phone/pattern", "^(?!0)[0-9]+$")),
    ("pattern-unportable", "/properties/phone/pattern", change("/properties/phone/pattern", "^([0-9]+-?)+$")),
    ("pattern-unportable", "/properties/phone/pattern", change("/properties/phone/pattern", "^(a|[b)]*)*$")),
    ("widget-unfit", "/properties/phone/x-widget", change("/properties/phone/x-widget", "checkboxes")),
    ("widget-unfit", "/properties/phone/x-widget", change("/properties/phone/x-widget", "radio")),
    ("missing-unfit", f"{ROW}/sex/x-missing", change(f"{ROW}/sex/x-missing", ["refused"])),
    ("upcast-target-unknown", "/x-upcast/steps/0", change("/x-upcast/steps/0/to", "telephone")),
    ("upcast-target-unknown", "/x-upcast/steps/2", change("/x-upcast/steps/2/recode", "/members/*/gender")),
    ("fact-unknown", "/properties/phone/x-fact", change("/properties/phone/x-fact", "household.fax")),
    ("fact-unknown", "/properties/phone/x-fact", change("/properties/phone/x-fact", "person.phone")),
    (
        "fact-unknown",
        "/$defs/spell/properties/start/x-fact",
        change("/$defs/spell/properties/start/x-fact", "begin"),
    ),
    ("prefill-unknown", f"{ROW}/born/x-prefill", change(f"{ROW}/born/x-prefill", "person.birthday")),
    ("fact-unfit", f"{ROW}/born/x-fact", change(f"{ROW}/born/format", ...)),
    (
        "fact-unfit",
        f"{ROW}/sex/x-fact",
        change(f"{ROW}/sex", SEX | choices("1", "f") | {"x-fact": "person.sex"}),
    ),
    ("fact-unfit", f"{ROW}/health/x-fact", change(f"{ROW}/health/items", choices("healthy", "fine"))),
    ("fact-unfit", f"{ROW}/age/x-fact", change(f"{ROW}/age/x-fact", "person.name")),
    ("pii-unfit", "/properties/phone/x-fact", change("/properties/phone/x-pii", ...)),
    ("pii-unfit", "/properties/phone/x-fact", change("/properties/phone/x-pii", "sensitive")),
    ("pii-unfit", f"{ROW}/sex/x-fact", change(f"{ROW}/sex/x-pii", "sensitive")),
    ("fact-twice", f"{ROW}/born/x-fact", change(f"{ROW}/person_id", BIRTH | {"x-fact": "person.birth_date"})),
    (
        "entity-unfit",
        "/properties/members/x-entity",
        change("/properties/members/x-entity", "spell:schooling"),
    ),
    ("entity-unfit", f"{ROW}/covers/x-entity", change(f"{ROW}/covers/x-entity", "spell:marriage")),
    ("entity-unfit", "/properties/phone/x-entity", change("/properties/phone/x-entity", "person")),
    ("entity-unfit", f"{ROW}/covers/x-entity", change(f"{ROW}/covers/x-entity", "record:dwelling")),
    ("entity-unfit", "/properties/members/x-entity", change("/properties/members/x-entity", "record:seats")),
    ("root-entity-unfit", "/x-entity", change("/x-entity", "site")),
    (
        "entity-without-key",
        "/properties/members/x-repeat",
        change("/properties/members/x-repeat", {"summary": []}),
    ),
    ("entity-without-key", f"{ROW}/covers/x-repeat", change(f"{ROW}/covers/x-repeat/x-key", "nobody")),
    (
        "condition-reads-unknown",
        "/properties/phone/x-when",
        change("/properties/phone/x-when", {"required": ["sex"]}),
    ),
    (
        "condition-reads-unknown",
        "/properties/phone/x-when",
        change("/properties/phone/x-when", {"required": ["phone"]}),
    ),
    (
        "condition-reads-unknown",
        f"{ROW}/late/x-when-root",
        change(f"{ROW}/late/x-when-root", {"required": ["members"]}),
    ),
    ("expression-bad", f"{ROW}/age/x-calc", change(f"{ROW}/age/x-calc", {"cat": ["a"]})),
    ("expression-bad", "/x-check/0/that", change("/x-check/0/that", {"<": [1]})),
    ("expression-reads-unknown", "/x-check/0/that", change("/x-check/0/that", {"var": "members.*.weight"})),
    ("expression-reads-unknown", f"{ROW}/age/x-calc", change(f"{ROW}/age/x-calc", {"var": "moved_in"})),
    (
        "expression-costly",
        f"{ROW}/age/x-calc",
        change(f"{ROW}/age/x-calc", {"count": {"var": "$.members.*.sex"}}),
    ),
    ("check-name-twice", "/x-check/0/name", change("/x-check", [CHECK, CHECK])),
    (
        "choices-filter-unfit",
        f"{ROW}/health/x-choices-filter/answer",
        change(f"{ROW}/health/x-choices-filter/answer", "x"),
    ),
    (
        "choices-filter-unfit",
        f"{ROW}/health/x-choices-filter/choices",
        change(f"{ROW}/health/x-choices-filter/choices", {"1": ["ill"]}),
    ),
    (
        "repeat-names-unknown",
        "/properties/members/x-repeat",
        change("/properties/members/x-repeat/summary", ["nobody"]),
    ),
    ("schema-does-not-compile", "", change("/allOf", [{"$ref": "https://forms.invalid/elsewhere"}])),
]


@pytest.mark.parametrize(
    ("code", "where", "draft"), BROKEN, ids=[f"{i}-{case[0]}" for i, case in enumerate(BROKEN)]
)
def test_a_check_refuses_what_it_is_for(code, where, draft):
    problems = check(draft, DICTIONARY, "en")
    assert (code, where) in {(problem.code, problem.where) for problem in problems}
    assert all(problem.what and problem.todo for problem in problems)


def test_every_check_has_a_broken_definition_and_words():
    codes = {*CHECKS, "shape", "ref", "not-json"}
    assert {case[0] for case in BROKEN} == codes
    said = yaml.safe_load(files("forms").joinpath("problems.yaml").read_text(encoding="utf-8"))
    assert said.keys() == codes
    for entry in said.values():
        assert entry["what"].keys() == entry["todo"].keys() == {"zh-Hans", "en"}


def test_all_problems_are_told_at_once():
    draft = change("/properties/phone/x-widgt", "text")
    draft["x-pages"][0]["items"] = ["moved_in"]
    draft["properties"]["moved_in"]["x-fact"] = "household.nothing"
    codes = [problem.code for problem in check(draft, DICTIONARY)]
    assert codes == ["keyword-unknown", "page-not-one", "page-not-one", "fact-unknown"]


def test_problems_are_told_in_the_asked_language():
    draft = change("/x-form/languages", ["en"])
    assert check(draft, DICTIONARY)[0].what == "缺少 zh-Hans 文字"
    assert check(draft, DICTIONARY, "en")[0].what == "The zh-Hans text is missing"


def spots(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from spots(part, (*path, key))


SPOTS = [path for path in spots(SOUND) if path]
JUNK = st.sampled_from(
    [None, True, False, 0, -1.5, "", "x", [], {}, [None], {"x": None}, [{}], "#/$defs/photo", "person"]
)


@given(st.sampled_from(SPOTS), JUNK)
def test_no_document_makes_the_checks_fail(path, junk):
    document = json.loads(json.dumps(SOUND))
    at = document
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = junk
    check(document, DICTIONARY)


@pytest.mark.parametrize("document", [None, 1, "x", [], {}, {"x-form": None}])
def test_what_is_no_definition_at_all_is_told_so(document):
    assert {problem.code for problem in check(document, DICTIONARY)} == {"shape"}


# --- records, spells of the household, sites


def asking(*questions, subject="household", **root):
    """Return a form of questions (name, schema), on one page."""
    named = {name: {"x-i18n-title": words(name), **schema} for name, schema in questions}
    return {
        "x-i18n-title": words("示例"),
        "x-form": {"form_id": "demo", "version": "1", "subject": subject, "languages": ["zh-Hans", "en"]},
        "x-pages": [{"page": "one", "x-i18n-title": words("一"), "items": list(named)}],
        "type": "object",
        "properties": named,
        **root,
    }


def listing(entity, fields, **repeat):
    """Return a repeat of an entity's rows."""
    properties = {name: {"x-i18n-title": words(name), **schema} for name, schema in fields.items()}
    row = {"type": "object", "properties": properties}
    return {"type": "array", "x-widget": "repeat", "x-entity": entity, "x-repeat": repeat, "items": row}


def group(entity, fields):
    """Return a group of questions that is a record."""
    properties = {name: {"x-i18n-title": words(name), **schema} for name, schema in fields.items()}
    return {"type": "object", "x-entity": entity, "properties": properties}


TEXT = {"type": "string"}
DAY = {"type": "string", "format": "date", "x-widget": "date"}
YEAR = {"type": "integer", "x-fact": "year"}
PROGRAMME = {"x-fact": "programme", **choices("grassland", "other")}
ITEM = {"x-fact": "item", **choices("water", "road")}
AREA = {"type": "number", "x-fact": "area", "x-prefill": {"fact": "area", "confirm": True}}
HANDOVER = DAY | {"x-fact": "handover_on", "x-prefill": "household.move_in"}


def codes_of(definition):
    return [problem.code for problem in check(definition, DICTIONARY)]


@pytest.mark.parametrize(
    "definition",
    [
        asking(("home", group("record:dwelling", {"area": AREA, "handover": HANDOVER}))),
        asking(("grants", listing("record:subsidy", {"programme": PROGRAMME, "year": YEAR}))),
        asking(
            ("old", listing("record:old_house", {"id": TEXT, "at": TEXT | {"x-fact": "place"}}, **{"x-key": "id"}))
        ),
        asking(
            ("aid", listing("spell:dibao", {"id": TEXT, "start": DAY | {"x-fact": "start"}}, **{"x-key": "id"})),
            ("now", {"x-fact": "household.dibao.now", "x-pii": "sensitive", **choices("yes", "no", "unknown")}),
        ),
        asking(
            ("name", TEXT | {"x-fact": "site.name", "x-prefill": "site.name"}),
            ("items", listing("record:infrastructure", {"item": ITEM})),
            subject="site",
        ),
        asking(("name", TEXT | {"x-fact": "banner.name"}), subject="banner"),
        asking(
            ("home", group("record:dwelling", {"area": AREA})), ("right", group("record:right", {"area": {
                "x-fact": "right", **choices("land_contract")}}))
        ),
    ],
)  # fmt: skip
def test_records_and_spells_stand_where_the_dictionary_says(definition):
    assert codes_of(definition) == []


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        (asking(("home", group("record:old_house", {"place": TEXT | {"x-fact": "place"}}))), "entity-unfit"),
        (asking(("grants", listing("record:subsidy", {"year": YEAR}))), "entity-without-key"),
        (asking(("items", listing("record:infrastructure", {"item": ITEM}))), "entity-unfit"),
        (asking(("home", group("record:dwelling", {"area": AREA})), subject="site"), "entity-unfit"),
        (asking(("home", group("record:castle", {"area": TEXT}))), "entity-unfit"),
        (asking(("home", group("record:dwelling", {"x": TEXT | {"x-fact": "dwelling.area"}}))), "fact-unknown"),
        (asking(("name", TEXT | {"x-fact": "site.name"})), "fact-unknown"),
        (asking(("moved", DAY | {"x-fact": "household.move_in"}), subject="site"), "fact-unknown"),
        (asking(("name", TEXT | {"x-prefill": "household.site"}), subject="site"), "prefill-unknown"),
        (asking(("name", TEXT | {"x-fact": "site.name"}), subject="site", **{"x-entity": "banner"}),
         "root-entity-unfit"),
    ],
)  # fmt: skip
def test_a_fact_of_another_level_is_not_published(definition, code):
    assert code in codes_of(definition)
