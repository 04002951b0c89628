"""Why an answer set is refused: the errors of pure-Python `jsonschema`, as stable codes at answer paths.

It runs only when the gate has said no. It reads the same schema; its `pattern` ends at the end of the text, as in
ECMA-262, where Python's `$` would let a line break pass.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from core.jsonvalue import Json, JsonObject
from forms.definition import DEFAULT_LANGUAGE

CODES = {
    "type": "type",
    "enum": "not-a-choice",
    "const": "not-a-choice",
    "minimum": "too-small",
    "exclusiveMinimum": "too-small",
    "maximum": "too-large",
    "exclusiveMaximum": "too-large",
    "minLength": "too-short",
    "maxLength": "too-long",
    "pattern": "pattern",
    "format": "format",
    "multipleOf": "step",
    "minItems": "too-few",
    "maxItems": "too-many",
    "uniqueItems": "repeated",
}
"""Issue code by the JSON Schema keyword that was not met; any other keyword is `invalid`."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One schema error: stable code, path into the answers, the bound that was crossed."""

    code: str
    path: Path
    limit: Json


@cache
def ecma(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the portable subset (see `forms.checks`): `$` means the end of the text, as in ECMA-262."""
    ends = pattern.endswith("$") and not pattern.endswith("\\$")
    return re.compile(pattern[:-1] + r"\Z" if ends else pattern, re.ASCII)


def _pattern(_validator: Any, pattern: str, instance: Json, _schema: JsonObject) -> Iterator[ValidationError]:
    if isinstance(instance, str) and ecma(pattern).search(instance) is None:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _properties(
    validator: Any, properties: JsonObject, instance: Json, _schema: JsonObject
) -> Iterator[ValidationError]:
    """As jsonschema's own, which leaves the name out of the error's path when the schema is `false`."""
    if not isinstance(instance, dict):
        return
    for name, schema in properties.items():
        if name not in instance:
            continue
        if schema is False:
            yield ValidationError(f"{name} is not relevant", path=(name,))
        else:
            yield from validator.descend(instance[name], schema, path=name, schema_path=name)


Reference: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]  # jsonschema does not annotate it
    Draft202012Validator, {"pattern": _pattern, "properties": _properties}
)
"""The pure-Python validator class that the gate must agree with."""


class Explainer:
    """Explains what one schema refuses."""

    def __init__(self, schema: JsonObject) -> None:
        self.validator = Reference(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    def explain(self, answers: Json, limit: int) -> Iterator[Wrong]:
        """Yield at most `limit` different errors; the validator looks no further."""
        return islice(self._different(answers), limit)

    def _different(self, answers: Json) -> Iterator[Wrong]:
        seen: set[tuple[str, Path]] = set()
        for error in self.validator.iter_errors(answers):
            for wrong in _read(error):
                if (wrong.code, wrong.path) not in seen:
                    seen.add((wrong.code, wrong.path))
                    yield wrong


def _read(error: ValidationError) -> Iterator[Wrong]:
    path: Path = tuple(error.absolute_path)
    given: Any = error.instance
    schema: Any = error.schema
    value: Any = error.validator_value
    if error.validator == "required":
        for name in value:
            if name not in given:
                yield Wrong("required", (*path, name), None)
    elif error.validator == "additionalProperties":
        for name in given:
            if name not in schema.get("properties", {}):
                yield Wrong("unknown-question", (*path, name), None)
    elif error.validator in {None, "properties"}:  # the schema `false`, which stands under `else`
        yield Wrong("not-relevant", path, None)
    else:
        yield Wrong(CODES.get(str(error.validator), "invalid"), path, value)


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    text = files("forms").joinpath("messages.yaml").read_text(encoding="utf-8")
    catalogue: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return catalogue


def message(code: str, language: str, *, title: str, limit: Json = None, choices: str = "") -> str:
    """Return the catalogue's message of an issue code, in the language or in zh-Hans."""
    texts = _catalogue()["invalid" if code == "not-a-choice" and not choices else code]
    return (texts.get(language) or texts[DEFAULT_LANGUAGE]).format(title=title, limit=limit, choices=choices)
