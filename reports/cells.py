"""From lines to the cells of a report: sums by region, banner, sumu, site and kind of relocation. Pure.

A cell is five whole numbers and what last month's report had; its value is made of them when it is shown. The sums do
not depend on the order of the households, so a report that is made again from the log is equal, digest and all.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import orjson

from core.jsonvalue import JsonObject
from reports.indicators import Indicator, Kind, Line, Part, part_name

_DIGITS = 6
_MODULUS = 1 << 64
DIMENSIONS = ("region", "banner", "sumu", "site", "kind", "unit")
NONE = "-"
"""Code of the group of what has no site, or no kind of relocation."""


class Group(NamedTuple):
    """A column of the report: a dimension and a code in it."""

    dimension: str
    code: str


class Cell(NamedTuple):
    """One figure of one group.

    Attributes:
        num, den, unknown: the sums of the lines.
        objects: how many objects were counted; fresh: of these, interviewed of late.
        last: the value in last month's report; None: it had none.
    """

    num: int
    den: int
    unknown: int
    objects: int
    fresh: int
    last: float | None = None

    def value(self, part: Part) -> float | None:
        """Return the figure: a number, or numerator over known denominator; None when nothing is known."""
        if part.kind in {Kind.COUNT, Kind.SUM}:
            return self.num if part.scale == 1 else self.num / part.scale
        known = self.den - self.unknown
        return None if known <= 0 else round(float(Fraction(self.num, known)), _DIGITS)

    def change(self, part: Part) -> float | None:
        """Return the difference to last month; None when one of the two has no value."""
        value = self.value(part)
        return None if value is None or self.last is None else round(value - self.last, _DIGITS)

    @property
    def fresh_share(self) -> float | None:
        """The share of the objects whose household was interviewed within 90 days."""
        return None if not self.objects else round(float(Fraction(self.fresh, self.objects)), _DIGITS)


class Place(NamedTuple):
    """Where an entry is counted: banner, sumu, site, and kind of relocation (None: it is a site or banner)."""

    banner: str
    sumu: str
    site: str
    kind: str | None


_Sums = list[int]


@dataclass
class Totals:
    """Sums of lines, in memory that grows with places and parts, not with households."""

    households: int = 0
    _sums: dict[tuple[Place, str | None], dict[str, _Sums]] = field(default_factory=dict)
    _digests: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, place: Place, name: str, line: Line, *, fresh: bool) -> None:
        """Add a line of the part `name`."""
        sums = self._sums.setdefault((place, line.unit), {}).setdefault(name, [0, 0, 0, 0, 0])
        sums[0] += line.num
        sums[1] += line.den
        sums[2] += line.unknown
        sums[3] += 1
        sums[4] += fresh
        text = f"{name}|{line.subject}|{line.num}|{line.den}|{line.unknown}".encode()
        mixed = int.from_bytes(hashlib.sha256(text).digest()[:8])
        self._digests[name] = (self._digests[name] + mixed) % _MODULUS

    def cells(
        self, region: str, last: "Cells | None" = None, parts: Mapping[str, Part] | None = None
    ) -> "Cells":
        """Return the cells of a region, with the values that last month's report had."""
        summed: dict[str, dict[Group, _Sums]] = {}
        for (place, unit), by_name in self._sums.items():
            for group in _groups(region, place, unit):
                for name, sums in by_name.items():
                    into = summed.setdefault(name, {}).setdefault(group, [0, 0, 0, 0, 0])
                    for index, each in enumerate(sums):
                        into[index] += each
        for name in parts or {}:
            for group in last.by_part.get(name, {}) if last is not None else ():
                summed.setdefault(name, {}).setdefault(
                    group, [0, 0, 0, 0, 0]
                )  # what was there and is gone shows
        made = {
            name: {
                group: _cell(sums, _last(last, parts or {}, name, group)) for group, sums in by_group.items()
            }
            for name, by_group in summed.items()
        }
        return Cells(made, dict(self._digests))


def _groups(region: str, place: Place, unit: str | None) -> Iterator[Group]:
    yield Group("region", region)
    yield Group("banner", place.banner)
    if place.sumu:
        yield Group("sumu", place.sumu)
        yield Group("site", place.site or NONE)
    if place.kind is not None:
        yield Group("kind", place.kind or NONE)
    if unit is not None:
        yield Group("unit", unit)


def _cell(sums: Sequence[int], last: float | None) -> Cell:
    num, den, unknown, objects, fresh = sums
    return Cell(num, den, unknown, objects, fresh, last)


def _last(last: "Cells | None", parts: Mapping[str, Part], name: str, group: Group) -> float | None:
    cell = None if last is None else last.get(name, group)
    return None if cell is None or name not in parts else cell.value(parts[name])


@dataclass(frozen=True)
class Cells:
    """All cells of a report.

    Attributes:
        by_part: cells by part name and group; a cell that is not there is all zeros.
        digests: of each part, a digest of its lines that does not depend on their order.
    """

    by_part: Mapping[str, Mapping[Group, Cell]]
    digests: Mapping[str, int]

    def get(self, name: str, group: Group) -> Cell | None:
        """Return a cell; None when nothing was counted in it."""
        return self.by_part.get(name, {}).get(group)

    def groups(self, dimension: str) -> list[Group]:
        """Return the groups of a dimension, by code."""
        return sorted({g for cells in self.by_part.values() for g in cells if g.dimension == dimension})

    def only(self, names: Iterable[str]) -> "Cells":
        """Return the cells of some parts."""
        kept = set(names)
        return Cells(
            {name: cells for name, cells in self.by_part.items() if name in kept},
            {name: each for name, each in self.digests.items() if name in kept},
        )

    def to_json(self) -> JsonObject:
        """Return the cells as they are kept: canonical, so that equal cells are equal text."""
        return {
            "cells": [
                [name, [[*group, list(cell)] for group, cell in sorted(by_group.items())]]
                for name, by_group in sorted(self.by_part.items())
            ],
            "digests": [[name, f"{digest:016x}"] for name, digest in sorted(self.digests.items())],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Cells":
        """Return the cells that `to_json` wrote."""
        made = {
            name: {Group(dimension, code): Cell(*cell) for dimension, code, cell in rows}
            for name, rows in told["cells"]
        }
        return cls(made, {name: int(digest, 16) for name, digest in told["digests"]})

    @property
    def digest(self) -> str:
        """The SHA-256 of the cells."""
        return hashlib.sha256(orjson.dumps(self.to_json())).hexdigest()


class Difference(NamedTuple):
    """A cell that is not the same in two versions; None: there it has nothing."""

    part: str
    group: Group
    before: Cell | None
    after: Cell | None


def differences(before: Cells, after: Cells) -> Iterator[Difference]:
    """Yield the cells that differ, in the order of parts and groups; last month's values are not compared."""
    for name in sorted(before.by_part.keys() | after.by_part.keys()):
        old, new = before.by_part.get(name, {}), after.by_part.get(name, {})
        for group in sorted(old.keys() | new.keys()):
            pair = old.get(group), new.get(group)
            if _sums(pair[0]) != _sums(pair[1]):
                yield Difference(name, group, *pair)


def _sums(cell: Cell | None) -> tuple[int, ...]:
    return (0,) * 5 if cell is None else tuple(cell[:5])


def parts_of(indicators: Sequence[Indicator]) -> dict[str, Part]:
    """Return every part of some indicators by its name in a report."""
    return {part_name(each, part): part for each in indicators for part in each.parts}
