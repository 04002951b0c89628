"""From a table of sites to rows of the register, with a reason for every row or cell that does not fit. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.ids import banner_id, site_id
from forms.facts import Row
from ledger.dictionary import dictionary
from ledger.roster.parse import Mapping_, Remark, read_cell

_BANNERS = frozenset({"旗区", "旗", "banner"})
_NOT_FACTS = frozenset({"entry", "code", "region"})
_BANNER_DIGITS = 6


@dataclass(frozen=True, slots=True)
class RosterSite:
    """One site or banner of the table, ready to become a registry op."""

    id: str
    region: str
    row: Row
    line: int


class SiteParser:
    """Collects table rows into sites and banners.

    Args:
        mapping: column index → (level, column), from `map_headings` of the table `sites`.
        region: region code that all of them lie in.
    """

    def __init__(self, mapping: Mapping_, region: str) -> None:
        self._mapping = mapping
        self._region = region
        self._found: dict[str, RosterSite] = {}
        self.remarks: list[Remark] = []
        self.rows = 0

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take one table row."""
        raw = {self._mapping[i][1]: text for i, text in enumerate(cells) if i in self._mapping and text}
        if not raw:
            return
        self.rows += 1
        region = raw.get("region", self._region)
        if not region.startswith(self._region) or not region.isdigit():
            reason = f"region {region} lies outside {self._region}"
            self.remarks.append(Remark(line, "区划", region, "foreign-region", reason, dropped=True))
            return
        kind = "banner" if raw.get("entry", "").strip().lower() in _BANNERS else "site"
        try:
            entry = banner_id(region[:_BANNER_DIGITS]) if kind == "banner" else site_id(raw.get("code", ""))
        except ValueError as error:
            self.remarks.append(
                Remark(line, "编码", raw.get("code", ""), "bad-code", str(error), dropped=True)
            )
            return
        if entry in self._found:
            reason = "the same stands on an earlier row; that row is kept"
            self.remarks.append(Remark(line, "编码", entry, "twice", reason, dropped=True))
            return
        facts = dict(self._facts(line, kind, raw))
        where = region[:_BANNER_DIGITS] if kind == "banner" else region
        self._found[entry] = RosterSite(entry, where, Row(kind, None, facts), line)

    def _facts(self, line: int, kind: str, raw: dict[str, str]) -> Iterator[tuple[str, Any]]:
        for column, text in raw.items():
            spec = dictionary().get(kind, column)
            if column in _NOT_FACTS or spec is None:
                continue
            value = read_cell(spec, text)
            if value is None:
                reason = f"{spec.labels['zh-Hans']}: {text!r} is not understood; left out"
                self.remarks.append(Remark(line, column, text, "not-understood", reason, dropped=False))
            else:
                yield column, value

    def sites(self) -> list[RosterSite]:
        """Return the sites and banners by id."""
        return [self._found[entry] for entry in sorted(self._found)]
