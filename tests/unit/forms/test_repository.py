from datetime import UTC, datetime

import pytest

from core.principal import Principal, Role
from core.problems import Conflict
from forms.facts import FactDictionary
from forms.repository import FormRepository

NOW = datetime(2026, 5, 4, 1, 2, 3, tzinfo=UTC)
NO_FACTS = FactDictionary({}, {})
DRAFT = {
    "$id": "https://forms.invalid/visit/1",
    "x-i18n-title": {"zh-Hans": "随访", "en": "Visit"},
    "x-form": {"form_id": "visit", "version": "1", "subject": "household", "languages": ["zh-Hans", "en"]},
    "x-pages": [{"page": "a", "x-i18n-title": {"zh-Hans": "一", "en": "One"}, "items": ["met", "who"]}],
    "type": "object",
    "properties": {
        "met": {
            "x-i18n-title": {"zh-Hans": "是否见到本人", "en": "Met?"},
            "enum": ["yes", "no"],
            "x-choices": [
                {"const": "yes", "x-i18n-title": {"zh-Hans": "是", "en": "Yes"}},
                {"const": "no", "x-i18n-title": {"zh-Hans": "否", "en": "No"}},
            ],
            "x-required": True,
        },
        "who": {
            "x-i18n-title": {"zh-Hans": "见到谁", "en": "Who?"},
            "type": "string",
            "x-when": {"properties": {"met": {"const": "yes"}}},
            "x-required": True,
        },
    },
}


U1, U2 = (Principal(user, Role.COORDINATOR, "150625") for user in ("u1", "u2"))


def test_the_same_bytes_again_change_nothing(store):
    forms = FormRepository(store)
    first = forms.publish(DRAFT, NO_FACTS, NOW, U1)
    again = forms.publish(DRAFT, NO_FACTS, NOW.replace(year=2027), U2)
    assert again == first
    assert forms.published_at(first.sha256) == NOW


def test_a_version_is_published_with_one_content_only(store):
    forms = FormRepository(store)
    forms.publish(DRAFT, NO_FACTS, NOW, U1)
    with pytest.raises(Conflict):
        forms.publish(DRAFT | {"x-i18n-title": {"zh-Hans": "别的", "en": "Other"}}, NO_FACTS, NOW, U1)


def test_a_version_is_read_back_by_its_hash_with_equal_bytes(store):
    version = FormRepository(store).publish(DRAFT, NO_FACTS, NOW, U1)
    found = FormRepository(store).get(version.sha256)
    assert found is not None
    assert found.raw == version.raw
    assert FormRepository(store).many([version.sha256, "0" * 64]).keys() == {version.sha256}
    assert FormRepository(store).get("0" * 64) is None


def test_the_list_shows_the_newest_version_of_each_form(store):
    forms = FormRepository(store)
    forms.publish(DRAFT, NO_FACTS, NOW, U1)
    second = DRAFT | {"x-form": DRAFT["x-form"] | {"version": "2"}}
    forms.publish(second, NO_FACTS, NOW.replace(hour=2), U1)
    assert [(r.form_id, r.version) for r in forms.latest()] == [("visit", "2")]
    assert [r.version for r in forms.history("visit")] == ["2", "1"]
