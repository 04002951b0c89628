"""All rules: every module of `validators/rules` is imported, and must declare the one rule it is named after."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import validators.rules
from validators.rule import REGISTRY, Rule


@cache
def all_rules() -> Mapping[str, Rule]:
    """Import every rule module once and return the rules by id, sorted.

    Modules that begin with an underscore hold what the rules of an area share.

    Raises:
        ImportError: a module cannot be imported, or does not declare the rule of its name.
    """
    rules: dict[str, Rule] = {}
    for module in pkgutil.walk_packages(validators.rules.__path__, "validators.rules."):
        *_, area, name = module.name.split(".")
        if module.ispkg or name.startswith("_"):
            continue
        importlib.import_module(module.name)
        rule_id = f"{area}/{name.replace('_', '-')}"
        if rule_id not in REGISTRY:
            msg = f"{module.name} must declare the rule {rule_id}"
            raise ImportError(msg)
        rules[rule_id] = REGISTRY[rule_id]
    return dict(sorted(rules.items()))
