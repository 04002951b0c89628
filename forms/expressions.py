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
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from core.jsonvalue import Json
from core.spans import age_on

MAX_DEPTH = 20
MAX_NODES = 500
_SAFE = 2**53
_is_date = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z").match


class ExpressionError(ValueError):
    """A document is not an expression; the message says why."""


class _Scope(NamedTuple):
    data: Json
    root: Json
    today: date


_Run = Callable[[_Scope], Json]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Attributes:
        source: the JSON it was parsed from.
        reads: the paths of its `var`s, for checks of a definition.
    """

    source: Json
    reads: tuple[str, ...]
    _run: _Run = field(repr=False, compare=False)

    def evaluate(self, data: Json, today: date, root: Json = None) -> Json:
        """Return the value for the answers beside the check; `root` is the whole answer set, `data` if not given."""
        return self._run(_Scope(data, data if root is None else root, today))


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

    def parse(self, source: Json, depth: int) -> _Run:
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

    def _operation(self, source: Mapping[str, Json], depth: int) -> _Run:
        if len(source) != 1:
            raise ExpressionError("an operation is an object with one key, the operator")
        ((operator, given),) = source.items()
        operands = given if isinstance(given, list) else [given]
        if operator == "var":
            return self._var(operands)
        if operator not in _OPERATORS:
            raise ExpressionError(f"there is no operator {operator!r}; there are: {', '.join(OPERATORS)}")
        least, most, apply = _OPERATORS[operator]
        if not least <= len(operands) <= most:
            wanted = (
                f"{least}" if least == most else f"{least} to {most}" if most < _MANY else f"{least} or more"
            )
            raise ExpressionError(f"operator {operator!r} takes {wanted} operands, not {len(operands)}")
        runs = [self.parse(operand, depth + 1) for operand in operands]
        if operator == "today":
            return lambda scope: scope.today.isoformat()
        if operator in {"and", "or"}:
            return _connected(runs, decisive=operator == "or")
        if len(runs) == 2:  # noqa: PLR2004 - most operations have two operands; this saves a loop
            first, second = runs
            return lambda scope: apply([first(scope), second(scope)])
        return lambda scope: apply([run(scope) for run in runs])

    def _var(self, operands: Sequence[Json]) -> _Run:
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

        def run(scope: _Scope) -> Json:
            value = _read(scope.root if from_root else scope.data, parts)
            return default if value is None else value

        def run_member(scope: _Scope) -> Json:
            data = scope.data
            return data.get(path) if isinstance(data, dict) else None

        return run_member if parts == [path] and path != "*" and default is None else run


def _read(value: Json, parts: Sequence[str]) -> Json:
    for index, part in enumerate(parts):
        if part == "*":
            if not isinstance(value, list):
                return None
            rest = parts[index + 1 :]
            found = [_read(item, rest) for item in value]
            return _flat(found) if "*" in rest else found
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _flat(values: Iterable[Json]) -> list[Json]:
    """Return lists and values as one list, one level deep, without nulls."""
    flat: list[Json] = []
    for value in values:
        if isinstance(value, list):
            flat.extend(item for item in value if item is not None)
        elif value is not None:
            flat.append(value)
    return flat


def _truth(value: Json) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    return value not in (0, "") and value != []


def _connected(runs: Sequence[_Run], *, decisive: bool) -> _Run:
    """Return `or` (a true operand decides) or `and` (a false one); what comes after the deciding one is not run."""

    def connect(scope: _Scope) -> Json:
        value: bool | None = not decisive
        for run in runs:
            truth = _truth(run(scope))
            if truth is decisive:
                return truth
            if truth is None:
                value = None
        return value

    return connect


def _not(values: list[Json]) -> Json:
    truth = _truth(values[0])
    return None if truth is None else not truth


def _if(values: list[Json]) -> Json:
    for condition, value in zip(values[::2], values[1::2], strict=False):
        if _truth(condition):
            return value
    return values[-1] if len(values) % 2 else None


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(left: Json, right: Json) -> bool:
    """Tell whether two JSON values are the same; 1 and 1.0 are, true and 1 are not."""
    if left is None or isinstance(left, str):
        return bool(left == right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def _order(values: list[Json]) -> int | None:
    """Return -1, 0 or 1 as the first is less than, equal to, or more than the second; None if they have no order."""
    left, right = values
    if isinstance(left, str) and isinstance(right, str):
        if not (left.isascii() and right.isascii()):
            left, right = (text.encode("utf-16-be", "surrogatepass") for text in (left, right))
    elif not (_is_number(left) and _is_number(right)):
        return None
    return int(left > right) - int(left < right)


def _ordered(holds: Callable[[int], bool]) -> Callable[[list[Json]], Json]:
    def compare(values: list[Json]) -> Json:
        order = _order(values)
        return None if order is None else holds(order)

    return compare


def _number(value: float) -> Json:
    """Return a finite number, whole ones as integers; else None."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < _SAFE else value


def _arithmetic(apply: Callable[[list[float]], float]) -> Callable[[list[Json]], Json]:
    def compute(values: list[Json]) -> Json:
        if not all(map(_is_number, values)):
            return None
        try:
            return _number(apply([float(value) for value in values]))
        except (OverflowError, ZeroDivisionError, ValueError):  # ValueError: remainder by zero
            return None

    return compute


def _product(values: list[float]) -> float:
    product = 1.0
    for value in values:
        product *= value
    return product


def _total(values: list[float]) -> float:
    total = 0.0  # one addition after another, as the phone does it
    for value in values:
        total += value
    return total


def _in(values: list[Json]) -> Json:
    needle, haystack = values
    if isinstance(haystack, list):
        return any(equal(needle, item) for item in haystack)
    return isinstance(needle, str) and isinstance(haystack, str) and needle in haystack


def _count(values: list[Json]) -> Json:
    items = _flat(values[:1])
    return len(items) if len(values) == 1 else sum(equal(item, values[1]) for item in items)


def _extreme(sign: int) -> Callable[[list[Json]], Json]:
    def find(values: list[Json]) -> Json:
        items = _flat(values)
        best = items[0] if items else None
        for item in items:
            order = _order([item, best])
            if order is None:
                return None
            best = item if order == sign else best
        return best

    return find


def _date(value: Json) -> date | None:
    return _date_of(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _date_of(value: str) -> date | None:
    if _is_date(value) is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _months(start: date, end: date) -> int:
    if end < start:
        return -_months(end, start)
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _dates(apply: Callable[..., Json]) -> Callable[[list[Json]], Json]:
    def compute(values: list[Json]) -> Json:
        days = [_date(value) for value in values]
        return None if None in days else apply(*days)

    return compute


def _by_parser(_values: list[Json]) -> Json:
    """Stand in the table for an operator that `_Parser` builds itself: it reads the day, or need not run all."""
    return None


_MANY = 1_000
_OPERATORS: Mapping[str, tuple[int, int, Callable[[list[Json]], Any]]] = {
    "and": (1, _MANY, _by_parser),
    "or": (1, _MANY, _by_parser),
    "!": (1, 1, _not),
    "if": (2, _MANY, _if),
    "==": (2, 2, lambda values: equal(*values)),
    "!=": (2, 2, lambda values: not equal(*values)),
    "<": (2, 2, _ordered(lambda order: order < 0)),
    "<=": (2, 2, _ordered(lambda order: order <= 0)),
    ">": (2, 2, _ordered(lambda order: order > 0)),
    ">=": (2, 2, _ordered(lambda order: order >= 0)),
    "+": (1, _MANY, _arithmetic(_total)),
    "-": (1, 2, _arithmetic(lambda values: -values[0] if len(values) == 1 else values[0] - values[1])),
    "*": (1, _MANY, _arithmetic(_product)),
    "/": (2, 2, _arithmetic(lambda values: values[0] / values[1])),
    "%": (2, 2, _arithmetic(lambda values: math.fmod(values[0], values[1]))),
    "in": (2, 2, _in),
    "count": (1, 2, _count),
    "sum": (1, _MANY, lambda values: _arithmetic(_total)(_flat(values))),
    "min": (1, _MANY, _extreme(-1)),
    "max": (1, _MANY, _extreme(1)),
    "today": (0, 0, _by_parser),
    "days_between": (2, 2, _dates(lambda start, end: (end - start).days)),
    "months_between": (2, 2, _dates(_months)),
    "age_on": (2, 2, _dates(lambda birth, day: age_on(birth, day) if day >= birth else None)),
    "month_of": (1, 1, _dates(lambda day: day.isoformat()[:7])),
}
OPERATORS: tuple[str, ...] = ("var", *_OPERATORS)
"""Every operator there is."""
