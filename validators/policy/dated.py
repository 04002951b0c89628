"""Dated parameters: a value is in force from a day on, perhaps in one region only, and says where it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.problems import ConfigurationError
from validators.rule import ParameterValue, Shared

KINDS = ("notice", "external", "parameter")
GRADES = ("N", "S", "K", "P")
NUMBERS = frozenset(
    {
        "months",
        "days",
        "working_days",
        "teaching_days",
        "years",
        "age",
        "percent",
        "yuan",
        "km",
        "hours",
        "count",
        "grade",
    }
)
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(NUMBERS, (int, float)),
    "date": date,
    "day_of_year": str,
    "text": str,
    "yes_no": bool,
    "codes": tuple,
    "table": dict,
}


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One line of a parameter's `values`.

    Attributes:
        since: first day in force.
        value: see the parameter's unit; lists are tuples.
        region: region prefix it is for; "" for everywhere.
        source: document or ground.
        grade: N notice, S secondary public source, K general knowledge, P our proposal.
        verified_on: day on which it was compared with the original text; None: not yet.
        told: the value as rules get it.
    """

    since: date
    value: Any
    region: str
    source: str
    grade: str
    verified_on: date | None
    told: ParameterValue

    @property
    def key(self) -> "Key":
        """Names this value among all of all parameters."""
        return (self.told.parameter, self.since, self.region)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter and all its values, longest region prefix first, then latest first.

    Attributes:
        id: `<area>.<name>`.
        labels: what it is, by language tag.
        unit: what `value` counts; see `validators/policy/README.md`.
        kind: `notice` (the notice's own number), `external` (another rule), `parameter` (our default).
    """

    id: str
    labels: Mapping[str, str]
    unit: str
    kind: str
    values: tuple[DatedValue, ...]

    def at(self, on: date, region: str = "") -> DatedValue:
        """Return the value in force on a day in a region.

        Raises:
            LookupError: there is none yet on that day.
        """
        for value in self.values:
            if value.since <= on and (not value.region or region.startswith(value.region)):
                return value
        where = f" in region {region}" if region else ""
        msg = f"parameter {self.id} has no value on {on}{where}: add an earlier one to its file, with its source"
        raise LookupError(msg)


Key = tuple[str, date, str]
Used = dict[Key, ParameterValue]
Memory = dict[tuple[str, ...], tuple[Any, Used]]


class DeclaredParameters:
    """The parameters that one rule declared, and a note of those it asked for.

    Args:
        rule_id: the rule, for the message of an error.
        declared: its parameters by id.
        memory: what the rules of one judgement share.
    """

    __slots__ = ("_declared", "_memory", "_rule_id", "used")

    def __init__(self, rule_id: str, declared: Mapping[str, Parameter], memory: Memory | None = None) -> None:
        self._rule_id = rule_id
        self._declared = declared
        self._memory: Memory = {} if memory is None else memory
        self.used: Used = {}

    def at(self, parameter: str, *, on: date, region: str = "") -> ParameterValue:
        """Return the value in force on a day, for a region if the parameter differs by region.

        Raises:
            LookupError: the rule did not declare it, or it has no value on that day.
        """
        declared = self._declared.get(parameter)
        if declared is None:
            raise self._undeclared(parameter)
        dated = declared.at(on, region)
        self.used[dated.key] = dated.told
        return dated.told

    def once(self, key: tuple[str, ...], compute: Callable[[], Shared]) -> Shared:
        """Return what `compute` returns, computed once a judgement (see `validators.rule.Parameters`).

        Raises:
            LookupError: the rule did not declare a parameter that went into the value.
        """
        found = self._memory.get(key)
        if found is None:
            before, self.used = self.used, {}
            found = self._memory[key] = (compute(), self.used)
            self.used = before | found[1]
        else:
            for parameter, _, _ in found[1]:
                if parameter not in self._declared:
                    raise self._undeclared(parameter)
            self.used.update(found[1])
        value: Shared = found[0]
        return value

    def _undeclared(self, parameter: str) -> LookupError:
        return LookupError(f"rule {self._rule_id} did not declare the parameter {parameter}")


def read_parameter(parameter_id: str, entry: Mapping[str, Any]) -> Parameter:
    """Read one parameter of a parsed file.

    Raises:
        ConfigurationError: a part is missing, unknown or of the wrong type; the message says which.
    """
    try:
        unit, kind = str(entry["unit"]), str(entry["kind"])
        labels = {"zh-Hans": str(entry["zh"]), "en": str(entry["en"])}
        values = [_read_value(parameter_id, line) for line in entry["values"]]
    except (KeyError, TypeError) as error:
        raise _wrong(parameter_id, f"{error} is missing or not of its type") from error
    if unit not in _TYPES or kind not in KINDS:
        raise _wrong(parameter_id, f"unit must be one of {sorted(_TYPES)}, kind one of {KINDS}")
    for value in values:
        if not isinstance(value.value, _TYPES[unit]) or (unit != "yes_no" and isinstance(value.value, bool)):
            raise _wrong(parameter_id, f"the value of {value.since} is not of the unit {unit}")
        if not value.source.strip() or value.grade not in GRADES:
            raise _wrong(parameter_id, f"the value of {value.since} needs a source and a grade of {GRADES}")
    if not values or len({(value.region, value.since) for value in values}) < len(values):
        raise _wrong(parameter_id, "needs at least one value, and one only a region and day")
    values.sort(key=lambda value: (-len(value.region), -value.since.toordinal()))
    return Parameter(parameter_id, labels, unit, kind, tuple(values))


def _read_value(parameter_id: str, line: Mapping[str, Any]) -> DatedValue:
    since, source = line["from"], str(line["source"])
    value = tuple(line["value"]) if isinstance(line["value"], list) else line["value"]
    if not isinstance(since, date):
        raise TypeError("from")
    return DatedValue(
        since,
        value,
        str(line.get("region", "")),
        source,
        str(line["grade"]),
        line["verified_on"],
        ParameterValue(parameter_id, value, since, source),
    )


def _wrong(parameter_id: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"parameter {parameter_id}: {what}")
