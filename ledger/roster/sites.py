"""From a table of sites to rows of the register, with a reason for every row or cell that does not fit. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.ids import banner_id, site_id
from forms.facts import Row
from ledger.dictionary import dictionary
from ledger.roster.parse import Mapping_, Remark, read_cell

_BANNERS = frozenset({"旗区", "旗", "banner"})
_NOT_FACTS = frozenset({"entry", "code", "region"})
_BANNER_DIGITS = 6
_ASSETS = {"record:infrastructure": "item", "record:facility": "kind"}


@dataclass(frozen=True, slots=True)
class RosterSite:
    """One site or banner of the table, ready to become a registry op."""

    id: str
    region: str
    row: Row
    line: int


@dataclass
class _Draft:
    """What the rows of one site or banner told: where it lies, its facts once a row of its own came, its assets."""

    region: str
    line: int
    facts: dict[str, Any] | None = None
    assets: dict[str, Row] = field(default_factory=dict)


class SiteParser:
    """Collects table rows into sites and banners; a row that names a facility is a line of the site's asset ledger.

    Args:
        mapping: column index → (level, column), from `map_headings` of the table `sites`.
        region: region code that all of them lie in.
    """

    def __init__(self, mapping: Mapping_, region: str) -> None:
        self._mapping = mapping
        self._region = region
        self._drafts: dict[str, _Draft] = {}
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
            self._drop(line, "区划", region, "foreign-region", reason)
            return
        kind = "banner" if raw.get("entry", "").strip().lower() in _BANNERS else "site"
        try:
            entry = banner_id(region[:_BANNER_DIGITS]) if kind == "banner" else site_id(raw.get("code", ""))
        except ValueError as error:
            self._drop(line, "编码", raw.get("code", ""), "bad-code", str(error))
            return
        where = region[:_BANNER_DIGITS] if kind == "banner" else region
        draft = self._drafts.setdefault(entry, _Draft(where, line))
        if "facility" in raw:
            self._add_asset(line, kind, entry, draft, raw)
        elif draft.facts is not None:
            self._drop(line, "编码", entry, "twice", "the same stands on an earlier row; that row is kept")
        else:
            draft.facts, draft.region, draft.line = dict(self._facts(line, kind, raw)), where, line

    def _add_asset(self, line: int, kind: str, entry: str, draft: _Draft, raw: Mapping[str, str]) -> None:
        """Take a line of the asset ledger: one of the seven items or six kinds of facility of a site."""
        for level, name in _ASSETS.items() if kind == "site" else ():
            spec = dictionary().facts[level, name]
            code = read_cell(spec, raw["facility"])
            if code is not None:
                key = f"{entry}/{code}"
                if key in draft.assets:
                    self._drop(
                        line, "设施", raw["facility"], "twice", "it stands on an earlier row; that is kept"
                    )
                else:
                    facts = {name: code, **dict(self._facts(line, level, raw))}
                    draft.assets[key] = Row(level, key, facts)
                return
        self._drop(line, "设施", raw["facility"], "unknown-facility", "no item or facility of a site")

    def _facts(self, line: int, level: str, raw: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
        own = _NOT_FACTS | set(_ASSETS.values()) if level in _ASSETS else _NOT_FACTS
        for column, text in raw.items():
            spec = dictionary().get(level, column)
            if column in own or spec is None:
                continue
            value = read_cell(spec, text)
            if value is None:
                reason = f"{spec.labels['zh-Hans']}: {text!r} is not understood; left out"
                self.remarks.append(Remark(line, column, text, "not-understood", reason, dropped=False))
            else:
                yield column, value

    def _drop(self, line: int, column: str, value: str, code: str, reason: str) -> None:
        self.remarks.append(Remark(line, column, value, code, reason, dropped=True))

    def sites(self) -> list[RosterSite]:
        """Return the sites and banners by id."""
        return [
            RosterSite(entry, draft.region, self._row(entry, draft), draft.line)
            for entry, draft in sorted(self._drafts.items())
            if draft.facts is not None or draft.assets
        ]

    def _row(self, entry: str, draft: _Draft) -> Row:
        kind = "banner" if entry.startswith("banner:") else "site"
        return Row(kind, None, draft.facts or {}, tuple(draft.assets[key] for key in sorted(draft.assets)))
