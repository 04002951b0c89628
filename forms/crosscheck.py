"""Checks across answers: `x-check` constraints and `x-calc` answers of a definition, run over an answer set.

`x-check` is a list of `{"name", "that", "severity", "x-i18n-error"}`. A check fails only when `that` is exactly false:
what cannot be said yet (null) is no failure. On an object (the root, a group, the rows of a repeat under `items`)
`that` reads the members of the object; on any other question, and on a repeat, its siblings. `x-calc` reads the
siblings of its question.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from core.jsonvalue import Json, JsonObject
from forms.definition import Question, questions_of, resolve
from forms.expressions import Expression, Scope, parse
from forms.operators import equal

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Failing:
    """One failing check: issue code, path of what it is about, its own words, the computed value, severity."""

    code: str
    path: Path
    words: Mapping[str, str]
    limit: Json
    severity: str


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """One check or computed answer, and the objects it is asked of.

    Attributes:
        code: `check:<name>` or `calc`.
        scope: path of the objects whose members it reads; `*` stands for rows.
        about: name of the member it is about; None: the object itself.
        expression: the constraint, or the computed value.
        severity: `error` or `warning`.
        words: its own message by language.
    """

    code: str
    scope: tuple[str, ...]
    about: str | None
    expression: Expression
    severity: str
    words: Mapping[str, str]

    def failing(self, answers: Mapping[str, Any], today: date) -> Iterator[Failing]:
        """Yield where the check fails in an answer set."""
        return failing((self,), answers, today)

    def failing_at(self, path: Path, here: Scope) -> Failing | None:
        """Return the check if it fails for one object of its scope."""
        if self.code == "calc":
            answer = None if self.about is None else here.data.get(self.about)
            if answer is None:
                return None
            value = self.expression.run(here)
            if value is None or equal(answer, value):
                return None
        elif self.expression.run(here) is False:
            value = None
        else:
            return None
        about = path if self.about is None else (*path, self.about)
        return Failing(self.code, about, self.words, value, self.severity)


def failing(checks: Sequence[CrossCheck], answers: Mapping[str, Any], today: date) -> Iterator[Failing]:
    """Yield every failing check, in the order of the objects; each object is looked up once."""
    day = today.isoformat()
    for scope, group in groupby(checks, key=attrgetter("scope")):
        same_scope = tuple(group)
        for path, members in _objects(answers, scope):
            here = Scope(members, answers, day)
            for check in same_scope:
                if (fails := check.failing_at(path, here)) is not None:
                    yield fails


def _objects(answers: Mapping[str, Any], scope: tuple[str, ...]) -> list[tuple[Path, dict[str, Any]]]:
    """Return the objects of a scope, in the order of the answers."""
    found: list[tuple[Path, Any]] = [((), answers)]
    for part in scope:
        if part == "*":
            found = [
                ((*at, index), row)
                for at, rows in found
                if isinstance(rows, list)
                for index, row in enumerate(rows)
            ]
        else:
            found = [
                ((*at, part), each[part]) for at, each in found if isinstance(each, dict) and part in each
            ]
    return [(at, each) for at, each in found if isinstance(each, dict)]


def crosschecks_of(document: JsonObject) -> tuple[CrossCheck, ...]:
    """Return the checks of a definition, those of one object together.

    Raises:
        ExpressionError, NotADefinition: the definition was not checked before it was published.
    """
    found = list(_declared(document, (), None))
    for root in questions_of(document):
        for question in root.walk():
            found.extend(_of_question(document, question))
    return tuple(sorted(found, key=lambda check: check.scope))


def _of_question(document: JsonObject, question: Question) -> Iterator[CrossCheck]:
    *above, name = question.path
    if question.kind == "object" and question.children:
        yield from _declared(question.schema, question.path, None)
    else:
        yield from _declared(question.schema, tuple(above), name)
    if "x-calc" in question.schema:
        expression = parse(question.schema["x-calc"])
        yield CrossCheck("calc", tuple(above), name, expression, "warning", {})
    if question.kind == "array":
        row = resolve(document, question.schema.get("items"))
        if "properties" in row:
            yield from _declared(row, (*question.path, "*"), None)


def _declared(schema: JsonObject, scope: tuple[str, ...], about: str | None) -> Iterator[CrossCheck]:
    for entry in schema.get("x-check", ()):
        yield CrossCheck(
            code=f"check:{entry['name']}",
            scope=scope,
            about=about,
            expression=parse(entry["that"]),
            severity=entry.get("severity", "error"),
            words=entry.get("x-i18n-error", {}),
        )
