"""The notice and its numbers as data: clauses, units, routing, dated parameters, calendars."""

from validators.policy.dated import DatedValue, DeclaredParameters, Parameter
from validators.policy.loader import load_policy
from validators.policy.model import STEPS, Clause, Policy, Route, Unit

__all__ = [
    "STEPS",
    "Clause",
    "DatedValue",
    "DeclaredParameters",
    "Parameter",
    "Policy",
    "Route",
    "Unit",
    "load_policy",
]
