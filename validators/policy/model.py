"""The policy's frozen types: clause, unit, route, and the policy that binds them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from validators.policy.dated import DeclaredParameters, Parameter
from validators.rule import Calendar, Outcome, Rule

if TYPE_CHECKING:
    from validators.messages import Catalogue

STEPS = ("supervisor", "banner", "city")
"""To whom a case that is overdue is told, one after the other."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of 鄂府办发〔2019〕69号.

    Attributes:
        id: such as `三(三)`.
        title: by language tag; zh-Hans is the notice's own.
        about: our gloss in English, not law.
        text: the notice's own sentences.
        responsible, cooperating: unit codes in the notice's order.
    """

    id: str
    title: Mapping[str, str]
    about: str
    text: tuple[str, ...]
    responsible: tuple[str, ...]
    cooperating: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that the notice names: code, name in its own words, short name, English."""

    code: str
    name: str
    short: str
    en: str


@dataclass(frozen=True, slots=True)
class Route:
    """Findings of rules that go to another unit than the clause's first responsible one.

    Attributes:
        rule: rule id, `*` stands for any part.
        unit: unit code.
        region: region prefix it is for; "" for everywhere.
        where: values that the outcome must carry.
        reason: by language tag.
    """

    rule: str
    unit: str
    region: str
    where: Mapping[str, str]
    reason: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """All that rules are judged by. Derived data keeps its `version`.

    Attributes:
        routing: longest region prefix first, then in the file's order.
        version: SHA-256 over every policy and message file and every rule's version.
    """

    clauses: Mapping[str, Clause]
    units: Mapping[str, Unit]
    routing: tuple[Route, ...]
    parameters: Mapping[str, Parameter]
    calendar: Calendar
    messages: "Catalogue"
    rules: Mapping[str, Rule]
    places: Mapping[str, Mapping[str, str]]
    version: str

    def routed(self, routes: Sequence[Route]) -> "Policy":
        """Return the policy with routes of regions before its own; it has a version of its own.

        A longer region prefix still goes before a shorter one.
        """
        if not routes:
            return self
        version = hashlib.sha256(self.version.encode())
        for route in routes:
            version.update(repr((route.rule, route.unit, route.region, sorted(route.where.items()))).encode())
        routing = tuple(sorted([*routes, *self.routing], key=lambda route: -len(route.region)))
        return replace(self, routing=routing, version=version.hexdigest())

    def params_for(self, rule: Rule) -> DeclaredParameters:
        """Return only what the rule declared; asking for another is a LookupError."""
        return DeclaredParameters(rule.id, {name: self.parameters[name] for name in rule.parameters})

    def unit_for(self, rule: Rule, outcome: Outcome, region: str) -> str:
        """Return the unit that is to act: the outcome's own, else by routing, else the clause's first."""
        if outcome.unit is not None:
            return outcome.unit
        for route in self.routing:
            if (
                region.startswith(route.region)
                and fnmatchcase(rule.id, route.rule)
                and all(str(outcome.values.get(name)) == value for name, value in route.where.items())
            ):
                return route.unit
        return self.clauses[rule.clause].responsible[0]

    def place(self, code: str, language: str) -> str:
        """Return the name of the banner that a region code lies in, or the code when there is none."""
        names = self.places.get(code[:6])
        return code if names is None else names[language]
