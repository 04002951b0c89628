"""Phones say findings from templates: the vectors hold `web/phone/findings.ts` to the sentences of `render`.

Written anew with `python -m tests.unit.validators.test_templates`.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.spans import FOREVER, Span
from ledger.dictionary import dictionary
from ledger.view import worklist_row
from sync.rows import _json as travelling
from tests.unit.validators.test_messages import HOUSEHOLD, TEXTS, Spoken
from validators.messages import LANGUAGES, read_catalogue, render, templates
from validators.policy import Policy, load_policy

VECTORS = Path(__file__).parents[3] / "web" / "phone" / "vectors" / "findings.json"
_USED = {
    "codes": ("relation", "sex"),
    "words": ("test/branch", "test/scheme", "test/pool", "test/held", "test/fact"),
}
_FACTS = ("sex", "relation")


@dataclass(frozen=True)
class Told(Spoken):
    """A finding whose values come back from JSON as they went: days as days."""

    values: Any = field(
        default_factory=lambda: (
            Spoken().values | {"days": (date(2020, 1, 1), date(2020, 1, 2)), "share": 12.5}
        )
    )


CASES = (
    Told(),
    Told(subject="h1", variant=("move", "window_open"), span=None),
    Told(subject="p2", variant=("window_open",), span=Span(date.min, date(2020, 5, 31))),
    Told(values=Told().values | {"held": "absent", "pool": "999999", "paid": False, "share": 3}),
    Told(values=Told().values | {"branch": "{odd}", "days": (), "on": FOREVER}, unit="education"),
)


def policy() -> Policy:
    return replace(load_policy(), messages=read_catalogue({"test": TEXTS}, dictionary()))


def vectors() -> dict[str, Any]:
    """Return templates, cut to what the cases use, the household as it travels, and what is said of each case."""
    law = policy()
    return {
        "household": worklist_row(HOUSEHOLD) | {"id": HOUSEHOLD.id},
        "templates": {language: _cut(templates(law, language)) for language in LANGUAGES},
        "cases": [
            {"language": language, "finding": _row(case), "said": _said(case, law, language)}
            for case in CASES
            for language in LANGUAGES
        ],
    }


def _cut(told: dict[str, Any]) -> dict[str, Any]:
    told |= {part: {name: told[part][name] for name in names} for part, names in _USED.items()}
    facts = told["words"]["test/fact"]["texts"]
    told["words"]["test/fact"] = {"texts": {name: facts[name] for name in _FACTS}}
    return told | {"version": "-", "records": {}}


def _row(case: Told) -> dict[str, Any]:
    row: dict[str, Any] = {
        "rule": case.rule,
        "clause": case.clause,
        "subject": case.subject,
        "unit": case.unit,
        "due": case.due.isoformat(),
        "variant": list(case.variant),
        "values": {name: travelling(value) for name, value in case.values.items()},
    }
    if case.span is not None:
        ends = () if case.span.end == FOREVER else (case.span.end,)
        row["span"] = [day.isoformat() for day in (case.span.start, *ends)]
    return row


def _said(case: Told, law: Policy, language: str) -> dict[str, str]:
    said = render(case, HOUSEHOLD, law, language)
    return {"title": said.title, "text": said.text, "ask": said.ask}


def test_the_phone_is_held_to_these_very_sentences() -> None:
    assert json.loads(VECTORS.read_text(encoding="utf-8")) == vectors()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_can_be_said_from_the_templates(language: str) -> None:
    law = load_policy()
    told = templates(law, language)
    assert set(told["messages"]) == set(law.messages.messages)
    for rule, message in told["messages"].items():
        assert {"title", "text"} <= message.keys(), rule
        assert "what_to_do" not in message, "said to the unit, not at a door"
        assert set(message["variants"]) == set(law.messages.messages[rule].variants)


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
