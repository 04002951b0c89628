"""What can be wrong with the structure of a definition: one generator a fault, each yielding where and what.

Each takes a `Draft` and yields `(JSON Pointer, details for the message)`. The table that names them is
`forms.checks.CHECKS`. They run on a document whose shape `vocabulary.schema.json` accepts.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.jsonvalue import Json, JsonObject
from forms.compile import SCHEMA
from forms.definition import escape
from forms.facts import FactDictionary
from forms.places import Holder, Place, places

Fault = tuple[str, dict[str, Any]]
Faults = Iterator[Fault]

FORMATS = frozenset({"date", "date-time", "uuid"})
"""Formats that every validator in use judges alike."""

KEYWORDS = frozenset(
    {
        "$schema",
        "$id",
        "$ref",
        "$defs",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "type",
        "enum",
        "const",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "prefixItems",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "propertyNames",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "dependentRequired",
        "x-form",
        "x-pages",
        "x-i18n-title",
        "x-i18n-hint",
        "x-i18n-error",
        "x-choices",
        "x-choices-filter",
        "x-widget",
        "x-repeat",
        "x-when",
        "x-when-root",
        "x-required",
        "x-calc",
        "x-check",
        "x-fact",
        "x-entity",
        "x-prefill",
        "x-pii",
        "x-standard",
        "x-ddi",
        "x-missing",
        "x-upcast",
        "x-expanded",
        "x-relevant",
    }
)
_CONDITIONS = frozenset({"if", "then", "else", "not", "contains", "allOf", "anyOf", "oneOf"})
_BANNED = frozenset({"id", "$id", "$ref", "$anchor"})
_NESTED = re.compile(r"\((?:[^()\\\[+*]|\\.|\[(?:[^\]\\]|\\.)*\])*[+*][^()]*\)(?:[+*]|\{[0-9]+,)")
"""A repetition of repetitions, as `(a+)+`: on a text that nearly fits, some validators try each way to divide it."""
_UNPORTABLE = re.compile(r"\\[dDwWsSbBpPAZzGkKNuUx0]|\(\?(?!:)")
_WIDGETS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"string"}),
    "textarea": frozenset({"string"}),
    "number": frozenset({"number", "integer"}),
    "checkboxes": frozenset({"array"}),
    "date": frozenset({"string"}),
    "month": frozenset({"string"}),
    "gps": frozenset({"object"}),
    "camera": frozenset({"object", "array"}),
    "repeat": frozenset({"array"}),
}


@dataclass(frozen=True)
class Draft:
    """A definition under check, and the dictionary its facts must be in."""

    document: JsonObject
    dictionary: FactDictionary

    @cached_property
    def _all(self) -> tuple[Holder | Place, ...]:
        return tuple(places(self.document))

    @cached_property
    def holders(self) -> tuple[Holder, ...]:
        """Every object of the answers."""
        return tuple(item for item in self._all if isinstance(item, Holder))

    @cached_property
    def questions(self) -> tuple[Place, ...]:
        """Every question."""
        return tuple(item for item in self._all if isinstance(item, Place))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages the form is written in."""
        return tuple(self.document["x-form"]["languages"])


def schemas(value: Json, where: str = "") -> Iterator[tuple[str, JsonObject]]:
    """Yield every schema of a definition that is not inside an x- keyword, with its JSON Pointer."""
    if not isinstance(value, Mapping):
        return
    yield where, value
    for keyword in ("properties", "$defs"):
        for name, part in _mapping(value.get(keyword)).items():
            yield from schemas(part, f"{where}/{keyword}/{escape(name)}")
    for keyword in ("items", "contains", "not", "if", "then", "else", "additionalProperties"):
        yield from schemas(value.get(keyword), f"{where}/{keyword}")
    for keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for index, part in enumerate(value.get(keyword, ())):
            yield from schemas(part, f"{where}/{keyword}/{index}")


def _mapping(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def keyword_unknown(draft: Draft) -> Faults:
    """A keyword that neither JSON Schema nor the vocabulary knows: most likely a slip."""
    for where, schema in schemas(draft.document):
        for keyword in schema:
            if keyword not in KEYWORDS:
                yield f"{where}/{escape(keyword)}", {"keyword": keyword}


def dialect(draft: Draft) -> Faults:
    """Another dialect than 2020-12."""
    if draft.document.get("$schema", SCHEMA) != SCHEMA:
        yield "/$schema", {}


def id_not_https(draft: Draft) -> Faults:
    """An `$id` that is no https address, or one that is not at the root."""
    for where, schema in schemas(draft.document):
        if "$id" in schema and (where or not str(schema["$id"]).startswith("https://")):
            yield f"{where}/$id", {}


def if_without_required(draft: Draft) -> Faults:
    """An `if` that an absent answer would meet."""
    for where, schema in schemas(draft.document):
        if _stands_in(where, {"if"}) and isinstance(schema.get("properties"), Mapping):
            answered = {name for name, part in schema["properties"].items() if part is not False}
            for name in sorted(answered - set(schema.get("required", ()))):
                yield where, {"name": name}


def banned_key(draft: Draft) -> Faults:
    """A key inside an x- object that some validators would follow."""
    for where, schema in schemas(draft.document):
        for keyword, value in schema.items():
            if keyword.startswith("x-"):
                yield from _banned(value, f"{where}/{escape(keyword)}")


def _banned(value: Json, where: str) -> Faults:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in _BANNED:
                yield f"{where}/{escape(key)}", {"key": key}
            yield from _banned(part, f"{where}/{escape(key)}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _banned(part, f"{where}/{index}")


def choices_unequal(draft: Draft) -> Faults:
    """Labels that are not those of the values: `enum` and `x-choices` differ, or one is missing, or one is double."""
    for where, schema in schemas(draft.document):
        if _stands_in(where, _CONDITIONS) or not {"enum", "x-choices"} & schema.keys():
            continue
        labelled = [entry["const"] for entry in schema.get("x-choices", ())]
        values = list(schema.get("enum", ()))
        kinds = {repr(value) for value in values}
        if (
            {repr(value) for value in labelled} != kinds
            or len(labelled) != len(kinds)
            or len(values) != len(kinds)
        ):
            yield where, {"values": values, "labelled": labelled}


def _stands_in(where: str, keywords: AbstractSet[str]) -> bool:
    """Tell whether a schema lies under one of these keywords; names of questions are no keywords."""
    parts = where.split("/")
    return any(
        part in keywords and before not in {"properties", "$defs"}
        for before, part in itertools.pairwise(parts)
    )


def language_missing(draft: Draft) -> Faults:
    """zh-Hans is not among the languages, or a title or choice lacks one of them."""
    if "zh-Hans" not in draft.languages:
        yield "/x-form/languages", {"language": "zh-Hans"}
    for where, texts in _texts(draft):
        for language in ("zh-Hans", *draft.languages):
            if language not in texts:
                yield where, {"language": language}


def _texts(draft: Draft) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield every text that is shown, with its pointer; a question's title even when it is missing."""
    yield "/x-i18n-title", draft.document.get("x-i18n-title", {})
    for index, page in enumerate(draft.document["x-pages"]):
        yield f"/x-pages/{index}/x-i18n-title", page["x-i18n-title"]
    for place in draft.questions:
        yield f"{place.where}/x-i18n-title", place.schema.get("x-i18n-title", {})
    for where, schema in schemas(draft.document):
        for keyword in ("x-i18n-hint", "x-i18n-error"):
            if keyword in schema:
                yield f"{where}/{keyword}", schema[keyword]
        for index, entry in enumerate(schema.get("x-choices", ())):
            yield f"{where}/x-choices/{index}/x-i18n-title", entry["x-i18n-title"]
        for index, entry in enumerate(schema.get("x-check", ())):
            yield f"{where}/x-check/{index}/x-i18n-error", entry["x-i18n-error"]
        if "x-i18n-add" in schema.get("x-repeat", {}):
            yield f"{where}/x-repeat/x-i18n-add", schema["x-repeat"]["x-i18n-add"]


def page_item_unknown(draft: Draft) -> Faults:
    """A page shows what is no question."""
    for index, page in enumerate(draft.document["x-pages"]):
        for position, name in enumerate(page["items"]):
            if name not in draft.document["properties"]:
                yield f"/x-pages/{index}/items/{position}", {"name": name}


def page_not_one(draft: Draft) -> Faults:
    """A question on no page or on several, or two pages of one name."""
    shown = Counter(name for page in draft.document["x-pages"] for name in page["items"])
    for name in draft.document["properties"]:
        if shown[name] != 1:
            yield f"/properties/{escape(name)}", {"name": name, "count": shown[name]}
    for name, count in Counter(page["page"] for page in draft.document["x-pages"]).items():
        if count > 1:
            yield "/x-pages", {"name": name, "count": count}


def name_unfit(draft: Draft) -> Faults:
    """A name that expressions and exports cannot carry."""
    for place in draft.questions:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", place.name):
            yield place.where, {"name": place.name}


def required_unknown(draft: Draft) -> Faults:
    """`required` names what is no question, or one that is asked only under a condition."""
    for holder in draft.holders:
        members = holder.schema["properties"]
        for name in holder.schema.get("required", ()):
            member = members.get(name)
            if name not in members or {"x-when", "x-when-root"} & _mapping(member).keys():
                yield f"{holder.where}/required", {"name": name}


def condition_misplaced(draft: Draft) -> Faults:
    """A condition on what is no question: a shared definition or a row."""
    homes = {place.where for place in draft.questions}
    for where, schema in schemas(draft.document):
        for keyword in ("x-when", "x-when-root", "x-required"):
            if keyword in schema and where not in homes and not re.search(r"/properties/[^/]+$", where):
                yield f"{where}/{keyword}", {"keyword": keyword}
    for place in draft.questions:
        if "x-when-root" in place.schema and not place.holder.path:
            yield f"{place.where}/x-when-root", {"keyword": "x-when-root"}


def open_object(draft: Draft) -> Faults:
    """An object that lets unknown answers in."""
    for holder in draft.holders:
        if holder.schema.get("additionalProperties", False) is not False:
            yield f"{holder.where}/additionalProperties", {}


def format_unknown(draft: Draft) -> Faults:
    """A format that validators judge differently or not at all."""
    for where, schema in schemas(draft.document):
        if "format" in schema and schema["format"] not in FORMATS:
            yield f"{where}/format", {"format": schema["format"], "formats": ", ".join(sorted(FORMATS))}


def pattern_unportable(draft: Draft) -> Faults:
    r"""A pattern whose meaning or time differs between validators: `\d`, `\w`, `\s`, look-around, flags, `(a+)+`."""
    for where, schema in schemas(draft.document):
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and (_unportable(pattern) or not _compiles(pattern)):
            yield f"{where}/pattern", {"pattern": pattern}


def _unportable(pattern: str) -> bool:
    return bool(_UNPORTABLE.search(pattern) or _NESTED.search(pattern))


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def widget_unfit(draft: Draft) -> Faults:
    """A widget that cannot give an answer of the question's type."""
    for place in draft.questions:
        widget, kind = place.schema.get("x-widget"), place.schema.get("type")
        if isinstance(kind, str) and kind not in _WIDGETS.get(str(widget), {kind}):
            yield f"{place.where}/x-widget", {"widget": widget, "kind": kind}
        if widget in {"radio", "select"} and "enum" not in place.schema:
            yield f"{place.where}/x-widget", {"widget": widget, "kind": "not a choice"}


def missing_unfit(draft: Draft) -> Faults:
    """`x-missing` names a code that is not among the question's own choices, or stands on a repeat."""
    for place in draft.questions:
        own = _mapping(place.own)
        if not own.get("x-missing"):
            continue
        absent = [code for code in own["x-missing"] if "enum" in own and code not in own["enum"]]
        if absent or "x-entity" in place.schema:
            yield f"{place.where}/x-missing", {"codes": ", ".join(absent or own["x-missing"])}


def upcast_target_unknown(draft: Draft) -> Faults:
    """`x-upcast` moves an answer to where no question is."""
    known = {(*place.holder.path, place.name) for place in draft.questions}
    for index, step in enumerate(draft.document.get("x-upcast", {}).get("steps", ())):
        target: tuple[str, ...] | None = None
        if "rename" in step:
            target = (*step["rename"].split("/")[1:-1], step["to"])
        elif "move" in step or "recode" in step:
            target = tuple(str(step.get("to", step.get("recode"))).split("/")[1:])
        if target is not None and target not in known:
            yield f"/x-upcast/steps/{index}", {"path": "/" + "/".join(target)}
