"""What checks of the data read of an interview."""

import json
from typing import Any

import pytest

from forms.definition import FormVersion
from sync.paradata import _scales, _walk
from tests.unit.sync.test_fieldwork import TEXT, form


def battery(codes: list[str], **more: Any) -> list[tuple[str, ...]]:
    """Return the scales of an interview that answers six questions with these choices, all alike."""
    draft = form()
    choices = [{"const": code, "x-i18n-title": TEXT} for code in codes]
    for number in range(6):
        draft["properties"][f"q{number}"] |= {"enum": codes, "x-choices": choices} | more
    version = FormVersion.from_bytes(json.dumps(draft).encode())
    answers = {f"q{number}": codes[-1] for number in range(6)}
    return list(_scales(list(_walk(version.questions, answers, "", ""))))


@pytest.mark.parametrize(
    ("codes", "more", "scales"),
    [
        (["good", "fair", "bad"], {}, [("bad",) * 6]),
        (["yes", "no"], {}, []),
        (["yes", "no", "unknown"], {}, []),
        (["1", "2", "3", "4"], {"x-standard": "WG-SS"}, []),
    ],
)
def test_six_questions_on_one_scale_are_a_battery_and_six_facts_are_not(codes, more, scales) -> None:
    """Who says no to six hardships tells six facts; who says "bad" six times may not have listened."""
    assert battery(codes, **more) == scales
