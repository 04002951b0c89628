"""Generated pages say what the code says."""

from pathlib import Path

import pytest

from api.cli.docs import pages

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_page_is_as_the_code_would_write_it(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run 'ruhu docs'"
