"""Masking of what identifies or reaches a person. Everyone is shown the masked value."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.jsonvalue import Json
from core.masking import mask_text
from forms.definition import FormVersion, Question
from forms.facts import FactSpec
from ledger.dictionary import dictionary

_MASKED = frozenset({"identifier", "contact"})
_KEPT = 4


def mask(value: Json) -> Json:
    """Return what identifies or reaches a person with its middle hidden: `150625********123X`, `138****5678`."""
    if isinstance(value, (list, tuple)):
        return [mask(each) for each in value]
    if isinstance(value, dict):
        return {name: mask(each) for name, each in value.items()}
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    known = mask_text(text)
    if known != text:
        return known
    return "*" * max(len(text) - _KEPT, min(len(text), _KEPT)) + text[max(_KEPT, len(text) - _KEPT) :]


def mask_fact(level: str, name: str, value: Json) -> Json:
    """Return a fact's value as it may be shown.

    Args:
        level: of the dictionary: `household`, `person`, `site`, `spell:<kind>`, `record:<kind>`, …
        name: the fact's name within its level.
        value: a JSON value.
    """
    spec = dictionary().get(level, name)
    if _is_private(spec):
        return mask(value)
    return mask_text(value) if isinstance(value, str) else value


def mask_answers(version: FormVersion | None, answers: Json) -> Json:
    """Return an answer set as it may be shown: questions with `x-pii` identifier or contact are masked.

    Without the form version nothing is known of the questions, so only texts that look like numbers are masked.
    """
    return _members(version.questions if version else (), answers)


def _members(questions: Sequence[Question], answers: Json) -> Json:
    if not isinstance(answers, Mapping):
        return _unasked(answers)
    asked = {question.name: question for question in questions}
    return {
        name: _answer(asked[name], answer) if name in asked else _unasked(answer)
        for name, answer in answers.items()
    }


def _answer(question: Question, answer: Json) -> Json:
    if question.schema.get("x-pii") in _MASKED or _is_private(dictionary().get(*question.fact or ("", ""))):
        return mask(answer)
    if question.kind == "array" and question.children and isinstance(answer, list):
        return [_members(question.children, row) for row in answer]
    if question.children:
        return _members(question.children, answer)
    return _unasked(answer)


def _is_private(spec: FactSpec | None) -> bool:
    return spec is not None and spec.pii in _MASKED


def _unasked(answer: Any) -> Json:
    if isinstance(answer, str):
        return mask_text(answer)
    if isinstance(answer, list):
        return [_unasked(each) for each in answer]
    return {name: _unasked(each) for name, each in answer.items()} if isinstance(answer, dict) else answer
