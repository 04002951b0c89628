"""The built-in forms, as drafts: one YAML file a form, Chinese first."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def drafts() -> Mapping[str, Mapping[str, Any]]:
    """Return the built-in drafts by form id. Read them, do not change them."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(files("forms.catalogue").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            document = yaml.safe_load(file.read_text(encoding="utf-8"))
            if isinstance(document, Mapping) and "x-form" in document:
                found[str(document["x-form"]["form_id"])] = document
    return found
