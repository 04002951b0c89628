"""The example of docs/forms.md is a form that can be published."""

import re
from pathlib import Path

import yaml

from forms.checks import check
from forms.compile import publish_bytes
from ledger.dictionary import dictionary

PAGE = Path(__file__).parents[3] / "docs" / "forms.md"


def test_the_example_of_the_page_has_no_problems():
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    draft = yaml.safe_load(example[1])
    assert check(draft, dictionary()) == ()
    assert publish_bytes(draft)
