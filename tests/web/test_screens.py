"""Every page in three languages: what assistive technology finds wrong with it, and how it looks.

`SCREENS=1` writes the pictures of docs/screens anew; else each must be there, and all of them be small.
"""

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

from forms.catalogue import drafts
from forms.compile import publish_bytes
from forms.definition import FormVersion
from tests.web.field import CHROMIUM, Field, at_work
from tests.web.handset import handset
from tests.web.stage import ROOT, browser, build, stage
from tests.web.vectors import DAY
from tests.web.walk import LANGUAGES, Walk

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = ROOT / "docs" / "screens"
MOST_BYTES, COLOURS = 2_000_000, 24
PAGES = 20
FOUND = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ['violations']});
  return violations.filter((each) => ['serious', 'critical'].includes(each.impact))
    .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`));
}"""


@pytest.fixture(scope="module")
def field(mongodb_uri, tmp_path_factory) -> Iterator[Field]:
    with at_work(mongodb_uri, tmp_path_factory.mktemp("screens"), households=3) as made:
        yield made


def wrong_with(page: Page) -> list[str]:
    """Return what axe calls serious or critical; its script is the debugger's, the page's policy would not load it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(FOUND)
    return found


def take(page: Page, name: str) -> None:
    """Write a picture of a page in a few colours."""
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    SCREENS.mkdir(exist_ok=True)
    picture.quantize(COLOURS).save(SCREENS / f"{name}.png", optimize=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_serious_fault_and_of_each_there_is_a_picture(field, tmp_path, language):
    wrong: dict[str, Any] = {}
    seen = []
    with handset(tmp_path / "profile", field.proxy.url) as phone:
        for name in Walk(field, phone, language).pages():
            seen.append(name)
            if found := wrong_with(phone.page):
                wrong[name] = found
            if os.environ.get("SCREENS"):
                take(phone.page, f"{name}.{language}")
        assert phone.complaints == []
    assert len(seen) == PAGES
    assert wrong == {}
    assert [name for name in seen if not (SCREENS / f"{name}.{language}.png").is_file()] == []


def test_the_pictures_are_small_and_all_of_pages_there_are():
    kept = list(SCREENS.glob("*.png"))
    assert len(kept) == PAGES * len(LANGUAGES)
    assert sum(each.stat().st_size for each in kept) < MOST_BYTES


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
