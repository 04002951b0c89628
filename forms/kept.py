"""Answers that a revision leaves as its parent has them: to be corrected, an interview travels without what is private.

Who corrects it answers what there is to correct, and names what was held back by JSON Pointers into its own answers
(`kept`); `completed` puts that back. So a telephone number that the phone was never told is not lost. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from core.jsonvalue import Json
from core.masking import mask_text
from forms.definition import FormVersion, Question, pointer
from forms.gate import gate_for

Path = tuple[str | int, ...]
Tells = Callable[[Question], bool]


def parted(version: FormVersion, answers: Json, tells: Tells) -> tuple[dict[str, Any], list[str]]:
    """Return the answers that may travel, and the pointers of those that were held back.

    Held back is each answer that `tells` refuses, each text with a person's number in it, and what is asked only
    because of those: on the phone nobody is asked it. Rows that no key tells apart, and groups, go as a whole.

    Args:
        version: the form they answer.
        answers: an answer set.
        tells: tells whether the answer to a question may travel.
    """
    told, held = _parted(version.questions, answers, tells, ())
    while found := gate_for(version).irrelevant(told):
        for path in found:
            _take(told, path)
            held.append(path)
    return told, sorted(map(pointer, held))


def _parted(
    questions: Sequence[Question], answers: Json, tells: Tells, above: Path
) -> tuple[dict[str, Any], list[Path]]:
    asked = {question.name: question for question in questions}
    told: dict[str, Any] = {}
    held: list[Path] = []
    for name, answer in answers.items() if isinstance(answers, Mapping) else ():
        path = (*above, name)
        if name not in asked:
            continue
        value, inside = _answer(asked[name], answer, tells, path)
        if value is None:
            held.append(path)
        else:
            told[name] = value
            held += inside
    return told, held


def _answer(question: Question, answer: Json, tells: Tells, path: Path) -> tuple[Json, list[Path]]:
    """Return what is told of an answer, None if nothing, and what is held back inside it."""
    if not question.children:
        return (None if not tells(question) or _has_number(answer) else answer), []
    if question.kind != "array":
        told, held = _parted(question.children, answer, tells, path)
        return told or None, held
    rows = [
        _parted(question.children, row, tells, (*path, index))
        for index, row in enumerate(answer if isinstance(answer, list) else ())
    ]
    held = [each for _, inside in rows for each in inside]
    return (None if held and question.key is None else [told for told, _ in rows]), held


def _has_number(answer: Json) -> bool:
    return isinstance(answer, str) and mask_text(answer) != answer


def _take(answers: Any, path: Path) -> None:
    for part in path[:-1]:
        answers = answers[part]
    del answers[path[-1]]


def completed(version: FormVersion, answers: Json, kept: Iterable[str], parent: Json) -> Json:
    """Return the answers of a revision with those that it left as its parent has them.

    What was answered anew stands. Rows are the parent's by their key. What is not asked any more, since another answer
    changed, does not come back.

    Args:
        version: the revision's form.
        answers: its own answers.
        kept: pointers into them.
        parent: the whole answers of its parent.
    """
    tree: dict[str, Any] = {}
    for each in kept:
        below = tree
        for part in each.split("/")[1:]:
            below = below.setdefault(part.replace("~1", "/").replace("~0", "~"), {})
    put: list[Path] = []
    whole = _completed(version.questions, answers, parent, tree, (), put)
    while found := [path for path in gate_for(version).irrelevant(whole) if path in put]:
        for path in found:
            _take(whole, path)
            put.remove(path)
    return whole


def _completed(  # noqa: PLR0913 - what is walked, three trees at once, and where it is
    questions: Sequence[Question],
    answers: Json,
    parent: Json,
    tree: Mapping[str, Any],
    above: Path,
    put: list[Path],
) -> Json:
    if not isinstance(answers, Mapping) or not isinstance(parent, Mapping):
        return answers
    asked = {question.name: question for question in questions}
    whole = dict(answers)
    for name, below in tree.items():
        question, before = asked.get(name), parent.get(name)
        if question is None or before is None:
            continue
        path = (*above, name)
        own = whole.get(name)
        if question.kind == "array" and below:
            value = _rows(question, own, before, below, path, put)
        elif question.children and below:
            value = _completed(question.children, own or {}, before, below, path, put)
        else:
            value = before if own is None else own
        if own is None and value not in (None, {}):
            put.append(path)
        if own is not None or path in put:
            whole[name] = value
    return whole


def _rows(  # noqa: PLR0913 - as `_completed`
    question: Question, rows: Json, before: Json, tree: Mapping[str, Any], path: Path, put: list[Path]
) -> Json:
    if not isinstance(rows, list) or not isinstance(before, list) or question.key is None:
        return rows
    known = {str(row.get(question.key)): row for row in before if isinstance(row, Mapping)}
    return [
        _completed(
            question.children,
            row,
            known.get(str(row.get(question.key))),
            tree[str(index)],
            (*path, index),
            put,
        )
        if isinstance(row, Mapping) and str(index) in tree
        else row
        for index, row in enumerate(rows)
    ]
