"""What changed between two versions of a form, question by question (FORMS §6). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.definition import FormVersion, Question, pointer

_WORDS = frozenset({"x-i18n-title", "x-i18n-hint", "x-i18n-error", "title", "description", "x-choices"})
_LAYOUT = frozenset({"x-widget", "x-repeat", "x-prefill", "x-ddi"})


@dataclass(frozen=True, slots=True)
class FormDiff:
    """Questions that differ, as JSON Pointers in which `*` stands for every row; sorted.

    Attributes:
        added, removed: only in the later, only in the earlier version.
        retyped: what may be answered, when it is asked, or what fact it states differs.
        reworded: words of the question or of its choices differ.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()


def diff(old: FormVersion, new: FormVersion) -> FormDiff:
    """Compare two versions."""
    before, after = _questions(old), _questions(new)
    both = sorted(before.keys() & after.keys())
    return FormDiff(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        retyped=tuple(path for path in both if _meaning(before[path]) != _meaning(after[path])),
        reworded=tuple(path for path in both if _words(before[path]) != _words(after[path])),
    )


def _questions(version: FormVersion) -> dict[str, Question]:
    return {pointer(question.path): question for question in version.walk()}


def _meaning(question: Question) -> Mapping[str, Any]:
    """Return what an answer may be; members of groups and rows are questions of their own."""
    inside = {"properties", "required", "allOf", "items"} if question.children else set[str]()
    meaning = {k: v for k, v in question.schema.items() if k not in _WORDS | _LAYOUT | inside}
    items = question.schema.get("items")
    if not question.children and isinstance(items, Mapping):
        meaning["items"] = {k: v for k, v in items.items() if k not in _WORDS}
        meaning["choices"] = sorted(question.choices())
    return meaning


def _words(question: Question) -> Mapping[str, Any]:
    words = {k: v for k, v in question.schema.items() if k in _WORDS - {"x-choices"}}
    return words | {"choices": question.choices()}
