"""What of an answer set may travel, and how a revision that left the rest as it was becomes whole again."""

from typing import Any

import pytest

from forms.compile import publish_bytes
from forms.definition import FormVersion
from forms.gate import gate_for
from forms.kept import completed, parted

WORDS = {"zh-Hans": "题", "en": "question"}
ANNA, BATU = "0190b000-0000-7000-9000-000000000001", "0190b000-0000-7000-9000-000000000002"


def question(kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"type": kind, "title": "题", "x-i18n-title": WORDS, "x-widget": "text"} | more


def repeat(key: str | None, **inner: Any) -> dict[str, Any]:
    items = {"type": "object", "properties": inner, "additionalProperties": False}
    rows = {"x-key": key} if key else {}
    return question("array", items=items, **{"x-widget": "repeat", "x-repeat": {"summary": ["name"], **rows}})


PRIVATE = {"x-pii": "sensitive"}
DRAFT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://ruhu.example/forms/kept/1",
    "title": "题",
    "x-i18n-title": WORDS,
    "type": "object",
    "x-form": {
        "form_id": "kept", "version": "1", "subject": "household",
        "languages": ["zh-Hans", "en"], "default_language": "zh-Hans",
    },
    "x-pages": [
        {
            "page": "all", "title": "题", "x-i18n-title": WORDS,
            "items": ["rooms", "sold", "to_whom", "note", "stay", "members", "debts"],
        }
    ],
    "properties": {
        "rooms": question("integer", **{"x-required": True}),
        "sold": question(enum=["yes", "no"], **PRIVATE, **{"x-required": True}),
        "to_whom": question(**{"x-when": {"properties": {"sold": {"const": "yes"}}}, "x-required": True}),
        "note": question(),
        "stay": question("object", properties={"where": question(**PRIVATE)}, additionalProperties=False),
        "members": repeat("id", id=question(), name=question(), number=question(**PRIVATE)),
        "debts": repeat(None, name=question(), amount=question("integer", **PRIVATE)),
    },
}  # fmt: skip
WHOLE = {
    "rooms": 3,
    "sold": "yes",
    "to_whom": "邻居",
    "note": "没什么",
    "stay": {"where": "医院"},
    "members": [{"id": ANNA, "name": "安娜", "number": "1"}, {"id": BATU, "name": "巴图", "number": "2"}],
    "debts": [{"name": "车", "amount": 9}],
}


@pytest.fixture(scope="module")
def form() -> FormVersion:
    return FormVersion.from_bytes(publish_bytes(DRAFT))


def tells(asked: Any) -> bool:
    return asked.schema.get("x-pii") is None


def test_what_is_private_stays_and_so_does_what_is_asked_because_of_it(form):
    assert gate_for(form).accepts(WHOLE)
    told, kept = parted(form, WHOLE, tells)
    assert told == {
        "rooms": 3, "note": "没什么", "members": [{"id": ANNA, "name": "安娜"}, {"id": BATU, "name": "巴图"}],
    }  # fmt: skip
    assert kept == ["/debts", "/members/0/number", "/members/1/number", "/sold", "/stay", "/to_whom"]


def test_a_text_with_a_number_of_a_person_stays(form):
    told, kept = parted(form, {"rooms": 1, "sold": "no", "note": "找13812345678"}, tells)
    assert (told, kept) == ({"rooms": 1}, ["/note", "/sold"])


def test_where_nothing_is_private_all_travels(form):
    answers = {"rooms": 1, "note": "好", "nothing_like_it": 1}
    assert parted(form, answers, tells) == ({"rooms": 1, "note": "好"}, [])


def test_what_travelled_and_what_stayed_are_the_whole(form):
    told, kept = parted(form, WHOLE, tells)
    assert completed(form, told, kept, WHOLE) == WHOLE
    assert completed(form, told, [], WHOLE) == told


def test_what_was_answered_anew_stands_and_rows_are_known_by_their_key(form):
    told, _ = parted(form, WHOLE, tells)
    told |= {"rooms": 4, "members": [{"id": "new"}, told["members"][1] | {"number": "7"}, {"id": ANNA}]}
    kept = ["/sold", "/to_whom", "/members/0/number", "/members/1/number", "/members/2/number", "/debts"]
    whole = completed(form, told, kept, WHOLE)
    assert whole["rooms"] == 4
    assert whole["members"] == [
        {"id": "new"}, {"id": BATU, "name": "巴图", "number": "7"}, {"id": ANNA, "number": "1"},
    ]  # fmt: skip
    assert "stay" not in whole, "it was not named"


def test_what_is_not_asked_any_more_does_not_come_back(form):
    whole = completed(form, {"rooms": 3, "sold": "no"}, ["/to_whom", "/stay"], WHOLE)
    assert whole == {"rooms": 3, "sold": "no", "stay": {"where": "医院"}}


@pytest.mark.parametrize(
    "kept", [["/"], ["/x/y"], ["/members/9/number"], ["/members/a"], ["/rooms/deep/er"], ["/debts/0/amount"]]
)
@pytest.mark.parametrize("answers", [{}, {"members": {}, "debts": 1}, {"members": [1, {"id": []}]}])
def test_pointers_that_lead_nowhere_do_nothing(form, kept, answers):
    completed(form, answers, kept, WHOLE)
    assert completed(form, answers, kept, {"members": "no"}) == answers


def test_what_is_no_answer_set_stays_what_it_is(form):
    assert completed(form, None, ["/sold"], WHOLE) is None
    assert parted(form, 7, tells) == ({}, [])
