"""The generated pages are those of the policy as it is."""

from pathlib import Path

import pytest

from validators.document import pages
from validators.policy import load_policy

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.parametrize(("name", "text"), pages(load_policy()).items(), ids=lambda value: value[:13])
def test_a_generated_page_is_up_to_date(name: str, text: str) -> None:
    there = (DOCS / name).read_text(encoding="utf-8")
    assert there == text, f"docs/{name} is old: run `python -m validators.document`"
