"""Facts: what answers state about the ledger (FORMS §4), as values that know nothing of questions.

`Row` is a tree: one household row, in it person rows, in them spell rows. Interviews, roster rows and office
corrections all become rows; the fold reads rows only. `FactDictionary` says which facts there are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from core.jsonvalue import Json


class FactType(StrEnum):
    """What a fact's value is."""

    TEXT = "text"
    DATE = "date"
    CODE = "code"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    PLACE = "place"
    IDENTIFIER = "identifier"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One entry of the dictionary `ledger/facts.yaml`.

    Attributes:
        level: `household`, `person` or `spell:<kind>`.
        name: the fact's name within its level, such as `birth_date`.
        type: see `FactType`.
        labels: text by language tag.
        codes: for `code` and `codes`: value → labels by language tag.
        constant: a true value never changes, so two values are a contradiction.
        clauses: clauses of the notice that use it.
        standard: code list and edition.
        pii: `identifier`, `contact`, `sensitive` or None; a question that states it says the same in `x-pii`.
    """

    level: str
    name: str
    type: FactType
    labels: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constant: bool = False
    clauses: tuple[str, ...] = ()
    standard: str | None = None
    pii: str | None = None


@dataclass(frozen=True, slots=True)
class FactDictionary:
    """Every fact by (level, name), and the kinds of spell."""

    facts: Mapping[tuple[str, str], FactSpec]
    spell_kinds: Mapping[str, Mapping[str, str]]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "FactDictionary":
        """Read the parsed YAML: `levels: {household: {...}, person: {...}}`, `spells: {kind: {labels, fields}}`.

        Each spell kind also gives two facts of the person: `<kind>.now` (yes, no, unknown: as of the interview's
        day) and `<kind>.history_from` (the listed spells are complete from this day to the interview's day).
        """
        facts: dict[tuple[str, str], FactSpec] = {}

        def add(level: str, name: str, entry: Mapping[str, Any]) -> None:
            labels = {"zh-Hans": entry["zh"], "en": entry["en"]}
            codes = {str(c): {"zh-Hans": t["zh"], "en": t["en"]} for c, t in entry.get("codes", {}).items()}
            facts[level, name] = FactSpec(
                level,
                name,
                FactType(entry["type"]),
                labels,
                codes,
                bool(entry.get("constant")),
                tuple(entry.get("clauses", ())),
                entry.get("standard"),
                entry.get("pii"),
            )

        for level, entries in document["levels"].items():
            for name, entry in entries.items():
                add(level, name, entry)
        kinds = {}
        for kind, spell in document["spells"].items():
            kinds[kind] = {"zh-Hans": spell["zh"], "en": spell["en"]}
            for name, entry in spell["fields"].items():
                add(f"spell:{kind}", name, entry)
            for suffix, entry in document["track_facts"].items():
                private = {"pii": spell.get("pii")} if suffix == "now" else {}
                labelled = (
                    entry | private | {"zh": spell["zh"] + entry["zh"], "en": f"{spell['en']}: {entry['en']}"}
                )
                add("person", f"{kind}.{suffix}", labelled)
        return cls(facts, kinds)

    def get(self, level: str, name: str) -> FactSpec | None:
        """Return the entry of a fact, or None if there is no such fact."""
        return self.facts.get((level, name))


class Row(NamedTuple):
    """What one part of an answer set states about one entity.

    Attributes:
        entity: `household`, `person` or `spell:<kind>`.
        key: the entity's identity (person id, spell key); None for the household.
        facts: fact name → JSON value as answered. Names carry no level prefix.
        rows: rows inside this one (persons in the household, spells in a person).
        pointer: JSON Pointer (RFC 6901) of the answer it came from.
    """

    entity: str
    key: str | None
    facts: Mapping[str, Json]
    rows: tuple["Row", ...] = ()
    pointer: str = ""

    def of(self, entity: str) -> Iterator["Row"]:
        """Yield the rows directly inside whose entity is `entity` or begins with `entity` + ':'."""
        for row in self.rows:
            if row.entity == entity or row.entity.startswith(entity + ":"):
                yield row

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Row":
        """Read a row from JSON `{"entity", "key", "facts", "rows", "pointer"}` (registry and correction ops).

        Raises:
            KeyError, TypeError, AttributeError: the document is not a row.
        """
        key = document.get("key")
        return cls(
            str(document["entity"]),
            None if key is None else str(key),
            dict(document.get("facts", {})),
            tuple(cls.from_json(child) for child in document.get("rows", ())),
            str(document.get("pointer", "")),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON that `from_json` reads."""
        document: dict[str, Any] = {"entity": self.entity, "key": self.key, "facts": dict(self.facts)}
        if self.rows:
            document["rows"] = [row.to_json() for row in self.rows]
        if self.pointer:
            document["pointer"] = self.pointer
        return document
