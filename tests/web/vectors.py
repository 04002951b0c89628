"""Answer sets of a form, right ones and spoilt ones, made from its schema with a seed."""

import copy
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from re import _constants, _parser  # the parts of a pattern, to write a text that meets it
from typing import Any

from forms.crosscheck import crosschecks_of, failing
from forms.definition import FormVersion, Question, resolve
from forms.explain import Explainer, ecma
from forms.expressions import Scope
from forms.gate import Gate

DAY = date(2026, 5, 4)
ROUNDS = 60
ODD = (
    None, True, False, 0, -1, 1.5, 1e9, 2**53, "", " ", "0", "yes", "dk", "2020-02-30", "2020-02-29", "2019-02-29",
    "2020-06-01", "0000-01-01", "2020-06-01T10:00:00Z", "2020-06-01 10:00:00Z", "2016-12-31T23:59:60Z", "x" * 5000,
    "布和", "𠮷" * 61, "a\n", "2020-06-01\n", [], [[]], {}, ["yes"], {"lat": 91, "lon": 0}, "constructor",
)  # fmt: skip


@dataclass(frozen=True)
class Vector:
    """One answer set and the server's verdict: whether the schema takes it, and which checks across answers fail."""

    answers: Any
    accepted: bool
    checks: tuple[str, ...]
    settled: bool


class Maker:
    """Makes answer sets of one form."""

    def __init__(self, version: FormVersion, seed: int) -> None:
        self.version, self.gate = version, Gate(version)
        self._explainer, self._checks = Explainer(version.document), crosschecks_of(version.document)
        self._calcs = tuple(check for check in self._checks if check.code == "calc")
        self.random = random.Random(f"{version.form_id} {seed}")  # noqa: S311 - can be had again, no secret

    def vector(self, answers: Any, *, settled: bool = False) -> Vector:
        """Return an answer set with the server's verdict; `settled`: the renderer would leave it as it is."""
        found = self.gate.cross_issues(answers, DAY) if isinstance(answers, dict) else ()
        checks = sorted(f"{issue.code} {issue.path}" for issue in found if issue.code != "calc")
        return Vector(answers, self.gate.accepts(answers), tuple(checks), settled)

    def right(self) -> Any | None:
        """Return an answer set that the gate takes and whose computed answers are computed; None if chance has none."""
        answers = {q.name: self._answer(q) for q in self.version.questions}
        for _ in range(ROUNDS):
            changed = self._compute(answers)
            wrongs = [] if self.gate.accepts(answers) else list(self._explainer.explain(answers, 50))
            if not wrongs and not changed:
                return answers
            for wrong in sorted(wrongs, key=lambda each: str(each.path), reverse=True):
                self._repair(answers, wrong.path, drop=wrong.code in {"not-relevant", "unknown-question"})
        return None

    def _compute(self, answers: Any) -> bool:
        changed = False
        for fails in failing(self._calcs, answers, DAY):
            _holder(answers, fails.path)[fails.path[-1]] = fails.limit
            changed = True
        for calc in self._calcs:
            for holder in _holders(answers, calc.scope):
                here = Scope(holder, answers, DAY.isoformat())
                if calc.about in holder and calc.expression.run(here) is None:
                    del holder[calc.about]  # what cannot be said is not handed over
                    changed = True
        return changed

    def _repair(self, answers: Any, path: tuple[str | int, ...], *, drop: bool) -> None:
        question = self.version.question_at(path)
        while path and question is not None and len(path) > len(question.path):
            path = path[:-1]
        try:
            holder = _holder(answers, path)
        except (KeyError, IndexError, TypeError):
            return  # what lay around it is gone already
        if drop or question is None:
            if isinstance(holder, dict):
                holder.pop(path[-1], None)
        elif isinstance(path[-1], str) and isinstance(holder, dict):
            holder[path[-1]] = self._answer(question)

    def _answer(self, question: Question) -> Any:
        """Return an answer that is right by itself, most of the time."""
        schema = question.schema
        if question.missing and not question.entries and self.random.random() < 0.1:
            return self.random.choice(sorted(question.missing))
        if question.children:
            if question.kind == "object":
                return {child.name: self._answer(child) for child in question.children}
            return [
                {child.name: self._answer(child) for child in question.children}
                for _ in range(self._length(schema, 2))
            ]
        return self._value(schema)

    def _length(self, schema: Any, usual: int) -> int:
        least = schema.get("minItems", 0)
        return self.random.randint(least, max(least, min(schema.get("maxItems", usual), usual)))

    def _value(self, schema: Any) -> Any:  # noqa: PLR0911 - one a type
        schema = resolve(self.version.document, schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            likely = schema["enum"][:1]  # the choice that most questions hang on: yes
            return self.random.choice([*schema["enum"], *likely, *likely])
        match schema.get("type"):
            case "array":
                items = [self._value(schema.get("items", {})) for _ in range(self._length(schema, 3))]
                return [each for index, each in enumerate(items) if each not in items[:index]]
            case "object":
                return {
                    name: self._value(member)
                    for name, member in schema.get("properties", {}).items()
                    if name in schema.get("required", ()) or self.random.random() < 0.5
                }
            case "integer" | "number" as kind:
                least, most = schema.get("minimum", 0), schema.get("maximum", 1000)
                if kind == "integer":
                    return self.random.randint(int(least), int(most))
                step = schema.get("multipleOf")
                value = round(self.random.uniform(least, most), 2)
                return round(value / step) * step if step else value
            case "boolean":
                return self.random.random() < 0.5
        return self._text(schema)

    def _text(self, schema: Any) -> str:
        if schema.get("format") == "date":
            days = (self._day() for _ in range(500))
            return next((day for day in days if ecma(schema.get("pattern", "")).search(day)), DAY.isoformat())
        if schema.get("format") == "date-time":
            return f"{self._day()}T0{self.random.randint(0, 9)}:30:00{self.random.choice(('Z', '+08:00'))}"
        if schema.get("format") == "uuid":
            return str(uuid.UUID(int=self.random.getrandbits(128)))
        if pattern := schema.get("pattern"):
            return self._matching(_parser.parse(pattern))
        return "文" * self.random.randint(schema.get("minLength", 1), min(schema.get("maxLength", 20), 20))

    def _day(self) -> str:
        first = date(1930, 1, 1) if self.random.random() < 0.3 else date(2012, 1, 1)
        return (first + timedelta(self.random.randint(0, (DAY - first).days))).isoformat()

    def _matching(self, parsed: Any) -> str:
        """Return a text that meets a pattern of the portable subset."""
        return "".join(self._part(kind, given) for kind, given in parsed)

    def _part(self, kind: Any, given: Any) -> str:  # noqa: PLR0911 - one a kind
        if kind is _constants.LITERAL:
            return chr(given)
        if kind is _constants.ANY:
            return "文"
        if kind is _constants.IN:
            least, most = next(
                (part if name is _constants.RANGE else (part, part))
                for name, part in self.random.sample(given, len(given))
                if name in {_constants.RANGE, _constants.LITERAL}
            )
            return chr(self.random.randint(least, most))
        if kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            least, most, inner = given
            return "".join(
                self._matching(inner) for _ in range(self.random.randint(least, min(most, least + 3)))
            )
        if kind is _constants.SUBPATTERN:
            return self._matching(given[3])
        if kind is _constants.BRANCH:
            return self._matching(self.random.choice(given[1]))
        return ""

    def spoilt(self, answers: Any) -> Any:
        """Return a copy with one to three places changed, so that most are wrong and some still right."""
        spoilt = copy.deepcopy(answers)
        for _ in range(self.random.randint(1, 3)):
            if places := list(_places(spoilt)):
                self._change(*self.random.choice(places))
        return spoilt

    def _change(self, holder: Any, key: Any) -> None:
        value = holder.get(key) if isinstance(holder, dict) else holder[key]
        match self.random.randint(0, 5):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                asked = [q for q in self.version.walk() if q.name not in holder]
                other = self.random.choice(asked) if asked else None
                holder[other.name if other else "nothing_like_it"] = self._answer(other) if other else 1
            case 2 if isinstance(value, list) and value:
                value.append(copy.deepcopy(self.random.choice(value)))
            case 3 if isinstance(value, (int, float)) and not isinstance(value, bool):
                holder[key] = value + self.random.choice((-1, 1, 0.5, 500, -500))
            case 4 if isinstance(value, str) and value:
                holder[key] = self.random.choice(
                    (value + "\n", value[:-1], value * 2, value + "x", " " + value)
                )
            case _:
                holder[key] = copy.deepcopy(self.random.choice(ODD))


def vectors(version: FormVersion, given: list[Any], count: int, seed: int = 0) -> Iterator[Vector]:
    """Yield answer sets of a form: those given, `count` right ones, five spoilt ones of each."""
    maker = Maker(version, seed)
    for answers in (*given, *ODD):
        yield maker.vector(answers)
    for _ in range(count):
        answers = maker.right()
        if answers is None:
            continue
        yield maker.vector(answers, settled=True)
        for _ in range(5):
            yield maker.vector(maker.spoilt(answers))


def _holders(answers: Any, scope: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a scope, in which `*` stands for rows."""
    if not scope:
        if isinstance(answers, dict):
            yield answers
        return
    if scope[0] == "*":
        for row in answers if isinstance(answers, list) else ():
            yield from _holders(row, scope[1:])
    elif isinstance(answers, dict) and scope[0] in answers:
        yield from _holders(answers[scope[0]], scope[1:])


def _holder(answers: Any, path: tuple[str | int, ...]) -> Any:
    for part in path[:-1]:
        answers = answers[part]
    return answers


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])
