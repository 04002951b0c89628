"""Answers → rows of facts, by `x-fact` and `x-entity` (FORMS §4). Pure, and never fails on an answer.

What an invalid answer set states is taken as far as it can be read: its issues are the gate's business, and the fold
leaves out a value that does not fit its fact's type. Answers that are not relevant are still answers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.jsonvalue import Json
from forms.definition import FormVersion, Question, Told, escape
from forms.facts import Row


def rows(version: FormVersion, answers: Json, *, within: str = "") -> Row:
    """Return the household row, with its person rows, with their spell rows.

    A row's key is the answer to `x-repeat.x-key`. A row without one gets the key `<within>@<JSON Pointer of the row>`:
    stable for the same revision, and the same as no other row's if `within` names the interview.

    An answer listed in the question's `x-missing` (don't know, refused, …) states no fact.

    Args:
        version: the version the answers name.
        answers: the answer set as sent.
        within: id of the interview, for keys of rows that have none.
    """
    facts: dict[str, Json] = {}
    inside: list[Row] = []
    level = version.document.get("x-entity", "household")
    if isinstance(answers, dict):
        _read(version.told, answers, "", within, facts, inside)
    if level == "household":
        return Row("household", None, facts, tuple(inside))
    repeat = version.document.get("x-repeat", {})
    key = _key(answers, repeat.get("x-key"), "", within)
    return Row("household", None, {}, (Row(level, key, facts, tuple(inside)),))


def _read(  # noqa: PLR0913 - one recursion over questions and answers side by side
    told: Sequence[Told],
    answers: Mapping[str, Any],
    at: str,
    within: str,
    facts: dict[str, Json],
    inside: list[Row],
) -> None:
    for name, fact, missing, question in told:
        if name not in answers or (answer := answers[name]) is None:
            continue
        if fact is not None:
            if not (missing and isinstance(answer, str) and answer in missing):
                facts[fact] = answer
        elif question.entity is not None and isinstance(answer, list):
            inside.extend(_rows_of(question, answer, f"{at}/{escape(name)}", within))
        elif question.kind == "object" and isinstance(answer, dict):
            _read(question.told, answer, f"{at}/{escape(name)}", within, facts, inside)


def _rows_of(question: Question, answers: list[Json], at: str, within: str) -> list[Row]:
    entity = question.entity or ""
    found = []
    for index, answer in enumerate(answers):
        if isinstance(answer, dict):
            here, facts, inside = f"{at}/{index}", dict[str, Json](), list[Row]()
            _read(question.told, answer, here, within, facts, inside)
            key = _key(answer, question.key, here, within)
            found.append(Row(entity, key, facts, tuple(inside), here))
    return found


def _key(answer: Json, name: str | None, at: str, within: str) -> str:
    value = answer.get(name) if name is not None and isinstance(answer, dict) else None
    return value if isinstance(value, str) and value else f"{within}@{at}"
