"""Forms over HTTP."""

import hashlib
import json

import pytest

from core.principal import Role
from core.problems import NotAllowed, NotFound, NotPublishable, Unprocessable

DRAFT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://ruhu.example/forms/short/1",
    "type": "object",
    "x-form": {
        "form_id": "short",
        "version": "1",
        "subject": "household",
        "languages": ["zh-Hans", "en"],
        "default_language": "zh-Hans",
    },
    "x-i18n-title": {"zh-Hans": "短表", "en": "Short form"},
    "x-pages": [{"page": "one", "x-i18n-title": {"zh-Hans": "一", "en": "One"}, "items": ["site"]}],
    "properties": {
        "site": {
            "type": "string",
            "maxLength": 40,
            "x-widget": "text",
            "x-fact": "household.site",
            "x-i18n-title": {"zh-Hans": "安置点", "en": "Site"},
        }
    },
    "additionalProperties": False,
}


def publish(coordinator, **changes):
    answer = coordinator.post("/forms", {**DRAFT, **changes})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer


def test_a_published_version_is_served_as_the_very_bytes_its_name_tells(coordinator):
    answer = publish(coordinator)
    sha256 = answer.get_json()["sha256"]
    read = coordinator.get(answer.headers["Location"].removeprefix("/api/v1"))
    assert hashlib.sha256(read.data).hexdigest() == sha256
    assert read.headers["ETag"] == f'"{sha256}"'
    assert read.headers["Cache-Control"] == "private, immutable, max-age=31536000"
    again = coordinator.get(f"/forms/versions/{sha256}", headers={"If-None-Match": f'"{sha256}"'})
    assert (again.status_code, again.data) == (304, b"")
    assert [form["sha256"] for form in coordinator.get("/forms").get_json()["items"]] == [sha256]
    assert len(coordinator.get("/forms/short/versions").get_json()["items"]) == 1


def test_publishing_the_same_draft_again_changes_nothing(coordinator):
    assert publish(coordinator).get_json()["sha256"] == publish(coordinator).get_json()["sha256"]


def test_a_form_that_is_not_there_is_not_found(coordinator, assert_problem):
    assert_problem(coordinator.get("/forms/none/versions"), NotFound)
    assert_problem(coordinator.get(f"/forms/versions/{'0' * 64}"), NotFound)


def test_a_phone_reads_forms_and_an_officer_publishes_none(coordinator, phone, as_role, assert_problem):
    sha256 = publish(coordinator).get_json()["sha256"]
    assert phone().get(f"/forms/versions/{sha256}").status_code == 200
    assert_problem(as_role(Role.OFFICER).post("/forms", DRAFT), NotAllowed)


@pytest.mark.parametrize(
    "broken",
    [
        {"properties": {"a": {"$ref": "https://elsewhere.example/x"}}},
        {"properties": 5},
        {"x-form": None},
        {"x-form": {"form_id": "short"}},
        {"type": ["object", 7]},
    ],
)
def test_a_draft_with_problems_is_not_published_and_all_of_them_are_told(coordinator, assert_problem, broken):
    body = assert_problem(coordinator.post("/forms", {**DRAFT, **broken}), NotPublishable)
    told = coordinator.post("/forms/check", {**DRAFT, **broken}).get_json()["problems"]
    assert told
    assert told == body["problems"]
    assert coordinator.get("/forms").get_json()["items"] == []


def test_a_draft_without_problems_is_told_so_and_not_stored(coordinator):
    assert coordinator.post("/forms/check", DRAFT).get_json() == {"problems": []}
    assert coordinator.get("/forms").get_json()["items"] == []


def test_a_draft_is_an_object_of_bounded_depth(coordinator, assert_problem):
    assert_problem(coordinator.post("/forms/check", [1]), Unprocessable)
    deep = json.loads('{"a":' * 200 + "1" + "}" * 200)
    assert_problem(coordinator.post("/forms/check", deep), Unprocessable)
