"""From roster rows to household rows (`Row`), with a reason for every row or cell that does not fit. Pure.

One table row is one person; rows with one register number are one household, wherever they stand in the table. The
household's own columns may be filled on any of its rows. A row with a problem is left out and reported; a cell that
does not fit is left out and reported, and the rest of its row counts.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from core.ids import HouseholdId, household_id, person_id
from forms.facts import FactSpec, FactType, Row
from ledger.dictionary import dictionary

_DATE = re.compile(r"(\d{4})[-./年]?(\d{1,2})(?:[-./月]?(\d{1,2}))?日?")
_BRACKETS = re.compile(r"[（(\[【].*?[)）\]】]|[\s*：:、]")
_INSURANCE = {
    "insurance.medical": ("medical_resident", "medical_employee"),
    "insurance.pension": ("pension_resident", "pension_employee"),
}
_YES, _NO = {"是", "有", "已参保", "yes", "y", "1", "true"}, {"否", "无", "未参保", "no", "n", "0", "false"}
_RECORDS = ("record:dwelling", "record:old_house")
_OF_HOUSEHOLD = frozenset({"household", *_RECORDS})
Mapping_ = Mapping[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with a row or one of its cells; `line` counts from 1 as a spreadsheet does."""

    line: int
    column: str
    value: str
    code: str
    reason: str
    dropped: bool


@dataclass(frozen=True, slots=True)
class RosterHousehold:
    """One household of the roster, ready to become a registry op."""

    id: HouseholdId
    region: str
    registry_no: str
    row: Row
    lines: tuple[int, ...]


@dataclass
class _Draft:
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    region: str = ""
    persons: dict[str, Row] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)


@cache
def columns() -> Mapping[str, Any]:
    """Return the columns a roster may have, and the labels of its cells."""
    text = files("ledger.roster").joinpath("columns.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.safe_load(text)
    return document


def plain(heading: str) -> str:
    """Return a heading without spaces, marks and bracketed remarks, lower case."""
    return _BRACKETS.sub("", heading).lower()


def map_headings(
    headings: Sequence[str], saved: Mapping[str, str], table: str = "roster"
) -> tuple[Mapping_, list[str], list[str]]:
    """Map headings to columns by name.

    Args:
        headings: cells of the heading row.
        saved: heading → `level.column` (or `-` to leave it out), from an earlier import.
        table: what is read: `roster` or `sites`.

    Returns:
        (column index → (level, column), headings nobody knows, required columns that are missing).
    """
    known = {
        plain(name): (level, column)
        for level in (("site",) if table == "sites" else ("person", *_RECORDS, "household"))
        for column, names in columns()[level].items()
        for name in names
    }
    for heading, target in saved.items():
        level, _, column = target.partition(".")
        known[plain(heading)] = (level, column)
    mapping = {i: known[plain(h)] for i, h in enumerate(headings) if plain(h) in known}
    unknown = [h for h in headings if h and plain(h) not in known]
    found = {column for _, column in mapping.values()}
    required = columns()["site_required" if table == "sites" else "required"]
    missing = [column for column in required if column not in found]
    return {i: target for i, target in mapping.items() if target[0] != "-"}, unknown, missing


def _date(text: str) -> date | None:
    match = _DATE.fullmatch(text.replace(" ", ""))
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return None


@cache
def _labels(level: str, name: str) -> Mapping[str, str]:
    spec = dictionary().get(level, name)
    labels = {code: code for code in (spec.codes if spec else {})}
    labels |= {plain(text["zh-Hans"]): code for code, text in (spec.codes if spec else {}).items()}
    return labels | {plain(k): v for k, v in columns()["labels"].get(name, {}).items()}


def _number(text: str, *, whole: bool) -> int | float | None:
    try:
        number = float(text.replace(",", "").replace("，", ""))
    except ValueError:
        return None
    if number.is_integer():
        return int(number)
    return None if whole or not math.isfinite(number) else number


def read_cell(spec: FactSpec, text: str) -> Any:
    """Return the JSON value of a cell, or None when it does not fit."""
    if spec.type is FactType.DATE:
        day = _date(text)
        return day.isoformat() if day else None
    if spec.type in {FactType.NUMBER, FactType.INTEGER}:
        return _number(text, whole=spec.type is FactType.INTEGER)
    if spec.type is FactType.CODE:
        return _labels(spec.level, spec.name).get(plain(text))
    if spec.type is FactType.CODES:
        found = [_labels(spec.level, spec.name).get(plain(part)) for part in re.split(r"[,，;；、]", text)]
        return None if None in found else sorted(set(map(str, found)))
    if spec.type is FactType.PLACE:
        return text if re.fullmatch(r"\d{4,12}", text) else None
    return text


class RosterParser:
    """Collects table rows into households.

    Args:
        mapping: column index → (level, column), from `map_headings`.
        region: region code for rows that name none (at least a banner, six digits).
    """

    def __init__(self, mapping: Mapping_, region: str) -> None:
        self._mapping = mapping
        self._region = region
        self._drafts: dict[str, _Draft] = {}
        self.remarks: list[Remark] = []
        self.rows = 0

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take one table row."""
        raw = {self._mapping[i]: text for i, text in enumerate(cells) if i in self._mapping and text}
        if not raw:
            return
        self.rows += 1
        number, name = raw.get(("household", "registry_no")), raw.get(("person", "name"))
        if not number or not name:
            missing = "户编号" if not number else "姓名"
            self._remark(line, missing, "", "missing", f"{missing} is empty", dropped=True)
            return
        region = raw.get(("household", "region"), self._region)
        if not region.startswith(self._region) or not region.isdigit():
            reason = f"region {region} lies outside {self._region}"
            self._remark(line, "区划", region, "foreign-region", reason, dropped=True)
            return
        draft = self._drafts.setdefault(number, _Draft(region=region))
        if len(region) > len(draft.region):
            draft.region = region
        self._add_person(line, number, draft, raw)
        self._add_household_facts(line, draft, raw)
        draft.lines.append(line)

    def _add_household_facts(self, line: int, draft: _Draft, raw: Mapping[tuple[str, str], str]) -> None:
        for (level, column), text in raw.items():
            if level not in _OF_HOUSEHOLD or column == "region":
                continue
            value = self._cell(line, level, column, text)
            facts = draft.facts.setdefault(level, {})
            held = facts.get(column)
            if value is not None and held is not None and held != value:
                reason = f"the household has {held} on another row; that is kept"
                self._remark(line, column, text, "two-values", reason, dropped=False)
            elif value is not None:
                facts[column] = value

    def _add_person(self, line: int, number: str, draft: _Draft, raw: Mapping[tuple[str, str], str]) -> None:
        facts: dict[str, Any] = {}
        for (level, column), text in raw.items():
            if level == "person" and dictionary().get("person", column):
                value = (
                    self._resident_id(line, text)
                    if column == "resident_id"
                    else self._cell(line, level, column, text)
                )
                if value is not None:
                    facts[column] = value
        for kind, names in _INSURANCE.items():
            told = [raw[("person", name)].lower() for name in names if ("person", name) in raw]
            if any(text in _YES for text in told):
                facts[f"{kind}.now"] = "yes"
            elif len(told) == len(names) and all(text in _NO for text in told):
                facts[f"{kind}.now"] = "no"
        identity = facts.get("resident_id") or f"{facts['name']}/{facts.get('birth_date', '')}"
        key = person_id(household_id(draft.region[:6], number), str(identity))
        if key in draft.persons:
            reason = "the same person stands on an earlier row; that row is kept"
            self._remark(line, "姓名", str(facts["name"]), "twice", reason, dropped=True)
            return
        draft.persons[key] = Row("person", key, facts)

    def _resident_id(self, line: int, text: str) -> str | None:
        number = text.upper().replace(" ", "")[:18]
        try:
            return str(ric.validate(number))
        except ValidationError:
            reason = "not a resident ID number (GB 11643: 18 digits, birth date, check digit); left out"
            self._remark(line, "证件号码", text, "bad-resident-id", reason, dropped=False)
            return None

    def _cell(self, line: int, level: str, column: str, text: str) -> Any:
        spec = dictionary().get(level, column)
        value = read_cell(spec, text) if spec else None
        if spec and value is None:
            reason = f"{spec.labels['zh-Hans']}: {text!r} is not understood; left out"
            self._remark(line, column, text, "not-understood", reason, dropped=False)
        return value

    def _remark(self, line: int, column: str, value: str, code: str, reason: str, *, dropped: bool) -> None:  # noqa: PLR0913 - a record's parts
        shown = value if column != "证件号码" else f"{value[:6]}…"
        self.remarks.append(Remark(line, column, shown, code, reason, dropped))

    def households(self) -> Iterable[RosterHousehold]:
        """Yield the households in the order of their register numbers."""
        for number, draft in sorted(self._drafts.items()):
            if draft.persons:
                identity = household_id(draft.region[:6], number)
                facts = draft.facts.get("household", {}) | {"registry_no": number, "region": draft.region}
                persons = tuple(draft.persons[key] for key in sorted(draft.persons))
                records = tuple(
                    Row(level, level.partition(":")[2], stated)
                    for level in _RECORDS
                    if (stated := draft.facts.get(level))
                )
                row = Row("household", None, facts, (*persons, *records))
                yield RosterHousehold(identity, draft.region, number, row, tuple(draft.lines))
