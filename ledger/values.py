"""From JSON values to the ledger's values, by the dictionary of facts.

A value that does not fit its fact's type says nothing to the ledger: it is left out here, it stays in the log, and
whoever sent it was told so when it was pushed.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache

from core.jsonvalue import Json, JsonObject
from forms.facts import FactSpec, FactType
from ledger.dictionary import dictionary
from ledger.model import Value

Reader = Callable[[Json], Value | None]

_ISO_DAY = 10  # characters of YYYY-MM-DD
_SILENT = {"sex": frozenset({"0", "9"})}  # codes that stand for a missing answer


def _text(value: Json) -> Value | None:
    return (value.strip() or None) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _day(value: Json) -> Value | None:
    if not isinstance(value, str) or len(value) != _ISO_DAY or value[4:8:3] != "--":
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _boolean(value: Json) -> Value | None:
    return value if isinstance(value, bool) else None


def _integer(value: Json) -> Value | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 3.0 is an integer in JSON
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Json) -> Value | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _codes(codes: frozenset[str]) -> Reader:
    def read_codes(value: Json) -> Value | None:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v in codes for v in value):
            return None
        return tuple(sorted(set(value)))  # none of them is an answer too: it is not the same as not asked

    return read_codes


def reader(spec: FactSpec) -> Reader:
    """Return the function that turns an answer into a fact's value, or into None when it does not fit.

    It raises a TypeError for an array or object where a code belongs: those have no hash.
    """
    codes = frozenset(spec.codes) - _SILENT.get(spec.name, frozenset())
    if spec.type is FactType.CODE:
        return {code: code for code in codes}.get
    if spec.type is FactType.CODES:
        return _codes(codes)
    plain: dict[FactType, Reader] = {
        FactType.DATE: _day,
        FactType.BOOLEAN: _boolean,
        FactType.INTEGER: _integer,
        FactType.NUMBER: _number,
    }
    return plain.get(spec.type, _text)


@cache
def readers(level: str) -> Mapping[str, Reader]:
    """Return the readers of a level's facts by name; empty for a level that does not exist."""
    return {name: reader(spec) for (at, name), spec in dictionary().facts.items() if at == level}


@cache
def constants(level: str) -> frozenset[str]:
    """Return the names of a level's facts whose true value never changes."""
    return frozenset(name for (at, name), spec in dictionary().facts.items() if at == level and spec.constant)


@cache
def histories(level: str) -> frozenset[str]:
    """Return the names of a level's facts of which the ledger keeps each change."""
    return frozenset(name for (at, name), spec in dictionary().facts.items() if at == level and spec.history)


@cache
def track_facts(level: str) -> Mapping[str, tuple[str, str]]:
    """Return, by name of a person's or household's fact, the spell kind it is about and `now` or `history_from`."""
    return {
        f"{kind}.{what}": (kind, what)
        for kind, of in dictionary().spell_levels.items()
        if of == level
        for what in ("now", "history_from")
    }


def read(level: str, facts: JsonObject) -> dict[str, Value]:
    """Return the values of a row's facts that fit the dictionary, by name."""
    known = readers(level)
    values = {}
    for name, raw in facts.items():
        if name in known:
            try:
                value = known[name](raw)
            except TypeError:
                continue
            if value is not None:
                values[name] = value
    return values


def read_tracked(level: str, facts: JsonObject) -> tuple[dict[str, Value], dict[str, dict[str, Value]]]:
    """Return the point facts of a row by name, and what it says of each spell kind (`now`, `history_from`).

    Args:
        level: `person` or `household`.
        facts: the row's.
    """
    values = read(level, facts)
    about = track_facts(level)
    asked: dict[str, dict[str, Value]] = {}
    for name in [name for name in values if name in about]:
        kind, what = about[name]
        if kind in asked:
            asked[kind][what] = values.pop(name)
        else:
            asked[kind] = {what: values.pop(name)}
    return values, asked
