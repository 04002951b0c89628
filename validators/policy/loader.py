"""Reads the policy once: every file, checked against every rule."""

import hashlib
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from core.problems import ConfigurationError
from ledger.dictionary import dictionary
from validators.messages.catalogue import LANGUAGES, read_catalogue
from validators.policy.calendars import DayCalendar, read_terms
from validators.policy.dated import Parameter, read_parameter
from validators.policy.model import STEPS, Clause, Policy, Route, Unit
from validators.registry import all_rules
from validators.rule import SUBJECTS, Rule, Severity


class _Yaml12(yaml.CSafeLoader):
    """YAML as version 1.2 reads it: `yes`, `no`, `on` and `off` are text; only `true` and `false` are not."""


_Yaml12.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile("(?:true|false)$") if tag.endswith(":bool") else pattern)
        for tag, pattern in resolvers
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(raw: bytes) -> Any:
    """Return the document of a YAML file."""
    return yaml.load(raw, _Yaml12)  # noqa: S506 - a safe loader by inheritance


class _Source:
    """Reads YAML files and remembers what it read."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def read(self, file: Traversable) -> Any:
        raw = file.read_bytes()
        self.digest.update(len(raw).to_bytes(8, "big") + raw)
        return read_yaml(raw)

    def areas(self, folder: Traversable) -> dict[str, Any]:
        """Return the documents of a folder's YAML files by the name before the extension, in order."""
        found = sorted(
            (file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda f: f.name
        )
        return {file.name.removesuffix(".yaml"): self.read(file) or {} for file in found}


@cache
def load_policy(changes: Path | None = None) -> Policy:
    """Read and check the policy; one value for the life of the process.

    Args:
        changes: a folder of the office's own dated values over those that are shipped: `<area>.yaml`, each
            `{<parameter>: {values: [...]}}`. A value replaces the shipped one of its day and region, or is added.

    Raises:
        ConfigurationError: a file does not fit another, or a rule names what there is not.
        ImportError: a rule module cannot be imported.
    """
    rules = all_rules()
    source = _Source()
    folder = files("validators.policy")
    documents = source.areas(folder.joinpath("parameters"))
    if changes is not None:
        documents = over(documents, source.areas(_folder(changes)))
    parameters = _parameters(documents)
    policy = Policy(
        clauses=_clauses(source.read(folder.joinpath("clauses.yaml"))),
        units={code: Unit(code, **unit) for code, unit in source.read(folder.joinpath("units.yaml")).items()},
        routing=_routing(source.read(folder.joinpath("routing.yaml"))),
        parameters=parameters,
        calendar=DayCalendar(read_terms(source.read(folder.joinpath("calendars", "terms.yaml")))),
        messages=read_catalogue(source.areas(files("validators.messages")), dictionary()),
        rules=rules,
        places=source.read(folder.joinpath("places.yaml")),
        version=_version(source, rules),
    )
    _check(policy)
    return policy


def _folder(changes: Path) -> Path:
    if not changes.is_dir():
        raise ConfigurationError(f"there is no folder {changes} with values of parameters")
    return changes


def over(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the documents of parameters with an office's own values laid over those that are shipped.

    Args:
        shipped: `{area: {parameter: entry}}`.
        own: `{area: {parameter: {"values": [...]}}}`.

    Raises:
        ConfigurationError: a parameter is not known, or says more than its values.
    """
    documents = {area: dict(document) for area, document in shipped.items()}
    for area, document in own.items():
        for name, entry in document.items():
            known = documents.get(area, {}).get(name)
            if known is None:
                raise ConfigurationError(f"{area}.yaml: there is no parameter {name}")
            if (
                not isinstance(entry, Mapping)
                or set(entry) != {"values"}
                or not isinstance(entry["values"], list)
            ):
                raise ConfigurationError(f"{area}.yaml: {name} may only list `values`; the rest is shipped")
            named = {_named(name, line) for line in entry["values"]}
            kept = [line for line in known["values"] if _named(name, line) not in named]
            documents[area][name] = {**known, "values": [*kept, *entry["values"]]}
    return documents


def _named(parameter: str, line: Any) -> tuple[Any, str]:
    """Return the day and region that a value is for."""
    if not isinstance(line, Mapping) or "from" not in line:
        raise ConfigurationError(f"parameter {parameter}: a value says `from` which day it is in force")
    return line["from"], str(line.get("region", ""))


def _version(source: _Source, rules: Mapping[str, Rule]) -> str:
    source.digest.update("".join(f"{rule.id}@{rule.version}\n" for rule in rules.values()).encode())
    return source.digest.hexdigest()


def _clauses(document: Mapping[str, Any]) -> dict[str, Clause]:
    return {
        clause_id: Clause(
            clause_id,
            entry["title"],
            entry["about"],
            tuple(entry["text"]),
            tuple(entry["responsible"]),
            tuple(entry["cooperating"]),
        )
        for clause_id, entry in document.items()
    }


def _routing(document: list[Mapping[str, Any]]) -> tuple[Route, ...]:
    routes = [
        Route(
            line["rule"],
            line["unit"],
            str(line.get("region", "")),
            {name: str(value) for name, value in line.get("where", {}).items()},
            line["reason"],
        )
        for line in document
    ]
    return tuple(sorted(routes, key=lambda route: -len(route.region)))


def _parameters(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Parameter]:
    parameters = {}
    for area, document in documents.items():
        for name, entry in document.items():
            if not name.startswith(area + "."):
                raise ConfigurationError(
                    f"parameter {name} belongs into its own area's file, not {area}.yaml"
                )
            parameters[name] = read_parameter(name, entry)
    return parameters


def _check(policy: Policy) -> None:
    """Check that clauses, routes, rules and severities name only what there is."""
    for clause in policy.clauses.values():
        _known(f"clause {clause.id}", {*clause.responsible, *clause.cooperating}, policy.units, "units")
    for route in policy.routing:
        _known(f"route {route.rule}", {route.unit}, policy.units, "units")
        _known(f"route {route.rule}", set(LANGUAGES), route.reason, "reasons")
    for rule in policy.rules.values():
        what = f"rule {rule.id}"
        _known(what, {rule.clause}, policy.clauses, "clauses")
        _known(what, set(rule.parameters), policy.parameters, "parameters")
        _known(what, {rule.id}, policy.messages.messages, "messages")
        if rule.subject not in SUBJECTS:
            raise ConfigurationError(f"{what}: subject must be one of {SUBJECTS}, not {rule.subject}")
        if not policy.clauses[rule.clause].responsible and not _routed_always(policy, rule):
            raise ConfigurationError(
                f"{what}: clause {rule.clause} names no unit; add a route for its findings"
            )
    _known("findings", {f"findings.due_days.{s}" for s in Severity}, policy.parameters, "parameters")
    _known("cases", {f"findings.escalate_days.{s}" for s in STEPS}, policy.parameters, "parameters")


def _routed_always(policy: Policy, rule: Rule) -> bool:
    """Tell whether a route leads all findings of a rule somewhere, wherever and whatever they are."""
    return any(
        not route.region and not route.where and fnmatchcase(rule.id, route.rule) for route in policy.routing
    )


def _known(what: str, names: set[str], there: Mapping[str, object], kind: str) -> None:
    missing = sorted(names - set(there))
    if missing:
        raise ConfigurationError(f"{what} names {kind} that there are not: {missing}")
