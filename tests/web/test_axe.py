"""No page of a form of the catalogue has what axe calls serious or critical."""

from typing import Any

import pytest

from forms.catalogue import drafts
from forms.compile import publish_bytes
from forms.definition import FormVersion
from tests.web.axe import wrong_with
from tests.web.stage import browser, build, stage
from tests.web.vectors import DAY


@pytest.fixture(scope="module")
def shown():
    build()
    with browser() as running:
        yield running


ASKED = [(name, "zh-Hans") for name in drafts()] + [("household", "mn-Mong"), ("household", "en")]


@pytest.mark.parametrize(("name", "language"), ASKED)
def test_no_page_of_a_form_of_the_catalogue_has_a_serious_fault(shown, name, language):
    version = FormVersion.from_bytes(publish_bytes(drafts()[name]))
    given = {"document": version.document, "draft": {}, "language": language, "today": DAY.isoformat()}
    wrong: dict[str, Any] = {}
    for part in version.pages:
        with stage(shown, **given, position={"page": part.name, "row": []}) as page:
            if found := wrong_with(page):
                wrong[part.name] = found
    assert wrong == {}


def test_what_is_wrong_with_a_page_is_found(shown):
    version = FormVersion.from_bytes(publish_bytes(drafts()["visit"]))
    with stage(shown, document=version.document, draft={}, language="en", today=DAY.isoformat()) as page:
        page.evaluate("document.querySelector('.main').replaceChildren()")
        assert [each.partition(":")[0] for each in wrong_with(page)] == ["button-name"]
