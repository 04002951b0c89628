"""What the ledger knows is confirmed on the phone, not asked again: from rows that travel to each form's questions."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.cli.demo.answers import told
from api.cli.demo.command import FORMS
from api.cli.demo.population import District
from forms.catalogue import drafts
from forms.compile import publish_bytes
from forms.definition import FormVersion
from ledger.fold import fold_statements
from ledger.model import Grade, Said, Statement
from ledger.view import worklist_row

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 20)
HOUSEHOLDS = 200
NOT_SHOWN = {
    # numbers that identify somebody do not travel
    "household": {"/members/*/resident_id", "/dwelling/cert_no"},
    "old_house": {"/houses/*/title_no"},
}
NOT_TOLD = {
    "household": {"/cause_other", "/dwelling/cert_applied_on"},
    "labour": {"/members/*/disability_card"},
}
"""Of these the demo's households tell nothing."""


def homes() -> Iterator[dict[str, Any]]:
    """Yield rows of households as phones get them, a visit with every form after they were registered."""
    for home in District(1, DAY).homes(HOUSEHOLDS):
        said = Said("op", DAY, Grade.SELF_REPORT)
        statement = Statement(said, told(home, DAY, date(home.move_in.year - 1, 1, 1)))
        yield {
            "id": home.id,
            "row": worklist_row(fold_statements(home.id, home.region, [statement])),
        }


@pytest.fixture(scope="module")
def begun() -> dict[str, dict[str, list[str]]]:
    """By form: the questions that some household's interview begins with, and those that could."""
    made = drafts()
    versions = [FormVersion.from_bytes(publish_bytes(made[name])).document for name in FORMS]
    done = subprocess.run(
        [ROOT / "web/build/npm.sh", sys.prefix, "--prefix", "web", "run", "--silent", "begun"],
        cwd=ROOT,
        input=json.dumps({"forms": versions, "homes": list(homes())}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(zip(FORMS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_each_question_that_can_begin_with_what_is_known_does_so_in_some_household(form, begun):
    missing = set(begun[form]["all"]) - set(begun[form]["shown"])
    assert missing == NOT_SHOWN.get(form, set()) | NOT_TOLD.get(form, set())
