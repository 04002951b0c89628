from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from core.problems import ConfigurationError
from core.spans import FOREVER, Span
from ledger.dictionary import dictionary
from ledger.model import Fact, Grade, Household, Person, Said
from validators.messages import LANGUAGES, read_catalogue, render
from validators.policy import Policy, load_policy

SAID = Said("op-1", date(2020, 8, 1), Grade.SELF_REPORT)
HEAD = Person("p1", {"name": Fact("其木格", SAID), "relation": Fact("02", SAID)})
HOUSEHOLD = Household("h1", "150625101201", {"registry_no": Fact("HJ-0001", SAID)}, (HEAD, Person("p2")))
TEXTS: dict[str, Any] = {
    "words": {
        "branch": {"medical": {"zh-Hans": "医疗保险", "en": "medical insurance"}},
        "scheme": {"fact": "spell:insurance.medical/scheme"},
        "pool": {"place": True},
        "fact": {"facts": True},
        "held": {"codes_of": "fact", "texts": {"absent": {"zh-Hans": "没有", "en": "none"}}},
    },
    "messages": {
        "test/lapse": {
            "values": ["branch", "scheme", "pool", "paid", "on", "share", "days", "fact", "held"],
            "zh-Hans": {
                "title": "{person}的{branch}断保",
                "text": "{relation}，{household}，{from}至{to}，{scheme}，{pool}，{paid}，{on}，{share}，{days}，"
                "{fact}={held}。",
                "what_to_do": "{unit}，{due}，{clause}{clause_title}，{region}",
                "ask": "请问{person}：{branch}在哪里参加的？",
            },
            "en": {
                "title": "{person}: {branch}",
                "text": "{relation}, {household}, {from} to {to}, {scheme}, {pool}, {paid}, {on}, {share}, {days}, "
                "{fact}={held}.",
                "what_to_do": "{unit}, {due}, {clause} {clause_title}, {region}",
                "ask": "Ask {person}: where is the {branch}?",
            },
            "variants": {
                "move": {"zh-Hans": {"append": "搬迁前后。"}, "en": {"append": " Around the move."}},
                "window_open": {
                    "zh-Hans": {"what_to_do": "{due}前参保", "ask": "请问{person}：要不要帮忙？"},
                    "en": {"what_to_do": "Enrol by {due}", "ask": "Ask {person}: is help wanted?"},
                },
            },
        }
    },
}


@dataclass(frozen=True)
class Spoken:
    rule: str = "test/lapse"
    clause: str = "三(三)"
    subject: str = "p1"
    unit: str = "medical_insurance"
    due: date = date(2020, 8, 24)
    span: Span | None = field(default_factory=lambda: Span(date(2020, 4, 1), FOREVER))
    variant: tuple[str, ...] = ()
    values: Any = field(
        default_factory=lambda: {
            "branch": "medical",
            "scheme": "emp",
            "pool": "150602",
            "paid": True,
            "on": date(2020, 1, 5),
            "share": 0.5,
            "days": ("2020-01-01", "2020-01-02"),
            "fact": "sex",
            "held": "1",
        }
    )


@pytest.fixture
def policy() -> Policy:
    return replace(load_policy(), messages=read_catalogue({"test": TEXTS}, dictionary()))


def test_a_finding_is_said_with_who_what_when_which_clause_which_unit_by_when(policy: Policy) -> None:
    said = render(Spoken(), HOUSEHOLD, policy, "zh-Hans")
    assert said.title == "其木格的医疗保险断保"
    assert said.text == (
        "户主，HJ-0001，2020年4月1日至今，城镇职工，东胜区，是，2020年1月5日，0.5，2020-01-01、2020-01-02，性别=男。"
    )
    assert said.what_to_do == "市医保局，2020年8月24日，三(三)社会保障，杭锦旗"
    assert said.ask == "请问其木格：医疗保险在哪里参加的？"


def test_the_same_is_said_in_english(policy: Policy) -> None:
    said = render(Spoken(), HOUSEHOLD, policy, "en")
    assert said.title == "其木格: medical insurance"
    assert said.text == (
        "head, HJ-0001, 2020-04-01 to now, employee, Dongsheng, yes, 2020-01-05, 0.5, "
        "2020-01-01, 2020-01-02, sex=male."
    )
    assert said.what_to_do == "Medical Insurance Bureau, 2020-08-24, 三(三) Social security, Hanggin Banner"


def test_variants_append_and_replace(policy: Policy) -> None:
    said = render(Spoken(variant=("move", "window_open")), HOUSEHOLD, policy, "zh-Hans")
    assert said.text.endswith("。搬迁前后。")
    assert said.what_to_do == "2020年8月24日前参保"
    assert said.ask == "请问其木格：要不要帮忙？"


def test_what_is_no_question_of_a_visit_asks_nothing() -> None:
    texts = deepcopy(TEXTS)
    texts["messages"]["test/lapse"].pop("variants")
    for language in LANGUAGES:
        texts["messages"]["test/lapse"][language].pop("ask")
    silent = replace(load_policy(), messages=read_catalogue({"test": texts}, dictionary()))
    assert render(Spoken(), HOUSEHOLD, silent).ask == ""


def test_a_finding_of_the_household_is_said_of_its_head(policy: Policy) -> None:
    assert render(Spoken(subject="h1"), HOUSEHOLD, policy).title.startswith("其木格")
    nobody = Household("h1", "159999", {}, ())
    bare = render(Spoken(subject="h1", span=None), nobody, policy)
    assert bare.title.startswith("h1")
    assert "关系未登记，h1，不详至不详" in bare.text
    assert bare.what_to_do.endswith("159999")


def test_a_value_without_words_is_said_as_it_is(policy: Policy) -> None:
    odd = {**Spoken().values, "scheme": "new", "held": "absent", "fact": "unheard"}
    assert "，new，" in render(Spoken(values=odd), HOUSEHOLD, policy).text
    assert "unheard=没有" in render(Spoken(values=odd), HOUSEHOLD, policy).text


def test_text_from_an_answer_is_never_read_as_a_template(policy: Policy) -> None:
    odd = {**Spoken().values, "scheme": "{person.__class__}"}
    assert "{person.__class__}" in render(Spoken(values=odd), HOUSEHOLD, policy).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_that_is_missing_is_a_key_error(policy: Policy, language: str) -> None:
    with pytest.raises(KeyError):
        render(Spoken(values={}), HOUSEHOLD, policy, language)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("messages", "test/lapse", "zh-Hans", "title"), "{nobody}"),
        (("messages", "test/lapse", "zh-Hans", "title"), "{person"),
        (("messages", "test/lapse", "zh-Hans", "title"), "{person.name}"),
        (("messages", "test/lapse", "en"), {"title": "only"}),
        (("messages", "test/lapse", "en"), {"title": "asks", "text": "in", "what_to_do": "one language"}),
        (("messages", "test/lapse", "variants", "move", "en"), {"ask": "in one language"}),
        (("messages", "test/lapse", "en"), None),
        (("messages", "test/lapse", "variants", "move"), {"en": {}}),
        (("messages", "test/lapse", "variants", "move", "en"), {"colour": "red"}),
        (("messages", "other/lapse"), {}),
        (("words", "scheme"), {"fact": "person/nothing"}),
        (("words", "branch"), {"medical": {"en": "only"}}),
    ],
)
def test_a_catalogue_that_is_wrong_stops_the_start(path: tuple[str, ...], wrong: Any) -> None:
    texts = deepcopy(TEXTS)
    place = texts
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = wrong
    with pytest.raises(ConfigurationError, match=r"test|other"):
        read_catalogue({"test": texts}, dictionary())
