"""What the operators of `forms.expressions` do with the values of their operands. Pure and total."""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from core.jsonvalue import Json
from core.spans import age_on

_SAFE = 2**53
_is_date = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z").match


def flat(values: Iterable[Json]) -> list[Json]:
    """Return lists and values as one list, one level deep, without nulls."""
    flat: list[Json] = []
    for value in values:
        if isinstance(value, list):
            flat.extend(item for item in value if item is not None)
        elif value is not None:
            flat.append(value)
    return flat


def truth(value: Json) -> bool | None:
    """Return whether a value counts as true; None when it cannot be said."""
    if value is None or isinstance(value, bool):
        return value
    return value not in (0, "") and value != []


def _not(values: list[Json]) -> Json:
    holds = truth(values[0])
    return None if holds is None else not holds


def _if(values: list[Json]) -> Json:
    for condition, value in zip(values[::2], values[1::2], strict=False):
        if truth(condition):
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


def _order(left: Json, right: Json) -> int | None:
    """Return -1, 0 or 1 as the first is less than, equal to, or more than the second; None if they have no order."""
    if isinstance(left, str) and isinstance(right, str):
        if not (left.isascii() and right.isascii()):
            left, right = (text.encode("utf-16-be", "surrogatepass") for text in (left, right))
    elif not (_is_number(left) and _is_number(right)):
        return None
    return int(left > right) - int(left < right)


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Json, Json], Json]:
    def compare(left: Json, right: Json) -> Json:
        if left is None or right is None:
            return None
        if isinstance(left, str) and isinstance(right, str) and left.isascii() and right.isascii():
            return holds(left, right)
        order = _order(left, right)
        return None if order is None else holds(order, 0)

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


def _in(needle: Json, haystack: Json) -> Json:
    if isinstance(haystack, list):
        return any(equal(needle, item) for item in haystack)
    return isinstance(needle, str) and isinstance(haystack, str) and needle in haystack


def _count(values: list[Json]) -> Json:
    items = flat(values[:1])
    return len(items) if len(values) == 1 else sum(equal(item, values[1]) for item in items)


def _extreme(sign: int) -> Callable[[list[Json]], Json]:
    def find(values: list[Json]) -> Json:
        items = flat(values)
        best = items[0] if items else None
        for item in items:
            order = _order(item, best)
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


def _dates(apply: Callable[[date, date], Json]) -> Callable[[Json, Json], Json]:
    def compute(left: Json, right: Json) -> Json:
        start, end = _date(left), _date(right)
        return None if start is None or end is None else apply(start, end)

    return compute


def _month_of(values: list[Json]) -> Json:
    day = _date(values[0])
    return None if day is None else day.isoformat()[:7]


def _by_parser(_values: list[Json]) -> Json:
    """Stand in the table for an operator that `_Parser` builds itself."""
    return None


MANY = 1_000
_PAIR = (2, 2, _by_parser)
PAIRS: Mapping[str, Callable[[Json, Json], Json]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "in": _in,
    "days_between": _dates(lambda start, end: (end - start).days),
    "months_between": _dates(_months),
    "age_on": _dates(lambda birth, day: age_on(birth, day) if day >= birth else None),
}
TABLE: Mapping[str, tuple[int, int, Callable[[list[Json]], Any]]] = {
    "and": (1, MANY, _by_parser),
    "or": (1, MANY, _by_parser),
    "!": (1, 1, _not),
    "if": (2, MANY, _if),
    "==": _PAIR,
    "!=": _PAIR,
    "<": _PAIR,
    "<=": _PAIR,
    ">": _PAIR,
    ">=": _PAIR,
    "+": (1, MANY, _arithmetic(_total)),
    "-": (1, 2, _arithmetic(lambda values: -values[0] if len(values) == 1 else values[0] - values[1])),
    "*": (1, MANY, _arithmetic(_product)),
    "/": (2, 2, _arithmetic(lambda values: values[0] / values[1])),
    "%": (2, 2, _arithmetic(lambda values: math.fmod(values[0], values[1]))),
    "in": _PAIR,
    "count": (1, 2, _count),
    "sum": (1, MANY, lambda values: _arithmetic(_total)(flat(values))),
    "min": (1, MANY, _extreme(-1)),
    "max": (1, MANY, _extreme(1)),
    "today": (0, 0, _by_parser),
    "days_between": _PAIR,
    "months_between": _PAIR,
    "age_on": _PAIR,
    "month_of": (1, 1, _month_of),
}
