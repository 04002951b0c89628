"""A published form version: its bytes, and the questions in them as a typed tree.

A form version is one JSON Schema 2020-12 document named by the SHA-256 of its bytes (FORMS §1, §2). The tree is what
the rest of Ruhu reads: nobody else walks `properties`, `items` and `$ref`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.jsonvalue import Json, JsonObject, loads

DEFAULT_LANGUAGE = "zh-Hans"
MAX_DEPTH = 8
"""How many arrays and groups a question may lie in; more is refused at publication."""

_HOPS = 32
# Answers made by a device as a whole: what is inside is no question.
_DEVICE_WIDGETS = frozenset({"gps", "camera"})
JSON_TYPES: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


class NotADefinition(ValueError):  # noqa: N818 - says what the document is
    """The bytes are not a form definition; the message says why."""


def escape(name: str) -> str:
    """Return a name as one token of a JSON Pointer (RFC 6901 §3)."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer(parts: Sequence[str | int]) -> str:
    """Return the JSON Pointer of a path; the whole document is the empty text."""
    return "".join(f"/{escape(str(part))}" for part in parts)


def resolve(document: JsonObject, schema: Json) -> JsonObject:
    """Return a question's schema with what it refers to merged in; its own keywords prevail.

    Follows `$ref` into the document's own `$defs`, and opens the encoding of `x-missing` (see `forms.compile`).

    Raises:
        NotADefinition: a `$ref` that leads out of the document, nowhere, or in a circle.
    """
    merged: dict[str, Any] = dict(schema) if isinstance(schema, Mapping) else {}
    for _ in range(_HOPS):
        if "x-missing" in merged and isinstance(merged.get("else"), Mapping):
            inner = merged["else"]
            merged = {**inner, **{k: v for k, v in merged.items() if k not in {"if", "then", "else"}}}
        elif "$ref" in merged:
            target = _target(document, merged.pop("$ref"))
            merged = {**target, **merged}
        else:
            return merged
    raise NotADefinition("a $ref leads back to itself")


def _target(document: JsonObject, ref: Json) -> JsonObject:
    if not isinstance(ref, str) or not ref.startswith("#/$defs/"):
        raise NotADefinition(f"$ref {ref!r}: only #/$defs/<name> of the same document may be referred to")
    target = document.get("$defs", {}).get(ref.removeprefix("#/$defs/"))
    if not isinstance(target, Mapping):
        raise NotADefinition(f"$ref {ref!r} leads nowhere")
    return target


def text_in(texts: Mapping[str, str], language: str) -> str:
    """Return a text in a language, else in zh-Hans, else in any language there is."""
    return texts.get(language) or texts.get(DEFAULT_LANGUAGE) or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Question:
    """One question, group of questions or repeat.

    Attributes:
        name: its key in the answers.
        path: names from the root of the answers; `*` stands for the rows of a repeat.
        schema: its schema with `$ref` merged in (see `resolve`).
        kind: JSON type of the answer: string, number, integer, boolean, array, object; empty when it has none.
        level: entity whose facts are stated here: `household`, `person`, `site`, `banner`, `spell:<kind>` or
            `record:<kind>`.
        fact: (level, name) of the fact it states, None if none.
        entity: of a repeat: the entity each row is; of a group: the record that it is; None if none.
        key: of a repeat: name of the question that identifies the row (`x-repeat.x-key`).
        missing: answers that say why there is none (`x-missing`): no fact.
        children: questions of the group, or of each row of the repeat.
        entries: `x-choices` of the question, or of its elements when several may be chosen.
        told: its children that tell the ledger something.
    """

    name: str
    path: tuple[str, ...]
    schema: JsonObject = field(repr=False)
    kind: str
    level: str
    fact: tuple[str, str] | None = None
    entity: str | None = None
    key: str | None = None
    missing: frozenset[str] = frozenset()
    children: tuple["Question", ...] = ()
    entries: tuple[JsonObject, ...] = field(default=(), repr=False)
    told: tuple["Told", ...] = field(default=(), compare=False, repr=False)

    def title(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the question's words; its name when it has none."""
        return (
            text_in(self.schema.get("x-i18n-title", {}), language)
            or self.schema.get("title", "")
            or self.name
        )

    def choices(self) -> Mapping[str, Mapping[str, str]]:
        """Return value → labels by language of what may be chosen, for one choice or several; values as JSON text."""
        return {
            value if isinstance(value := entry["const"], str) else json.dumps(value): entry.get(
                "x-i18n-title", {}
            )
            for entry in self.entries
        }

    def walk(self) -> Iterator["Question"]:
        """Yield this question and all inside it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


Told = tuple[str, str | None, frozenset[str], Question]
"""A question as extraction reads it: its name, the fact it states, its `x-missing`, and the question."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name, words by language, and names of root questions in order."""

    name: str
    title: Mapping[str, str]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A form version, which never changes.

    Attributes:
        sha256: SHA-256 of `raw`, lower-case hexadecimal: its name.
        form_id, version: what `x-form` says; (form_id, version) is unique in a repository.
        raw: the published bytes.
        document: `raw`, parsed. Not to be changed.
        title: words by language.
        languages: BCP 47 tags, the default language first.
        subject: `household`, `person`, `site` or `banner`.
        pages: in order.
        questions: questions of the root, in order.
        told: those of them that tell the ledger something.
    """

    sha256: str
    form_id: str = field(compare=False)
    version: str = field(compare=False)
    raw: bytes = field(compare=False, repr=False)
    document: JsonObject = field(compare=False, repr=False)
    title: Mapping[str, str] = field(compare=False, repr=False)
    languages: tuple[str, ...] = field(compare=False, repr=False)
    subject: str = field(compare=False, repr=False)
    pages: tuple[Page, ...] = field(compare=False, repr=False)
    questions: tuple[Question, ...] = field(compare=False, repr=False)
    told: tuple[Told, ...] = field(compare=False, repr=False)
    _by_path: Mapping[tuple[str, ...], Question] = field(compare=False, repr=False)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "FormVersion":
        """Read a published definition.

        Raises:
            NotADefinition: the bytes are not JSON or not a form definition.
        """
        try:
            document = loads(raw)
        except ValueError as error:
            raise NotADefinition(str(error)) from error
        form = document.get("x-form") if isinstance(document, Mapping) else None
        if not isinstance(form, Mapping) or not {"form_id", "version", "languages"} <= form.keys():
            raise NotADefinition("x-form with form_id, version and languages is missing")
        questions = questions_of(document)
        return cls(
            sha256=hashlib.sha256(raw).hexdigest(),
            form_id=str(form["form_id"]),
            version=str(form["version"]),
            raw=raw,
            document=document,
            title=document.get("x-i18n-title", {}),
            languages=_languages(form),
            subject=str(form.get("subject", "household")),
            pages=tuple(_page(page) for page in document.get("x-pages", ())),
            questions=questions,
            told=_told(questions),
            _by_path={q.path: q for root in questions for q in root.walk()},
        )

    def walk(self) -> Iterator[Question]:
        """Yield every question, in order, groups and repeats before what is inside them."""
        for question in self.questions:
            yield from question.walk()

    def question_at(self, parts: Sequence[str | int]) -> Question | None:
        """Return the question that a path into the answers names, or the nearest around it; rows are integers."""
        path = tuple("*" if isinstance(part, int) else part for part in parts)
        while path:
            if (question := self._by_path.get(path)) is not None:
                return question
            path = path[:-1]
        return None


def entry_level(version: FormVersion) -> str:
    """Return what ledger entry a form is about: `household`, `site` or `banner`."""
    level = root_level(version.document)
    return level if level in {"site", "banner"} else "household"


def questions_of(document: JsonObject) -> tuple[Question, ...]:
    """Return the questions of a definition or draft as a tree.

    Raises:
        NotADefinition: a broken `$ref`, or questions deeper than `MAX_DEPTH`.
    """
    return _members(document, document, (), root_level(document))


def root_level(document: JsonObject) -> str:
    """Return the entity whose facts are stated at the root: the entry that the form is about, unless it says more."""
    declared, form = document.get("x-entity"), document.get("x-form")
    if isinstance(declared, str):
        return declared
    subject = form.get("subject") if isinstance(form, Mapping) else None
    return str(subject) if subject in {"site", "banner"} else "household"


def is_part(level: str) -> bool:
    """Tell whether a level is that of a spell or a record: their facts are named without it."""
    return ":" in level


def _members(
    document: JsonObject, schema: JsonObject, path: tuple[str, ...], level: str
) -> tuple[Question, ...]:
    if len(path) > 2 * MAX_DEPTH:
        raise NotADefinition(f"questions nest deeper than {MAX_DEPTH} at {pointer(path)}")
    members = schema.get("properties", {})
    if not isinstance(members, Mapping):
        return ()
    return tuple(_question(document, str(name), member, path, level) for name, member in members.items())


def _question(document: JsonObject, name: str, member: Json, above: tuple[str, ...], level: str) -> Question:
    schema = resolve(document, member)
    path, kind, entity = (*above, name), _kind(schema), schema.get("x-entity")
    children: tuple[Question, ...] = ()
    entries = schema.get("x-choices", ())
    if kind == "array":
        row = resolve(document, schema.get("items"))
        entries = entries or row.get("x-choices", ())
        children = _members(document, row, (*path, "*"), entity if isinstance(entity, str) else level)
    elif kind == "object" and schema.get("x-widget") not in _DEVICE_WIDGETS:
        children = _members(document, schema, path, entity if isinstance(entity, str) else level)
    repeat = schema.get("x-repeat")
    return Question(
        name=name,
        path=path,
        schema=schema,
        kind=kind,
        level=level,
        fact=_fact(schema.get("x-fact"), level),
        entity=entity if isinstance(entity, str) else None,
        key=repeat.get("x-key") if isinstance(repeat, Mapping) else None,
        missing=frozenset(schema.get("x-missing", ())),
        children=children,
        entries=tuple(entries),
        told=_told(children),
    )


def _told(questions: Sequence[Question]) -> tuple[Told, ...]:
    """Return the questions that state a fact of their own level, or hold others that may."""
    told: list[Told] = []
    for question in questions:
        if question.fact is None:
            if question.children or question.entity is not None:
                told.append((question.name, None, question.missing, question))
        elif question.fact[0] == question.level:
            told.append((question.name, question.fact[1], question.missing, question))
    return tuple(told)


def _kind(schema: JsonObject) -> str:
    """Return the JSON type of the answers; from the choices when no type is given."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    kinds = {JSON_TYPES.get(type(value), "") for value in schema.get("enum", ())}
    return kinds.pop() if len(kinds) == 1 else ""


def _fact(declared: Json, level: str) -> tuple[str, str] | None:
    """Return (level, name): in a spell or record the declaration is the bare field name, else `<level>.<name>`."""
    if not isinstance(declared, str):
        return None
    if is_part(level):
        return (level, declared)
    head, _, name = declared.partition(".")
    return (head, name)


def _languages(form: JsonObject) -> tuple[str, ...]:
    languages = [str(tag) for tag in form["languages"]]
    first = form.get("default_language", DEFAULT_LANGUAGE)
    return tuple(sorted(languages, key=lambda tag: tag != first))


def _page(page: JsonObject) -> Page:
    return Page(str(page["page"]), page.get("x-i18n-title", {}), tuple(page.get("items", ())))
