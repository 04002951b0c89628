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

from tests.web.axe import wrong_with
from tests.web.field import CHROMIUM, Field, at_work
from tests.web.handset import handset
from tests.web.places import add_places
from tests.web.stage import ROOT
from tests.web.walk import LANGUAGES, Walk

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
SCREENS = ROOT / "docs" / "screens"
MOST_BYTES, COLOURS = 2_000_000, 24
PAGES = 21


@pytest.fixture(scope="module")
def field(mongodb_uri, tmp_path_factory) -> Iterator[Field]:
    with at_work(mongodb_uri, tmp_path_factory.mktemp("screens"), households=3) as made:
        add_places(made)
        yield made


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
