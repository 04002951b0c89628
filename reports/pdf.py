"""A report as a PDF for signing and filing; its Chinese is set in a font that every reader has, so none is embedded."""

from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from reports.indicators import Kind, Part
from reports.repository import Report
from reports.table import COUNTED, TITLE, Labels, cell, chinese_day, heading, rows, shown, signers, whole

_FONT = "STSong-Light"
_WIDTHS = [10, 34, 34, 13, 21, 21, 17, 21, 21, 19, 19, 15, 34]
_HEAD = (
    "序号",
    "指标",
    "分项",
    "单位",
    "分子",
    "分母",
    "待核实",
    "本月",
    "上月",
    "增减",
    "90日内",
    "条款",
    "责任单位",
)


def write_pdf(report: Report, labels: Labels, path: Path) -> None:
    """Write the table of the whole region as a PDF."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    document = SimpleDocTemplate(
        str(path),
        pagesize=landscape(A4),
        leftMargin=9 * mm,
        rightMargin=9 * mm,
        topMargin=12 * mm,
        bottomMargin=14 * mm,
        title=TITLE,
        author=labels.sender(report.head),
        invariant=1,
    )
    body = ParagraphStyle("body", fontName=_FONT, fontSize=7.5, leading=9.5, wordWrap="CJK")
    title = ParagraphStyle("title", parent=body, fontSize=16, leading=22, alignment=1)
    middle = ParagraphStyle("middle", parent=body, fontSize=10, leading=14, alignment=1)
    line = ParagraphStyle("line", parent=body, fontSize=9, leading=13)
    head = report.head
    about = f"填报单位：{labels.sender(head)}    截止日期：{chinese_day(head.moment.day)}    单位：见“单位”栏"
    made, checked, answering = signers(head, labels)
    sent = chinese_day(head.sent_at) if head.sent_at else "        "
    signed = f"制表人：{made}        审核人：{checked}        负责人：{answering}        报送日期：{sent}"
    document.build(
        [
            _said(TITLE, title),
            _said(heading(head), middle),
            _said(about, line),
            Spacer(1, 2 * mm),
            _table(report, labels, body),
            Spacer(1, 3 * mm),
            _said("注：比率＝分子÷（分母－待核实）；待核实不作为问题统计。", line),
            _said(signed, line),
        ],
        canvasmaker=partial(_Numbered, digest=head.digest),
    )


def _said(text: str, style: ParagraphStyle) -> Paragraph:
    """Return a paragraph of plain text: what reportlab takes for markup (it even fetches images) is text here."""
    return Paragraph(escape(text, quote=False), style)


class _Numbered(Canvas):
    """Writes page numbers, and the digest of the cells that the page shows."""

    def __init__(self, *args: Any, digest: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._digest_text = digest[:16]

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """End a page."""
        self.setFont(_FONT, 8)
        self.drawCentredString(
            landscape(A4)[0] / 2, 7 * mm, f"第 {self.getPageNumber()} 页    数据摘要 {self._digest_text}"
        )
        super().showPage()


def _table(report: Report, labels: Labels, body: ParagraphStyle) -> LongTable:
    told: list[list[object]] = [list(_HEAD)]
    for row in rows(report, labels.policy):
        found, part = cell(report, row.name, whole(report)), row.part
        ratio = part.kind in {Kind.SHARE, Kind.AVERAGE}
        told.append(
            [
                str(row.indicator.number) if row.first else "",
                _said(row.indicator.zh if row.first else "", body),
                _said(row.part.zh, body),
                COUNTED[part.counts],
                f"{shown(part, found.num):,}",
                f"{found.den:,}" if ratio else "",
                f"{found.unknown:,}" if ratio or found.unknown else "",
                _value(part, found.value(part)),
                _value(part, found.last),
                _value(part, found.change(part)),
                "" if found.fresh_share is None else f"{found.fresh_share:.1%}",
                row.indicator.clause,
                _said(labels.units(row.indicator), body),
            ]
        )
    table = LongTable(told, colWidths=[width * mm for width in _WIDTHS], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), _FONT, 7.5),
                ("GRID", (0, 0), (-1, -1), 0.4, colors.black),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("ALIGN", (3, 0), (-2, -1), "CENTER"),
                ("ALIGN", (4, 1), (10, -1), "RIGHT"),
                ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.9, 0.9, 0.9)),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table


def _value(part: Part, value: float | None) -> str:
    if value is None:
        return ""
    if part.kind is Kind.SHARE:
        return f"{value:.1%}"
    return f"{value:,.2f}" if part.kind is Kind.AVERAGE or part.scale > 1 else f"{value:,}"
