"""Expressions of `x-check` and `x-calc`: JsonLogic with a fixed list of operators (FORMS §3). Pure and total.

`parse` refuses what is not an expression; a parsed expression never fails on data, and takes time in proportion to it:
no operator runs another once per element. `expressions.vectors.json` says the same to the phone's evaluator.

Meaning
- Values are JSON. What is missing, does not fit an operator, or is no finite number is `null`: "cannot be said".
- `and`, `or` and `!` know three values: `null` is unknown; `false`, 0, "" and [] are false; all else is true.
  `{"and": [false, null]}` is false, `{"and": [true, null]}` is null. `if` takes a branch only on true.
- `==` and `!=` compare any two JSON values and are never null: `{"==": [{"var": "x"}, null]}` asks whether x is
  missing. A boolean equals no number.
- `<` `<=` `>` `>=` order two numbers, or two texts by UTF-16 code units (so ISO dates in time), else null.
- `+` `*` take any number of operands, `-` one or two, `/` and `%` two. `%` has the sign of its first operand.
- `{"var": "a.b"}` reads the answers beside the check; `$.a` reads from the root of the answers; `*` stands for every
  row: `{"var": "members.*.age"}` is a list. `{"var": ["a", 0]}` gives 0 when a is missing.
- `count`, `sum`, `min`, `max` take lists and values as one list and skip nulls. `{"count": [list, value]}` counts the
  elements equal to value. The sum of nothing is 0, the least of nothing null, the sum of a text null.
- `in` asks for an element of a list or a part of a text.
- `today` is the interview's day. Dates are `YYYY-MM-DD`. `days_between` and `months_between` count from the first to
  the second, negative backwards; a month is whole when its day of the month has come. `age_on` is [birth, day] in
  completed years, null before birth. `month_of` is `YYYY-MM`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.jsonvalue import Json
from forms.operators import MANY, PAIRS, TABLE, flat, truth

MAX_DEPTH = 20
MAX_NODES = 500


class ExpressionError(ValueError):
    """A document is not an expression; the message says why."""


class Scope(NamedTuple):
    """What an expression may read: the answers beside it, the whole answer set, the day as YYYY-MM-DD."""

    data: Json
    root: Json
    today: str


Run = Callable[[Scope], Json]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Attributes:
        source: the JSON it was parsed from.
        reads: the paths of its `var`s, for checks of a definition.
        run: gives its value in a scope.
    """

    source: Json
    reads: tuple[str, ...]
    run: Run = field(repr=False, compare=False)

    def evaluate(self, data: Json, today: date, root: Json = None) -> Json:
        """Return the value for the answers beside the check; `root` is the whole answer set, `data` if not given."""
        return self.run(Scope(data, data if root is None else root, today.isoformat()))


def parse(source: Json) -> Expression:
    """Parse an expression.

    Raises:
        ExpressionError: unknown operator, wrong number of operands, deeper than 20, more than 500 parts.
    """
    parser = _Parser()
    run = parser.parse(source, 0)
    return Expression(source, tuple(parser.reads), run)


class _Parser:
    def __init__(self) -> None:
        self.reads: list[str] = []
        self._nodes = 0

    def parse(self, source: Json, depth: int) -> Run:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise ExpressionError(f"an expression nests at most {MAX_DEPTH} deep")
        if self._nodes > MAX_NODES:
            raise ExpressionError(f"an expression has at most {MAX_NODES} parts")
        if isinstance(source, Mapping):
            return self._operation(source, depth)
        if isinstance(source, list):
            runs = [self.parse(item, depth + 1) for item in source]
            if not any(isinstance(item, (Mapping, list)) for item in source):
                return lambda _: source
            return lambda scope: [run(scope) for run in runs]
        if source is None or isinstance(source, (bool, str, int)):
            return lambda _: source
        if isinstance(source, float) and math.isfinite(source):
            return lambda _: source
        raise ExpressionError(f"{source!r} is not a JSON value")

    def _operation(self, source: Mapping[str, Json], depth: int) -> Run:
        if len(source) != 1:
            raise ExpressionError("an operation is an object with one key, the operator")
        ((name, given),) = source.items()
        operands = given if isinstance(given, list) else [given]
        if name == "var":
            return self._var(operands)
        if name not in TABLE:
            raise ExpressionError(f"there is no operator {name!r}; there are: {', '.join(OPERATORS)}")
        least, most, apply = TABLE[name]
        if not least <= len(operands) <= most:
            wanted = (
                f"{least}" if least == most else f"{least} to {most}" if most < MANY else f"{least} or more"
            )
            raise ExpressionError(f"operator {name!r} takes {wanted} operands, not {len(operands)}")
        runs = [self.parse(operand, depth + 1) for operand in operands]
        if name == "today":
            return lambda scope: scope.today
        if name in {"and", "or"}:
            return _connected(runs, decisive=name == "or")
        if name in PAIRS:  # most operations are of two operands; this saves a list
            pair, (first, second) = PAIRS[name], runs
            return lambda scope: pair(first(scope), second(scope))
        return lambda scope: apply([run(scope) for run in runs])

    def _var(self, operands: Sequence[Json]) -> Run:
        path, default = operands[0] if operands else None, operands[1] if len(operands) > 1 else None
        if not isinstance(path, str) or not path.removeprefix("$.") or len(operands) > 2:  # noqa: PLR2004 - path, default
            raise ExpressionError(
                'var takes a path such as "a.b", "$.a" or "rows.*.a", and a value for when it is missing'
            )
        if isinstance(default, (Mapping, list)):
            raise ExpressionError("the value for a missing var is a plain value")
        self.reads.append(path)
        parts = path.removeprefix("$.").split(".")
        from_root = path.startswith("$.")

        def run(scope: Scope) -> Json:
            value = _read(scope.root if from_root else scope.data, parts)
            return default if value is None else value

        if from_root or default is not None or parts[0] == "*":
            return run
        if len(parts) == 1:
            return _member(path)
        return _column(parts[0], parts[2]) if len(parts) == 3 and parts[1] == "*" != parts[2] else run  # noqa: PLR2004 - rows.*.a


def _member(name: str) -> Run:
    """Return what reads an answer beside the check: `a`."""

    def read(scope: Scope) -> Json:
        data = scope.data
        return data.get(name) if isinstance(data, dict) else None

    return read


def _column(rows: str, name: str) -> Run:
    """Return what reads one answer of every row beside the check: `rows.*.a`."""

    def read(scope: Scope) -> Json:
        found = scope.data.get(rows) if isinstance(scope.data, dict) else None
        if not isinstance(found, list):
            return None
        return [row.get(name) if isinstance(row, dict) else None for row in found]

    return read


def _read(value: Json, parts: Sequence[str]) -> Json:
    for index, part in enumerate(parts):
        if part == "*":
            if not isinstance(value, list):
                return None
            rest = parts[index + 1 :]
            found = [_read(item, rest) for item in value]
            return flat(found) if "*" in rest else found
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _connected(runs: Sequence[Run], *, decisive: bool) -> Run:
    """Return `or` (a true operand decides) or `and` (a false one); what comes after the deciding one is not run."""

    def connect(scope: Scope) -> Json:
        value: bool | None = not decisive
        for run in runs:
            said = truth(run(scope))
            if said is decisive:
                return said
            if said is None:
                value = None
        return value

    return connect


OPERATORS: tuple[str, ...] = ("var", *TABLE)
"""Every operator there is."""
