"""A report as a workbook, laid out as a table of a Chinese authority; written row by row, with constant memory."""

from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from reports.cells import Group
from reports.indicators import Kind
from reports.repository import Report
from reports.table import (
    BREAKDOWNS,
    COUNTED,
    TITLE,
    Labels,
    Row,
    cell,
    chinese_day,
    heading,
    rows,
    shown,
    signers,
    whole,
)

_COLUMNS = (
    ("序号", 5),
    ("指标", 18),
    ("分项", 20),
    ("计量单位", 7),
    ("分子", 11),
    ("分母", 11),
    ("待核实", 9),
    ("本月数值", 11),
    ("上月数值", 11),
    ("增减", 10),
    ("90日内入户占比", 11),
    ("条款", 8),
    ("责任单位", 24),
)
_NUMERATOR, _DENOMINATOR, _UNKNOWN, _VALUE, _LAST = 4, 5, 6, 7, 8
_HEADER_ROWS = 4
_A4, _LANDSCAPE_MARGIN = 9, 0.5
_SUMS = ("分子", "分母", "待核实")
_NOTE = "注：比率＝分子÷（分母－待核实）；待核实不作为问题统计。"


def write_xlsx(report: Report, labels: Labels, path: Path) -> None:
    """Write a report as a workbook: the table of the whole, and one sheet for each breakdown that it has."""
    options = {"constant_memory": True, "in_memory": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": TITLE, "created": report.head.made_at.replace(tzinfo=None)})
        made = _Book(book, report, labels)
        made.table()
        for dimension, name in BREAKDOWNS.items():
            groups = report.cells.groups(dimension)
            if groups:
                made.breakdown(name, groups)


class _Book:
    """Writes the sheets of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, report: Report, labels: Labels) -> None:
        self._book, self._report, self._labels = book, report, labels
        song = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        box = song | {"border": 1, "text_wrap": True}
        self._title = book.add_format(
            {"font_name": "方正小标宋简体", "font_size": 18, "align": "center", "bold": True}
        )
        self._line = book.add_format(song | {"font_name": "仿宋"})
        self._right = book.add_format(song | {"font_name": "仿宋", "align": "right"})
        self._middle = book.add_format(song | {"font_name": "仿宋", "align": "center"})
        self._head = book.add_format(box | {"bold": True, "align": "center", "bg_color": "#E7E6E6"})
        self._text = book.add_format(box)
        self._centred = book.add_format(box | {"align": "center"})
        self._number = book.add_format(box | {"num_format": "#,##0"})
        self._amount = book.add_format(box | {"num_format": "#,##0.00"})
        self._percent = book.add_format(box | {"num_format": "0.0%"})

    def table(self) -> None:
        """Write the sheet of the whole region."""
        sheet = self._sheet("月报", [width for _, width in _COLUMNS])
        for column, (name, _) in enumerate(_COLUMNS):
            sheet.write_string(_HEADER_ROWS - 1, column, name, self._head)
        sheet.freeze_panes(_HEADER_ROWS, 3)
        sheet.repeat_rows(_HEADER_ROWS - 1)
        last = _HEADER_ROWS
        for last, row in enumerate(rows(self._report, self._labels.policy), _HEADER_ROWS):
            self._row(sheet, last, row)
        self._end(sheet, last + 1, len(_COLUMNS))

    def _row(self, sheet: Worksheet, at: int, row: Row) -> None:
        part, found = row.part, cell(self._report, row.name, whole(self._report))
        self._names(sheet, at, row)
        sheet.write_number(at, _NUMERATOR, shown(part, found.num), self._format(row))
        ratio = part.kind in {Kind.SHARE, Kind.AVERAGE}
        for column, number in ((_DENOMINATOR, found.den), (_UNKNOWN, found.unknown)):
            if ratio or number:
                sheet.write_number(at, column, number, self._number)
            else:
                sheet.write_blank(at, column, None, self._number)
        value, last, change = found.value(part), found.last, found.change(part)
        kind = self._value_format(row)
        sheet.write_formula(at, _VALUE, self._value(at, ratio=ratio), kind, "" if value is None else value)
        self._or_blank(sheet, at, _LAST, last, kind)
        formula = f'=IF(OR({_at(at, _VALUE)}="",{_at(at, _LAST)}=""),"",{_at(at, _VALUE)}-{_at(at, _LAST)})'
        sheet.write_formula(at, _LAST + 1, formula, kind, "" if change is None else change)
        self._or_blank(sheet, at, _LAST + 2, found.fresh_share, self._percent)
        sheet.write_string(at, _LAST + 3, row.indicator.clause, self._centred)
        sheet.write_string(at, _LAST + 4, self._labels.units(row.indicator), self._text)

    @staticmethod
    def _value(at: int, *, ratio: bool) -> str:
        """Return the formula of the value: the numerator, or over what is known of the denominator."""
        num = _at(at, _NUMERATOR)
        if not ratio:
            return f"={num}"
        known = f"({_at(at, _DENOMINATOR)}-{_at(at, _UNKNOWN)})"
        return f'=IF({known}>0,ROUND({num}/{known},6),"")'

    def breakdown(self, name: str, groups: list[Group]) -> None:
        """Write the sheet of a breakdown: three columns a group, and the sums of all in formulas."""
        columns = 4 + 3 * (len(groups) + 1)
        sheet = self._sheet(name, [5, 18, 20, 7] + [9] * (columns - 4), columns)
        top, head = _HEADER_ROWS - 1, _HEADER_ROWS
        for column in range(4):
            sheet.write_blank(top, column, None, self._head)
        for number, title in enumerate([*map(self._labels.group, groups), "合计"]):
            first = 4 + 3 * number
            sheet.merge_range(top, first, top, first + 2, title, self._head)
        titles = [each for each, _ in _COLUMNS[:4]] + list(_SUMS) * (len(groups) + 1)
        for column, title in enumerate(titles):
            sheet.write_string(head, column, title, self._head)
        sheet.freeze_panes(head + 1, 3)
        sheet.repeat_rows(top, head)
        last = head
        for last, row in enumerate(rows(self._report, self._labels.policy), head + 1):
            self._groups(sheet, last, row, groups)
        self._end(sheet, last + 1, columns)

    def _groups(self, sheet: Worksheet, at: int, row: Row, groups: list[Group]) -> None:
        self._names(sheet, at, row)
        sums = [0, 0, 0]
        kinds = (self._format(row), self._number, self._number)
        for number, group in enumerate(groups):
            found = cell(self._report, row.name, group)
            for offset, each in enumerate(found[:3]):
                sums[offset] += each
                value = shown(row.part, each) if not offset else each
                sheet.write_number(at, 4 + 3 * number + offset, value, kinds[offset])
        for offset, total in enumerate(sums):
            columns = [4 + 3 * number + offset for number in range(len(groups))]
            value = shown(row.part, total) if not offset else total
            formula = _sum(at, columns)
            sheet.write_formula(at, 4 + 3 * len(groups) + offset, formula, kinds[offset], value)

    def _names(self, sheet: Worksheet, at: int, row: Row) -> None:
        if row.first:
            sheet.write_number(at, 0, row.indicator.number, self._centred)
            sheet.write_string(at, 1, row.indicator.zh, self._text)
        else:
            sheet.write_blank(at, 0, None, self._centred)
            sheet.write_blank(at, 1, None, self._text)
        sheet.write_string(at, 2, row.part.zh, self._text)
        sheet.write_string(at, 3, COUNTED[row.part.counts], self._centred)

    def _sheet(self, name: str, widths: list[int], columns: int = len(_COLUMNS)) -> Worksheet:
        sheet: Worksheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(_LANDSCAPE_MARGIN, _LANDSCAPE_MARGIN, 0.6, 0.6)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_footer("&C第 &P 页，共 &N 页")
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        head, last = self._report.head, columns - 1
        sheet.set_row(0, 30)
        sheet.merge_range(0, 0, 0, last, TITLE, self._title)
        sheet.merge_range(1, 0, 1, last, heading(head), self._middle)
        sheet.merge_range(2, 0, 2, 3, f"填报单位：{self._labels.sender(head)}", self._line)
        told = f"截止日期：{chinese_day(head.moment.day)}    单位：见“计量单位”栏"
        sheet.merge_range(2, 4, 2, last, told, self._right)
        return sheet

    def _end(self, sheet: Worksheet, at: int, columns: int) -> None:
        made, checked, answering = signers(self._report.head, self._labels)
        sheet.merge_range(at, 0, at, columns - 1, _NOTE, self._line)
        third = max(1, columns // 3)
        spans = ((0, third - 1), (third, 2 * third - 1), (2 * third, columns - 1))
        told = (f"制表人：{made}", f"审核人：{checked}", f"负责人：{answering}")
        for (first, last), text in zip(spans, told, strict=True):
            sheet.merge_range(at + 1, first, at + 1, last, text, self._line)
        sent = self._report.head.sent_at
        sheet.merge_range(
            at + 2, 0, at + 2, columns - 1, f"报送日期：{chinese_day(sent) if sent else ''}", self._line
        )

    def _or_blank(self, sheet: Worksheet, at: int, column: int, value: float | None, kind: Any) -> None:
        if value is None:
            sheet.write_blank(at, column, None, kind)
        else:
            sheet.write_number(at, column, value, kind)

    def _format(self, row: Row) -> Any:
        return self._amount if row.part.scale > 1 else self._number

    def _value_format(self, row: Row) -> Any:
        kinds = {Kind.SHARE: self._percent, Kind.AVERAGE: self._amount, Kind.SUM: self._amount}
        return kinds.get(row.part.kind, self._number)


def _at(row: int, column: int) -> str:
    return str(xl_rowcol_to_cell(row, column))


def _sum(at: int, columns: list[int]) -> str:
    """Return the formula of the sum of some cells of a row; a function takes no more than 255 of them."""
    parts = [columns[start : start + 250] for start in range(0, len(columns), 250)]
    return "=" + "+".join(f"SUM({','.join(_at(at, column) for column in part)})" for part in parts)
