"""Answers → rows of facts, by `x-fact` and `x-entity` (FORMS §4). Pure, and never fails on an answer.

What an invalid answer set states is taken as far as it can be read: its issues are the gate's business, and the fold
leaves out a value that does not fit its fact's type. Answers that are not relevant are still answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.jsonvalue import Json
from forms.definition import FormVersion, Question, Told, escape, root_level
from forms.facts import Row

_ENTRIES = frozenset({"household", "site", "banner"})


def rows(version: FormVersion, answers: Json, *, within: str = "") -> Row:
    """Return the row of the entry that the form is about, with the rows of persons, spells and records in it.

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
    level = root_level(version.document)
    if isinstance(answers, dict):
        _read(version.told, answers, "", within, facts, inside)
    if level in _ENTRIES:
        return Row(level, None, facts, tuple(inside))
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
        elif question.entity is not None:
            here = f"{at}/{escape(name)}"
            if question.kind == "object":
                inside.extend(_row_of(question, answer, here, within))
            elif isinstance(answer, list):
                for index, each in enumerate(answer):
                    inside.extend(_row_of(question, each, f"{here}/{index}", within))
        elif question.kind == "object" and isinstance(answer, dict):
            _read(question.told, answer, f"{at}/{escape(name)}", within, facts, inside)


def _row_of(question: Question, answer: Json, at: str, within: str) -> Iterator[Row]:
    """Yield the row that one answer to a repeat, or to a group that is a record, is; nothing if it is no object."""
    if isinstance(answer, dict):
        facts, inside = dict[str, Json](), list[Row]()
        _read(question.told, answer, at, within, facts, inside)
        yield Row(question.entity or "", _key(answer, question.key, at, within), facts, tuple(inside), at)


def _key(answer: Json, name: str | None, at: str, within: str) -> str:
    value = answer.get(name) if name is not None and isinstance(answer, dict) else None
    return value if isinstance(value, str) and value else f"{within}@{at}"
