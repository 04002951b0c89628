"""Facts: what answers state about the ledger (FORMS §4), as values that know nothing of questions.

`Row` is a tree: one row of the entry (household, site or banner), in it rows of persons, spells and records, in the
persons' rows those of their spells and records. Interviews, roster rows and office corrections all become rows; the
fold reads rows only. `FactDictionary` says which facts there are.
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
        level: `household`, `person`, `site`, `banner`, `spell:<kind>` or `record:<kind>`.
        name: the fact's name within its level, such as `birth_date`.
        type: see `FactType`.
        labels: text by language tag.
        codes: for `code` and `codes`: value → labels by language tag.
        constant: a true value never changes, so two values are a contradiction.
        clauses: clauses of the notice that use it.
        standard: code list and edition.
        pii: `identifier`, `contact`, `sensitive` or None; a question that states it says the same in `x-pii`.
        history: the ledger keeps each change of it, not the latest value alone.
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
    history: bool = False


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """One kind of record: a thing that is no state over days, such as a dwelling, a plot, a training.

    Attributes:
        kind: such as `old_house`.
        level: whose it is: `household`, `person`, `site` or `banner`.
        labels: text by language tag.
        identity: names of the facts that make two rows one record whatever their keys; empty: its owner has one of
            this kind; None: rows are told apart by their keys.
        pii: as of a fact; None if there is nothing personal in having one.
    """

    kind: str
    level: str
    labels: Mapping[str, str]
    identity: tuple[str, ...] | None = None
    pii: str | None = None


@dataclass(frozen=True, slots=True)
class FactDictionary:
    """Every fact by (level, name), and the kinds of spell and of record.

    Attributes:
        facts: by level and name.
        spell_kinds: labels by kind.
        spell_levels: whose the spells of a kind are: `person` or `household`.
        records: by kind.
    """

    facts: Mapping[tuple[str, str], FactSpec]
    spell_kinds: Mapping[str, Mapping[str, str]]
    spell_levels: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, RecordSpec] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "FactDictionary":
        """Read the parsed YAML: `levels: {household: {...}, …}`, `spells` and `records: {kind: {labels, fields}}`.

        Each spell kind also gives two facts of whom it is of, a person unless its `level` says `household`:
        `<kind>.now` (yes, no, unknown: as of the interview's day) and `<kind>.history_from` (the listed spells are
        complete from this day to the interview's day).
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
                bool(entry.get("history")),
            )

        for level, entries in document["levels"].items():
            for name, entry in entries.items():
                add(level, name, entry)
        kinds, levels = {}, {}
        for kind, spell in document["spells"].items():
            kinds[kind] = {"zh-Hans": spell["zh"], "en": spell["en"]}
            levels[kind] = spell.get("level", "person")
            for name, entry in spell["fields"].items():
                add(f"spell:{kind}", name, entry)
            for suffix, entry in document["track_facts"].items():
                private = {"pii": spell.get("pii")} if suffix == "now" else {}
                labelled = (
                    entry | private | {"zh": spell["zh"] + entry["zh"], "en": f"{spell['en']}: {entry['en']}"}
                )
                add(levels[kind], f"{kind}.{suffix}", labelled)
        records = {}
        for kind, record in document.get("records", {}).items():
            records[kind] = _record_spec(kind, record)
            for name, entry in record["fields"].items():
                add(f"record:{kind}", name, entry)
        return cls(facts, kinds, levels, records)

    def get(self, level: str, name: str) -> FactSpec | None:
        """Return the entry of a fact, or None if there is no such fact."""
        return self.facts.get((level, name))

    def owner(self, entity: str) -> str | None:
        """Return the level that spells or records of a kind stand in; None for what is no such entity."""
        sort, _, kind = entity.partition(":")
        if sort == "record":
            return self.records[kind].level if kind in self.records else None
        return self.spell_levels.get(kind, "person") if sort == "spell" and kind in self.spell_kinds else None


def _record_spec(kind: str, entry: Mapping[str, Any]) -> RecordSpec:
    identity = entry.get("identity")
    labels = {"zh-Hans": entry["zh"], "en": entry["en"]}
    return RecordSpec(
        kind, entry["level"], labels, None if identity is None else tuple(identity), entry.get("pii")
    )


class Row(NamedTuple):
    """What one part of an answer set states about one entity.

    Attributes:
        entity: `household`, `site`, `banner`, `person`, `spell:<kind>` or `record:<kind>`.
        key: the entity's identity (person id, key of a spell or record); None for household, site and banner.
        facts: fact name → JSON value as answered. Names carry no level prefix.
        rows: rows inside this one (persons in the household, spells and records in it or in a person).
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
