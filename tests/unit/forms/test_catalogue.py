"""The built-in forms: sound, understood by every validator, in plain words."""

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from forms.canonical import digest
from forms.catalogue import drafts
from forms.checks import check
from forms.compile import publish_bytes
from forms.definition import FormVersion, Question
from forms.expressions import parse
from forms.extract import rows
from forms.facts import FactType, Row
from forms.gate import Gate
from ledger.dictionary import dictionary
from ledger.view import travels

OF_HOUSEHOLDS = ("household", "rights", "old_house", "visit", "insurance", "labour", "schooling")
FORMS = (*OF_HOUSEHOLDS, "site", "banner")
DAY = date(2020, 6, 1)
VECTORS = Path(__file__).parent / "catalogue"

# Codes of the ledger that nobody is offered at a door, and why.
NOT_OFFERED = {
    ("person", "sex"): {"0", "9"},  # whoever is met has one; the register alone may not know
    ("spell:category", "evidence"): {"agency_extract"},  # the agency's data do not come by the door
    ("spell:dibao", "evidence"): {"agency_extract"},
    ("spell:family_doctor", "evidence"): {"agency_extract"},
    ("spell:measure", "evidence"): {"agency_extract"},
    ("spell:insurance.medical", "evidence"): {"agency_extract"},
    ("spell:insurance.pension", "evidence"): {"agency_extract"},
    ("spell:schooling", "evidence"): {"agency_extract"},
    ("spell:job", "evidence"): {"agency_extract"},
    ("person", "in_school"): {"preschool_age", "kindergarten"},  # the labour card begins at sixteen
    ("spell:insurance.medical", "state"): {"in_payment"},  # a pension is paid out, medical cover is not
    ("spell:insurance.pension", "state"): {"waiting"},  # only medical cover has a waiting period
    ("person", "school.absence_reason"): {
        "marriage"
    },  # never asked of a minor: the restricted note stands for it
}
# Words of offices, which a herder does not use.
OFFICE_WORDS = (
    "转移接续",
    "统筹",
    "险种",
    "学段",
    "缴费",
    "待遇",
    "辍学",
    "失学",
    "搬迁群众",
    "入户",
    "受访",
    "监护人",
    "是否",
)

KEYS = {"person_id", "spell_id", "record_id"}
SECONDS_TO_ASK, SECONDS_TO_CONFIRM, MINUTES = 8, 3, 20


@cache
def draft(form: str) -> Any:
    return drafts()[form]


@cache
def version(form: str) -> FormVersion:
    return FormVersion.from_bytes(publish_bytes(draft(form)))


@cache
def gate(form: str) -> Gate:
    return Gate(version(form))


@cache
def reference(form: str) -> Any:
    return Draft202012Validator(version(form).document, format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def vectors(form: str) -> list[Any]:
    return json.loads((VECTORS / f"{form}.vectors.json").read_text(encoding="utf-8"))


def vector(form: str, beginning: str) -> Any:
    return next(answers for name, answers, _ in vectors(form) if name.startswith(beginning))


def every_vector() -> Iterator[Any]:
    for form in FORMS:
        for name, answers, verdict in vectors(form):
            yield pytest.param(form, answers, verdict, id=f"{form}: {name}")


def texts(value: Any, where: str = "") -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield (pointer, keyword, words by language) of every text of a definition."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key.startswith("x-i18n-"):
                yield where, key, part
            else:
                yield from texts(part, f"{where}/{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from texts(part, f"{where}/{index}")


def stated(row: Row) -> Iterator[tuple[str, str]]:
    for name in row.facts:
        yield row.entity, name
    for inside in row.rows:
        yield from stated(inside)


@pytest.mark.parametrize("form", FORMS)
def test_a_draft_may_be_published(form: str) -> None:
    assert check(draft(form), dictionary()) == ()
    assert check(version(form).document, dictionary()) == ()
    assert version(form).document["$id"] == f"https://forms.ruhu.example/{form}/{version(form).version}"
    assert version(form).form_id == form


@pytest.mark.parametrize(("form", "answers", "verdict"), list(every_vector()))
def test_gate_and_reference_give_the_verdict(form: str, answers: Any, verdict: bool) -> None:
    issues = [issue for issue in gate(form).judge(answers, DAY) if issue.severity == "error"]
    assert gate(form).accepts(answers) is verdict
    assert reference(form).is_valid(answers) is verdict
    assert (issues == []) is verdict


@pytest.mark.parametrize("form", FORMS)
def test_valid_answers_raise_no_doubt_but_about_what_is_left_unsaid(form: str) -> None:
    doubts = {
        issue.code
        for _, answers, verdict in vectors(form)
        if verdict
        for issue in gate(form).judge(answers, DAY)
    }
    assert doubts <= {"check:medical-listed"}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_was_given_out_and_changed_has_another_version(form: str) -> None:
    """An installation publishes what it does not hold: under a version that it holds, a change would reach nobody."""
    released = json.loads((VECTORS / "released.json").read_text(encoding="utf-8"))
    draft = drafts()[form]
    assert released.get(f"{form} {draft['x-form']['version']}", digest(draft)) == digest(draft)


@pytest.mark.parametrize("form", FORMS)
def test_every_fact_a_form_may_state_is_stated_by_some_example(form: str) -> None:
    wanted = {question.fact for question in version(form).walk() if question.fact is not None}
    given = {fact for _, answers, ok in vectors(form) if ok for fact in stated(rows(version(form), answers))}
    assert wanted - given == set()


@pytest.mark.parametrize("form", FORMS)
def test_every_text_is_there_in_chinese_and_english(form: str) -> None:
    for where, keyword, words in texts(draft(form)):
        assert {"zh-Hans", "en"} <= words.keys() <= {"zh-Hans", "en", "mn-Mong"}, where
        assert re.search("[一-鿿]", words["zh-Hans"]), (where, keyword)
        assert not re.search("[一-鿿]", words["en"]), (where, keyword)
    for question in version(form).walk():
        assert question.schema["title"] == question.title("zh-Hans"), question.path
        assert question.schema["title"] != question.name


@pytest.mark.parametrize("form", FORMS)
def test_every_mongolian_text_is_listed_as_unreviewed(form: str) -> None:
    listed = yaml.safe_load(
        files("forms").joinpath("catalogue", "unreviewed.yaml").read_text(encoding="utf-8")
    )
    used = {(words["mn-Mong"], words["zh-Hans"]) for _, _, words in texts(draft(form)) if "mn-Mong" in words}
    assert used == {(entry["mn-Mong"], entry["zh-Hans"]) for entry in listed.get(form, ())}


@pytest.mark.parametrize("form", FORMS)
def test_questions_and_choices_use_no_words_of_offices(form: str) -> None:
    spoken = [question.title() for question in version(form).walk()]
    spoken += [words["zh-Hans"] for q in version(form).walk() for words in q.choices().values()]
    assert [words for words in spoken if any(office in words for office in OFFICE_WORDS)] == []


@pytest.mark.parametrize("form", FORMS)
def test_the_codes_offered_are_those_of_the_ledger(form: str) -> None:
    for question in version(form).walk():
        spec = None if question.fact is None else dictionary().get(*question.fact)
        if spec is not None and spec.type in {FactType.CODE, FactType.CODES}:
            offered = set(question.choices()) - question.missing
            assert offered == set(spec.codes) - NOT_OFFERED.get((spec.level, spec.name), set()), question.path


@pytest.mark.parametrize("form", FORMS)
def test_a_range_or_pattern_says_in_words_what_is_wrong(form: str) -> None:
    for question in version(form).walk():
        if question.name not in KEYS:
            bounded = {"minimum", "maximum", "pattern"} & question.schema.keys()
            assert not bounded or "x-i18n-error" in question.schema, question.path


@pytest.mark.parametrize("form", OF_HOUSEHOLDS)
def test_a_household_of_four_is_asked_in_twenty_minutes(form: str) -> None:
    asked = list(_asked(version(form).questions, vectors(form)[0][1]))
    confirmed = sum("x-prefill" in question.schema for question in asked)
    seconds = SECONDS_TO_CONFIRM * confirmed + SECONDS_TO_ASK * (len(asked) - confirmed)
    assert seconds <= 60 * MINUTES


def _asked(questions: tuple[Question, ...], answers: Any) -> Iterator[Question]:
    """Yield each question as often as somebody had to answer it: not what the phone makes or computes."""
    for question in questions:
        answer = answers.get(question.name)
        if answer is None or "x-calc" in question.schema or question.name in KEYS:
            continue
        if question.entity is not None:
            for row in [answer] if question.kind == "object" else answer:
                yield from _asked(question.children, row)
        else:
            yield question


def test_a_lapse_is_told_as_a_stretch_that_ended_and_a_whole_story() -> None:
    answers = vector("insurance", "a father whose cover ended")
    household = rows(version("insurance"), answers)
    father, daughter = household.of("person")
    (spell,) = father.of("spell")
    assert household.facts == {"move_in": "2020-03-20"}
    assert father.facts["insurance.medical.now"] == "no"
    assert father.facts["insurance.medical.history_from"] == "2019-01-01"
    assert father.facts["insurance.medical.reason"] == "1"
    assert (spell.entity, spell.facts["end"], spell.facts["payer"]) == (
        "spell:insurance.medical",
        "2019-12-31",
        "self",
    )
    assert daughter.facts["insurance.medical.now"] == "unknown"
    assert "insurance.medical.history_from" not in daughter.facts


def test_who_is_not_sure_of_the_whole_story_claims_nothing_but_today() -> None:
    answers = vector("insurance", "insured now, and no more is known")
    (person,) = rows(version("insurance"), answers).of("person")
    assert person.facts["insurance.medical.history_from"] == DAY.isoformat()


def test_a_child_between_two_schools_is_told_as_a_school_left_and_none_now() -> None:
    answers = vector("schooling", "a father of whom nothing is asked")
    father, daughter = rows(version("schooling"), answers).of("person")
    (school,) = daughter.of("spell:schooling")
    assert set(father.facts) == {"name", "birth_date"}
    assert daughter.facts["schooling.now"] == "no"
    assert daughter.facts["schooling.history_from"] == "2016-09-01"
    assert daughter.facts["school.absence_reason"] == "no_seat"
    assert (school.facts["end"], school.facts["leave_reason"]) == ("2020-03-31", "moved")
    assert school.facts["transfer.state"] == "applied"


def test_a_wish_that_nobody_else_may_tell_states_nothing() -> None:
    answers = vector("labour", "a herder for own use")
    (herder,) = rows(version("labour"), answers).of("person")
    assert {"work_willing", "train_willing", "startup.wants"}.isdisjoint(herder.facts)
    assert (herder.facts["admin_status"], herder.facts["icls.worked"], herder.facts["icls.own_use"]) == (
        "5",
        "no",
        "yes",
    )


def test_functioning_is_asked_before_health_and_names_no_disability() -> None:
    (members,) = [each for each in version("labour").questions if each.name == "members"]
    names = [question.name for question in members.children]
    before = members.children[: names.index("health")]
    assert sum(question.name.startswith("wg_") for question in before) == 6
    assert not any("残疾" in json.dumps(question.schema, ensure_ascii=False) for question in before)


def test_the_roster_accounts_for_who_died_and_who_was_born() -> None:
    answers = vector("household", "a death, a wrong entry, a birth and a bride")
    persons = {row.facts["name"]: row.facts for row in rows(version("household"), answers).of("person")}
    assert persons["巴图"] == {"name": "巴图", "exit.event": "died", "exit.date": "2020-02-11"}
    assert persons["李某"] == {"name": "李某", "exit.event": "mistaken"}
    assert (persons["未起名"]["entry.event"], persons["未起名"]["entry.date"]) == ("birth", "2020-04-02")


def test_an_unknown_education_is_no_fact() -> None:
    persons = {
        row.facts["name"]: row.facts
        for row in rows(version("household"), vectors("household")[0][1]).of("person")
    }
    assert "education" not in persons["其其格"]
    assert persons["布和"]["education"] == "71"


def test_a_dwelling_is_told_as_what_was_seen_and_said() -> None:
    row = rows(version("household"), vector("household", "a household with a let dwelling"))
    (dwelling,) = row.of("record:dwelling")
    assert (dwelling.facts["use_observed"], dwelling.facts["transfer_kind"]) == ("4", "5")
    assert {"decision", "in_asset_ledger"}.isdisjoint(dwelling.facts)
    assert row.facts["dibao.history_from"] == "2018-01-01"
    assert [each.facts["kind"] for each in row.of("record:shock")] == ["1", "5"]


def test_nobody_is_asked_at_a_door_for_party_membership_or_the_banners_decision() -> None:
    asked = {question.fact for form in FORMS for question in version(form).walk() if question.fact}
    assert not [
        name for _, name in asked if name.startswith(("party.", "decision")) or name == "in_asset_ledger"
    ]


@pytest.mark.parametrize("form", FORMS)
def test_what_a_form_starts_from_travels_to_phones(form: str) -> None:
    for question in version(form).walk():
        prefill = question.schema.get("x-prefill")
        if prefill is not None:
            fact = prefill["fact"] if isinstance(prefill, dict) else prefill
            level, _, name = (
                fact.partition(".")
                if fact.startswith(("household.", "person."))
                else (question.level, "", fact)
            )
            spec = dictionary().facts.get((level, name))
            numbers_somebody = spec is not None and spec.type is FactType.IDENTIFIER
            assert travels(level, name) is not numbers_somebody, question.path


def test_the_yearly_part_is_not_asked_in_between() -> None:
    answers = json.loads(json.dumps(vectors("household")[0][1])) | {"annual": False}
    paths = {issue.path for issue in gate("household").judge(answers, DAY) if issue.severity == "error"}
    assert {"/food_months", "/income_wage", "/housing_safety"} <= paths


def codes(form: str, answers: Any) -> set[str]:
    return {issue.code for issue in gate(form).judge(answers, DAY)}


def with_member(form: str, index: int, **changes: Any) -> Any:
    answers = json.loads(json.dumps(vectors(form)[0][1]))
    answers["members"][index] |= changes
    return answers


def with_row(member: int, field: str, row: int, **changes: Any) -> Any:
    answers = json.loads(json.dumps(vectors("labour")[0][1]))
    answers["members"][member][field][row] |= changes
    return answers


@pytest.mark.parametrize(
    ("form", "answers", "code"),
    [
        ("household", with_member("household", 0, relation="97"), "check:one-head"),
        ("household", with_member("household", 3, relation="10"), "check:one-spouse"),
        ("household", with_member("household", 0, sex="2", relation="20"), "check:male-relation"),
        ("household", with_member("household", 2, birth_date="2020-06-02", age=0), "check:born-by-today"),
        ("household", with_member("household", 2, age=11), "calc"),
        ("household", with_member("household", 0, health=["healthy", "chronic"]), "check:healthy-alone"),
        ("household", with_member("household", 3, category_now="yes"), "check:categories-listed"),
        ("household", vectors("household")[0][1] | {"dibao_since": "2019-10-07"}, "calc"),
        (
            "household",
            vectors("household")[0][1]
            | {"dwelling": {**vectors("household")[0][1]["dwelling"], "transfer_kind": "1"}},
            "check:sold-and-lived-in",
        ),
        (
            "old_house",
            {"houses": [{**vectors("old_house")[0][1]["houses"][1], "restored_on": "2019-11-30"}]},
            "check:restored-after-demolition",
        ),
        (
            "old_house",
            {"houses": [{**vectors("old_house")[0][1]["houses"][1], "restored_as": "arable"}]},
            "check:fit-and-became",
        ),
        ("insurance", with_member("insurance", 1, medical_since="2018-01-01"), "calc"),
        (
            "insurance",
            with_member("insurance", 3, pension_now="no", pension_reason="9"),
            "check:paid-pension-is-cover",
        ),
        ("labour", with_member("labour", 0, self_present=False), "check:wishes-of-the-person"),
        ("labour", with_member("labour", 0, train_willing="not_seen"), "check:wishes-asked"),
        ("labour", with_member("labour", 0, admin_status="9"), "check:school-agrees"),
        ("labour", with_member("labour", 2, admin_status="2"), "check:pupil-does-not-work"),
        ("labour", with_member("labour", 2, in_school="primary", age=20), "check:primary-before-twenty"),
        ("labour", with_member("labour", 0, skill_class="weak"), "check:healthy-can-work"),
        ("labour", with_member("labour", 3, admin_status="4"), "check:cannot-work-yet-works"),
        ("labour", with_member("labour", 0, job_spells=[]), "check:job-listed"),
        ("labour", with_member("labour", 0, job_now="no"), "check:no-job-left-open"),
        ("labour", with_member("labour", 0, months12=0), "check:months-and-jobs"),
        ("labour", with_member("labour", 0, admin_status="4"), "check:post-listed"),
        ("labour", with_member("labour", 1, hard_since="2020-06-02"), "check:dates-by-today"),
        ("labour", with_member("labour", 1, startup_policies=["tax", "none"]), "check:none-alone"),
        ("labour", with_member("labour", 0, health=["healthy", "chronic"]), "check:healthy-alone"),
        ("labour", with_row(0, "job_spells", 1, start="2020-06-02"), "check:job-started-by-today"),
        ("labour", with_row(0, "job_spells", 0, end="2009-04-01"), "check:job-ends-after-start"),
        ("labour", with_row(0, "job_spells", 0, end="2020-06-02"), "check:job-ended-by-today"),
        ("labour", with_row(0, "job_spells", 1, contract_end="2020-03-31"), "check:contract-after-start"),
        ("labour", with_row(1, "job_spells", 0, where="city"), "check:public-post-in-the-banner"),
        ("labour", with_row(1, "job_losses", 0, lost_on="2020-06-02"), "check:loss-by-today"),
        ("labour", with_row(0, "job_losses", 0, back_on="2020-01-14"), "check:back-after-loss"),
        ("labour", with_row(0, "trainings", 0, end="2020-06-02"), "check:trained-by-today"),
        ("labour", with_row(0, "trainings", 0, end="2020-03-01"), "check:training-ends-after-start"),
        ("schooling", with_member("schooling", 1, schooling_spells=[]), "check:school-listed"),
        ("schooling", with_member("schooling", 0, absence_reason="working"), "check:works-or-studies"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_answers_that_do_not_agree_are_pointed_out(form: str, answers: Any, code: str) -> None:
    assert code in codes(form, answers)
    assert code not in codes(form, vectors(form)[0][1])


def test_the_day_before_the_birthday_a_child_is_a_year_younger() -> None:
    answers = with_member("household", 2, birth_date="2010-06-02", age=9)
    assert "calc" not in codes("household", answers) | codes(
        "household", with_member("household", 2, birth_date="2010-06-01")
    )
    assert "calc" in codes("household", with_member("household", 2, birth_date="2010-06-02", age=10))


@pytest.mark.parametrize(
    ("form", "kind"), [("insurance", "medical"), ("insurance", "pension"), ("schooling", "schooling")]
)
def test_the_whole_story_begins_with_the_first_entry_for_a_later_round_lists_only_what_is_not_over(
    form: str, kind: str
) -> None:
    calc = parse(next(q.schema["x-calc"] for q in version(form).walk() if q.name == f"{kind}_since"))
    told = {"birth_date": "2010-05-01", f"{kind}_whole": True, f"{kind}_spells": [{"start": "2020-05-01"}]}
    late = told | {f"{kind}_begins_late": True}
    moved = {"move_in": "2019-07-15"}
    assert calc.evaluate(late | {f"{kind}_before": "yes"}, DAY, moved) == "2020-05-01"
    assert calc.evaluate(late | {f"{kind}_before": "unknown"}, DAY, moved) == "2020-05-01"
    assert calc.evaluate(late | {f"{kind}_before": "no"}, DAY, moved) == "2019-07-15"
    assert calc.evaluate(told | {f"{kind}_spells": [{"start": "2018-01-01"}]}, DAY, moved) == "2018-01-01"
    assert calc.evaluate(told | {f"{kind}_spells": []}, DAY, moved) == "2019-07-15"
    assert calc.evaluate(told | {f"{kind}_whole": False}, DAY, moved) == DAY.isoformat()
