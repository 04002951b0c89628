"""A policy with other values of its parameters: what would be, before it is. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import yaml

from core.problems import ConfigurationError
from validators.policy.dated import NUMBERS, DatedValue, Parameter, read_parameter
from validators.policy.model import Policy
from validators.rule import Severity

DUE_DAYS = frozenset(f"findings.due_days.{severity}" for severity in Severity)
"""Parameters that every rule's findings depend on."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value that a parameter would have.

    Attributes:
        parameter: its id.
        value: as the parameter files hold it.
        since: first day in force.
        region: region prefix it is for; "" for everywhere.
        source: document or ground.
    """

    parameter: str
    value: Any
    since: date
    region: str = ""
    source: str = "trial"


def read_value(parameter: Parameter, text: str) -> Any:
    """Return a value of a parameter's unit from the text that somebody typed.

    Raises:
        ConfigurationError: the text is no value of the unit.
    """
    try:
        if parameter.unit in NUMBERS:
            number = float(text)
            return int(number) if number.is_integer() else number
        if parameter.unit == "date":
            return date.fromisoformat(text)
        if parameter.unit == "yes_no":
            return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
        if parameter.unit == "codes":
            return [each.strip() for each in text.split(",") if each.strip()]
        return yaml.safe_load(text) if parameter.unit == "table" else text
    except (ValueError, KeyError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"{parameter.id} is of the unit {parameter.unit}; {text!r} is no value of it"
        ) from error


def changed(policy: Policy, changes: Iterable[Change]) -> Policy:
    """Return the policy as it would be with some values; its version is another.

    Raises:
        ConfigurationError: a parameter is not known, or a value does not fit its unit.
    """
    parameters, version = dict(policy.parameters), hashlib.sha256(policy.version.encode())
    for change in changes:
        parameter = parameters.get(change.parameter)
        if parameter is None:
            raise ConfigurationError(f"there is no parameter {change.parameter}; see `ruhu policy list`")
        parameters[change.parameter] = _with(parameter, change)
        version.update(repr(change).encode())
    return replace(policy, parameters=parameters, version=version.hexdigest())


def _with(parameter: Parameter, change: Change) -> Parameter:
    kept = [
        _line(value)
        for value in parameter.values
        if (value.region, value.since) != (change.region, change.since)
    ]
    line = {"from": change.since, "region": change.region, "value": change.value, "source": change.source}
    entry = {
        "zh": parameter.labels["zh-Hans"],
        "en": parameter.labels["en"],
        "unit": parameter.unit,
        "kind": parameter.kind,
        "values": [*kept, line | {"grade": "P", "verified_on": None}],
    }
    return read_parameter(parameter.id, entry)


def _line(value: DatedValue) -> dict[str, Any]:
    return {
        "from": value.since,
        "region": value.region,
        "value": value.value,
        "source": value.source,
        "grade": value.grade,
        "verified_on": value.verified_on,
    }


def different(before: Mapping[str, Parameter], after: Mapping[str, Parameter]) -> frozenset[str]:
    """Return the ids of parameters whose values differ."""
    return frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def touched(policy: Policy, parameters: Collection[str]) -> frozenset[str]:
    """Return the ids of the rules whose findings may depend on one of some parameters."""
    if DUE_DAYS & set(parameters):
        return frozenset(policy.rules)
    return frozenset(
        rule.id for rule in policy.rules.values() if not set(rule.parameters).isdisjoint(parameters)
    )
