import json
from datetime import date
from pathlib import Path

import pytest

from forms.definition import FormVersion
from forms.explain import Explainer
from forms.gate import gate_for

DATA = Path(__file__).parent / "examples"
EXAMPLE = FormVersion.from_bytes((DATA / "form-example.schema.json").read_bytes())
VECTORS = json.loads((DATA / "form-example.vectors.json").read_text())
TODAY = date(2026, 5, 4)


@pytest.mark.parametrize(("answers", "right"), [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS])
def test_gate_and_reference_agree_on_every_vector(answers, right):
    assert gate_for(EXAMPLE).accepts(answers) is right
    assert Explainer(EXAMPLE.document).validator.is_valid(answers) is right
    assert (gate_for(EXAMPLE).judge(answers, TODAY) == ()) is right


def test_an_answer_that_is_not_relevant_is_named_by_its_own_path():
    answers = {
        "hh_id": "150624",
        "visit_date": "2026-05-04",
        "consent": "no",
        "refusal_reason": "n",
        "sheep_count": 3,
    }
    found = {(issue.code, issue.path) for issue in gate_for(EXAMPLE).judge(answers, TODAY)}
    assert found == {("not-relevant", "/sheep_count")}
