"""The dictionary of facts, read once from `facts.yaml`."""

from functools import cache
from importlib.resources import files

import yaml

from forms.facts import FactDictionary


@cache
def dictionary() -> FactDictionary:
    """Return the dictionary of facts."""
    text = files("ledger").joinpath("facts.yaml").read_text(encoding="utf-8")
    return FactDictionary.from_document(yaml.safe_load(text))
