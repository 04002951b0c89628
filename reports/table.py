"""A report as a table: what a sheet, a page and a JSON answer have in common. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from core.clock import day_of
from reports.cells import Cell, Group
from reports.indicators import Indicator, Part, all_indicators, part_name
from reports.making import units_of
from reports.repository import Head, Report
from validators.policy import Policy

NOTHING = Cell(0, 0, 0, 0, 0)
TITLE = "易地扶贫搬迁后续扶持工作进展情况月报表"
COUNTED = {
    "households": "户",
    "persons": "人",
    "transfers": "件",
    "aids": "人次",
    "stays": "次",
    "dwellings": "套",
    "houses": "处",
    "items": "项",
    "sites": "个",
    "cases": "件",
    "links": "项",
    "sessions": "期",
    "problems": "个",
    "findings": "件",
    "interviews": "次",
    "visits": "次",
    "mu": "亩",
    "yuan": "元",
}
"""Units of count by what a part counts."""
BREAKDOWNS = {
    "banner": "按旗区",
    "sumu": "按苏木乡镇（街道）",
    "site": "按安置点",
    "kind": "按搬迁类型",
    "unit": "按责任单位",
}
_KINDS = {"registered_poor": "建档立卡搬迁", "accompanying": "同步搬迁", "-": "类型不详"}


class Row(NamedTuple):
    """A line of the table: an indicator and one part of it; `first` on the indicator's first line."""

    indicator: Indicator
    part: Part
    name: str
    first: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """Names that a table shows: of regions, sites and units by code, of people by user id."""

    policy: Policy
    people: Mapping[str, str]

    def region(self, code: str) -> str:
        """Return the name of a region, or its code."""
        places = self.policy.places
        known = places.get(code) or places.get(f"{code}00")
        return known["zh-Hans"] if known else code

    def group(self, group: Group) -> str:
        """Return what a column is called."""
        if group.dimension == "kind":
            return _KINDS.get(group.code, group.code)
        if group.dimension == "unit":
            return self.policy.units[group.code].short if group.code in self.policy.units else group.code
        if group.dimension == "site":
            return "未定安置点" if group.code == "-" else group.code
        return self.region(group.code)

    def sender(self, head: Head) -> str:
        """Return who fills the report in."""
        if head.unit:
            return self.policy.units[head.unit].name
        return f"{self.region(head.region)}人民政府" if len(head.region) == 6 else self.region(head.region)  # noqa: PLR2004 - digits of a banner

    def units(self, indicator: Indicator) -> str:
        """Return the responsible units of an indicator in short."""
        return "、".join(self.policy.units[unit].short for unit in units_of(indicator, self.policy))

    def person(self, user: str | None) -> str:
        """Return a user's name; the clock has none."""
        return "" if not user else self.people.get(user, user)


def rows(report: Report, policy: Policy) -> Iterator[Row]:
    """Yield the lines of a report: all indicators, or those of its unit."""
    unit = report.head.unit
    number = 0
    for indicator in all_indicators():
        if unit and unit not in units_of(indicator, policy):
            continue
        for part in indicator.parts:
            yield Row(indicator, part, part_name(indicator, part), indicator.number != number)
            number = indicator.number


def cell(report: Report, name: str, group: Group) -> Cell:
    """Return a cell of a report; all zeros when nothing was counted in it."""
    return report.cells.get(name, group) or NOTHING


def whole(report: Report) -> Group:
    """Return the group of the whole region."""
    return Group("region", report.head.region)


def shown(part: Part, amount: int) -> float | int:
    """Return a sum in the part's unit of count."""
    return amount if part.scale == 1 else amount / part.scale


def chinese_day(day: date | datetime) -> str:
    """Return a day as an official table writes it."""
    if isinstance(day, datetime):
        day = day_of(day)
    return f"{day.year}年{day.month}月{day.day}日"


def heading(head: Head) -> str:
    """Return the line under the title: which month, and which version."""
    year, month = head.month.split("-")
    version = "草稿" if not head.version else f"第{head.version}版" + ("（更正）" if head.restates else "")
    return f"{year}年{int(month)}月  {version}"


def signers(head: Head, labels: Labels) -> tuple[str, str, str]:
    """Return who made the table, who checked it and who answers for it, as far as they have signed."""
    signed = [labels.person(each.by) for each in head.signatures]
    made = labels.person(head.made_by)
    if not made and signed:
        made, signed = signed[0], signed[1:]
    return made, signed[0] if signed else "", labels.person(head.sent_by)
