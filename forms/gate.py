"""Judge answers against a form version: a fast gate, and an explanation only when the gate says no (FORMS §5).

The gate is a compiled jsonschema-rs validator. What it refuses, pure-Python `jsonschema` explains: path, question,
stable code, message. Cross-field checks (`x-check`, `x-calc`) are appended in both cases.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from core.jsonvalue import Json
from forms.compile import answer_validator
from forms.crosscheck import crosschecks_of, failing
from forms.definition import DEFAULT_LANGUAGE, FormVersion, Question, pointer
from forms.explain import Explainer, Wrong, message

MAX_ISSUES = 50
"""No answer set is explained further: whoever made it is not helped by the fifty-first."""
_ALL = 10_000


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong with an answer set.

    Attributes:
        code: stable: `required`, `not-relevant`, `unknown-question`, `type`, `not-a-choice`, `too-small`, `too-large`,
            `too-short`, `too-long`, `pattern`, `format`, `step`, `too-few`, `too-many`, `repeated`, `calc`, `invalid`,
            or `check:<name>` of an `x-check`.
        path: JSON Pointer of the answer; of a missing answer: where it should be.
        title: the question's words in the asked language.
        message: what is wrong, in the asked language.
        severity: `error` or `warning`.
    """

    code: str
    path: str
    title: str
    message: str
    severity: str = "error"

    def to_json(self) -> dict[str, str]:
        """Return the issue as the sync protocol and the problem document carry it."""
        return {
            "code": self.code,
            "path": self.path,
            "title": self.title,
            "message": self.message,
            "severity": self.severity,
        }


class Gate:
    """What judges the answers of one form version. Make it with `gate_for`, which keeps it."""

    def __init__(self, version: FormVersion) -> None:
        self._version = version
        self._gate = answer_validator(version.document)
        self._checks = crosschecks_of(version.document)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._version.document)

    def accepts(self, answers: Json) -> bool:
        """Tell whether the answers meet the schema; cross-field checks are not asked."""
        try:
            return self._gate.is_valid(answers)
        except ValueError:  # deeper than the validator follows, or a text that is not Unicode
            return False

    def judge(self, answers: Json, today: date, language: str = DEFAULT_LANGUAGE) -> tuple[Issue, ...]:
        """Return what is wrong with an answer set, at most `MAX_ISSUES`; nothing when it is right.

        Args:
            answers: the answer set as sent, any JSON value.
            today: the day on which it was said, for expressions that ask for it.
            language: BCP 47 tag of titles and messages.
        """
        found = (*self.schema_issues(answers, language), *self.cross_issues(answers, today, language))
        return found[:MAX_ISSUES]

    def schema_issues(self, answers: Json, language: str = DEFAULT_LANGUAGE) -> tuple[Issue, ...]:
        """Return what the schema refuses: microseconds for a right answer set; a wrong one is explained."""
        if self.accepts(answers):
            return ()
        wrongs = tuple(self._explainer.explain(answers, MAX_ISSUES)) or (Wrong("invalid", (), None),)
        return tuple(self._issue(wrong, language) for wrong in wrongs)

    def cross_issues(self, answers: Json, today: date, language: str = DEFAULT_LANGUAGE) -> tuple[Issue, ...]:
        """Return what the checks across answers (`x-check`, `x-calc`) find on a day."""
        if not self._checks or not isinstance(answers, Mapping):
            return ()
        return tuple(islice(self._failing(answers, today, language), MAX_ISSUES))

    def irrelevant(self, answers: Json) -> list[tuple[str | int, ...]]:
        """Return the paths of answers to questions that are not asked, the last row first."""
        if self.accepts(answers):
            return []
        wrongs = self._explainer.explain(answers, _ALL)
        found = {wrong.path for wrong in wrongs if wrong.code == "not-relevant"}
        return sorted(found, key=lambda path: [(isinstance(part, int), part) for part in path], reverse=True)

    def _issue(self, wrong: Wrong, language: str) -> Issue:
        question = self._version.question_at(wrong.path)
        title = question.title(language) if question is not None else self._root_title(language)
        if wrong.code == "unknown-question":
            title = str(wrong.path[-1])
        text = self._words(wrong, question, title, language)
        return Issue(wrong.code, pointer(wrong.path), title, text)

    def _words(self, wrong: Wrong, question: Question | None, title: str, language: str) -> str:
        """Return the form's own `x-i18n-error` where it speaks of the value, else the catalogue's message."""
        if question is None or wrong.code in {"required", "not-relevant", "unknown-question"}:
            return message(wrong.code, language, title=title)
        several = question.kind == "array" and not question.children
        inside = len(wrong.path) - len(question.path)
        if inside > several:  # a part of what a device made
            return message(wrong.code, language, title=title, limit=wrong.limit)
        if said := question.schema.get("x-i18n-error", {}).get(language):
            return str(said)
        labels = "、".join(labels.get(language) or value for value, labels in question.choices().items())
        return message(wrong.code, language, title=title, limit=wrong.limit, choices=labels)

    def _failing(self, answers: Mapping[str, Any], today: date, language: str) -> Iterator[Issue]:
        for fails in failing(self._checks, answers, today):
            question = self._version.question_at(fails.path)
            title = question.title(language) if question is not None else self._root_title(language)
            text = fails.words.get(language) or fails.words.get(DEFAULT_LANGUAGE)
            if text is None:
                kind = fails.code.partition(":")[0]
                text = message(kind, language, title=title, limit=fails.limit)
            yield Issue(fails.code, pointer(fails.path), title, text, fails.severity)

    def _root_title(self, language: str) -> str:
        titles = self._version.title
        return titles.get(language) or titles.get(DEFAULT_LANGUAGE) or self._version.form_id


@lru_cache(maxsize=64)
def gate_for(version: FormVersion) -> Gate:
    """Return the gate of a version, compiled once a process; versions are equal when their bytes are."""
    return Gate(version)
