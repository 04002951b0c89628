"""Draft → published definition: `x-when`, `x-when-root` and `x-required` become JSON Schema (FORMS §1). Pure.

What a draft says and what it becomes:

- `x-when: <condition>` on a question, a JSON Schema condition on the object that holds the question. Questions with
  the same condition share one entry of the object's `allOf`: `if` the condition, `then` those with `x-required` are
  required, `else` each of them is `false`.
- `x-when-root: <condition>` on a question inside a repeat, a condition on the root of the answers. It becomes an entry
  of the root's `allOf` whose `then` and `else` reach into `properties/<repeat>/items`.
- `x-required: true` on a question with no condition: a name in `required`.
- `x-missing: [dk, …]` on a question whose values are no choices: `if` the answer is one of these codes, `else` the
  question's own keywords. On choices the codes are choices themselves, and nothing is expanded.

Every condition gets `required` beside `properties` at every level (an absent answer would make it true), and the
`type` its keywords speak of ("don't know" would pass `minimum: 15`). Names under a
`not` become required beside the `not`: "not (consent = no)" means that consent was answered. To ask for absence, write
`{"not": {"required": ["consent"]}}`.

The draft keywords stay in the published form, conditions completed, as annotations: a renderer shows a question when
its `x-when` holds for its siblings and its `x-when-root` for the root. Entries made here carry `x-expanded: true`, so
`draft_of` gives the draft back, and compiling a published form changes nothing.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from core.jsonvalue import Json, JsonObject
from forms.canonical import canonical
from forms.definition import DEFAULT_LANGUAGE, Question, questions_of

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_ONE = ("if", "then", "else", "not", "items", "contains", "additionalProperties", "propertyNames")
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
# The type of answer a keyword speaks of; on any other type it says nothing, so a condition would hold.
_SPEAKS_OF = {
    "minimum": "number",
    "maximum": "number",
    "exclusiveMinimum": "number",
    "exclusiveMaximum": "number",
    "multipleOf": "number",
    "minLength": "string",
    "maxLength": "string",
    "pattern": "string",
    "format": "string",
    "contains": "array",
    "items": "array",
    "minItems": "array",
    "maxItems": "array",
}
# Keywords that say what an answer may be; with `x-missing` they move under `else`.
_VALUE = (
    "$ref",
    "type",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
)


def compile_draft(draft: JsonObject) -> dict[str, Any]:
    """Return the definition that is published: the draft with its conditions and requirements expanded.

    Raises:
        NotADefinition: a broken `$ref`.
    """
    document = draft_of(draft)
    document.setdefault("$schema", SCHEMA)
    for holder in _holders(document):
        _expand_siblings(holder)
    _expand_root(document)
    for holder in _holders(document):
        for name, question in holder["properties"].items():
            holder["properties"][name] = _with_missing(question)
    form = document.get("x-form")
    if isinstance(form, dict):
        form.setdefault("default_language", DEFAULT_LANGUAGE)
        form.setdefault("subject", "household")
    return document


def publish_bytes(draft: JsonObject) -> bytes:
    """Return the bytes of the compiled draft; their SHA-256 names the version.

    They are compact UTF-8 JSON in the draft's own order: the order of questions is part of the form, and the sorted
    keys of RFC 8785 would lose it for the questions of groups and of rows.

    Raises:
        NotADefinition: a broken `$ref`.
        NotCanonical: the draft holds what JSON cannot carry.
    """
    document = compile_draft(draft)
    canonical(document)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def answer_validator(document: JsonObject) -> jsonschema_rs.Validator:
    """Return the compiled validator of the answers to a published definition; formats are checked.

    Raises:
        ValueError: the document is no JSON Schema, or refers to something outside itself.
    """
    schema: Any = document
    return jsonschema_rs.validator_for(schema, validate_formats=True, retriever=_refuse)


def _refuse(uri: str) -> Json:
    raise ValueError(f"{uri}: a form refers to nothing outside itself")


def draft_of(document: JsonObject) -> dict[str, Any]:
    """Return the draft of a definition: a copy without what compiling adds. A draft gives an equal draft."""
    draft: dict[str, Any] = _copy(document)
    for holder in _holders(draft):
        members = holder["properties"]
        for name, question in members.items():
            if isinstance(question, dict) and "x-missing" in question and "else" in question:
                own = {key: value for key, value in question.items() if key not in {"if", "else"}}
                members[name] = {**question["else"], **own}
        required = [name for name in holder.get("required", ()) if not _flag(members.get(name), "x-required")]
        entries = [entry for entry in holder.get("allOf", ()) if not _flag(entry, "x-expanded")]
        for keyword, values in (("required", required), ("allOf", entries)):
            holder.pop(keyword, None)
            if values:
                holder[keyword] = values
    return draft


def completed(condition: Json) -> Json:
    """Return a condition with `required` beside `properties` at every level; see the module for `not`."""
    if not isinstance(condition, Mapping):
        return condition
    done = {keyword: _completed_part(keyword, value) for keyword, value in condition.items()}
    answered = [name for name, part in done.get("properties", {}).items() if part is not False]
    names = dict.fromkeys([*done.get("required", ()), *answered, *_names_read(done.get("not"))])
    if names:
        done["required"] = list(names)
    if not {"type", "const", "enum"} & done.keys():
        kinds = {_SPEAKS_OF[keyword] for keyword in done if keyword in _SPEAKS_OF}
        if len(kinds) == 1:
            done["type"] = kinds.pop()
    return done


def _completed_part(keyword: str, value: Json) -> Json:
    if keyword in _ONE:
        return completed(value)
    if keyword in _MANY and isinstance(value, list):
        return [completed(part) for part in value]
    if keyword == "properties" and isinstance(value, Mapping):
        return {name: completed(part) for name, part in value.items()}
    return value


def _names_read(condition: Json) -> Iterator[str]:
    """Yield the names of the answers a condition reads by `properties`, at its own level."""
    if isinstance(condition, Mapping):
        yield from condition.get("properties", {})
        for keyword in ("if", "then", "else", "not"):
            yield from _names_read(condition.get(keyword))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in condition.get(keyword, ()):
                yield from _names_read(part)


def _copy(value: Json) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, (list, tuple)) else value


def _flag(value: Json, keyword: str) -> bool:
    return isinstance(value, Mapping) and value.get(keyword) is True


def _holders(schema: Json) -> Iterator[dict[str, Any]]:
    """Yield every schema whose `properties` are questions: the root, groups, rows of repeats, shared definitions."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict):
        yield schema
        for member in schema["properties"].values():
            yield from _holders(member)
    yield from _holders(schema.get("items"))
    definitions = schema.get("$defs")
    if isinstance(definitions, dict):
        for definition in definitions.values():
            yield from _holders(definition)


def _expand_siblings(holder: dict[str, Any]) -> None:
    """Expand `x-when` and `x-required` of the questions of one object."""
    holder.setdefault("additionalProperties", False)
    required: list[str] = list(holder.get("required", ()))
    groups: list[tuple[Json, list[str], list[str]]] = []
    for name, question in holder["properties"].items():
        if not isinstance(question, dict):
            continue
        for keyword in ("x-when", "x-when-root"):
            if keyword in question:
                question[keyword] = completed(question[keyword])
        must = _flag(question, "x-required") and "x-when-root" not in question
        if "x-when" in question:
            group = next((g for g in groups if g[0] == question["x-when"]), None)
            if group is None:
                group = (question["x-when"], [], [])
                groups.append(group)
            group[1].append(name)
            group[2].extend([name] if must else [])
        elif must:
            required.append(name)
    if required:
        holder["required"] = required
    entries = [_entry(condition, _required(must), _forbidden(names)) for condition, names, must in groups]
    if entries:
        holder["allOf"] = [*holder.get("allOf", ()), *entries]


def _entry(condition: Json, then: Mapping[str, Any] | None, otherwise: Mapping[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"x-expanded": True, "if": _copy(condition)}
    if then:
        entry["then"] = dict(then)
    return entry | {"else": dict(otherwise)}


def _required(names: list[str]) -> dict[str, Any]:
    return {"required": names} if names else {}


def _forbidden(names: list[str]) -> dict[str, Any]:
    return {"properties": dict.fromkeys(names, False)}


def _expand_root(document: dict[str, Any]) -> None:
    """Expand `x-when-root`: entries of the root's `allOf` that reach into the repeats."""
    groups: dict[tuple[bytes, tuple[str, ...]], list[Question]] = {}
    for root in questions_of(document):
        for question in root.walk():
            if "x-when-root" in question.schema:
                key = (canonical(question.schema["x-when-root"]), question.path[:-1])
                groups.setdefault(key, []).append(question)
    entries = []
    for (_, above), questions in groups.items():
        parts = list(_required_of(questions))
        then = parts[0] if len(parts) == 1 else {"allOf": parts}
        otherwise = _forbidden([question.name for question in questions])
        entries.append(
            _entry(
                questions[0].schema["x-when-root"],
                _reach(above, then) if parts else None,
                _reach(above, otherwise),
            )
        )
    if entries:
        document["allOf"] = [*document.get("allOf", ()), *entries]


def _required_of(questions: list[Question]) -> Iterator[dict[str, Any]]:
    must = [question for question in questions if _flag(question.schema, "x-required")]
    if plain := [question.name for question in must if "x-when" not in question.schema]:
        yield _required(plain)
    for question in must:
        if "x-when" in question.schema:
            yield {"if": _copy(question.schema["x-when"]), "then": _required([question.name])}


def _reach(path: tuple[str, ...], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema applied at a path of the answers."""
    for part in reversed(path):
        schema = {"items": schema} if part == "*" else {"properties": {part: schema}}
    return schema


def _with_missing(question: Json) -> Json:
    """Return a question whose values are no choices with its codes for missing answers let in."""
    if not isinstance(question, dict) or not question.get("x-missing") or "else" in question:
        return question
    value = {key: question[key] for key in _VALUE if key in question}
    if "enum" in question or not value:
        return question
    rest = {key: item for key, item in question.items() if key not in value}
    return {**rest, "if": {"enum": list(question["x-missing"])}, "else": value}
