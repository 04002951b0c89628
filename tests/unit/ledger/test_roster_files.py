"""A roster file that wants to do harm is refused with a reason, in bounded time and memory."""

import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.xml import DEFUSEDXML

from ledger.roster import NotARoster, read
from ledger.roster import reader as limits

SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"
TYPES = "[Content_Types].xml"
TEXTS_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
    b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
NO_TEXTS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
_LOL = "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' if n else '<!ENTITY a0 "lollollollol">' for n in range(10)
)
ENTITIES = f'<?xml version="1.0"?><!DOCTYPE x [{_LOL}]>'
FILE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>'
OPEN = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def workbook(path: Path, **parts: bytes) -> Path:
    """Write a good workbook with some parts replaced."""
    book = openpyxl.Workbook()
    book.active.append(["户编号", "姓名"])
    book.active.append(["H1", "乌兰"])
    good = io.BytesIO()
    book.save(good)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        there = {name: source.read(name) for name in source.namelist()}
        there[TYPES] = there[TYPES].replace(b"</Types>", TEXTS_TYPE)
        for name, content in ({TEXTS: NO_TEXTS} | there | parts).items():
            target.writestr(name, content)
    return path


def sheet(rows: str, head: str = "", before: str = "") -> bytes:
    return f"{before or ''}{OPEN}{head}<sheetData>{rows}</sheetData></worksheet>".encode()


def test_a_good_file_is_read(tmp_path):
    assert list(read(workbook(tmp_path / "a.xlsx"))) == [("户编号", "姓名"), ("H1", "乌兰")]


@pytest.mark.parametrize("before", [ENTITIES, FILE], ids=["entities of entities", "a file of the server"])
@pytest.mark.parametrize("part", [SHEET, TEXTS])
def test_no_entity_is_expanded(tmp_path, before, part):
    assert DEFUSEDXML, "openpyxl has not found defusedxml"
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
    text = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a9;</t></si></sst>'
    content = sheet(cell, before=before) if part == SHEET else (before + text).encode()
    with pytest.raises(NotARoster, match="not a readable"):
        list(read(workbook(tmp_path / "a.xlsx", **{part: content})))


@pytest.mark.parametrize(
    ("limit", "part", "size"), [("UNPACKED_LIMIT", SHEET, 200_000), ("TEXTS_LIMIT", TEXTS, 100_000)]
)
def test_what_unpacks_to_too_much_is_not_unpacked(tmp_path, monkeypatch, limit, part, size):
    monkeypatch.setattr(limits, limit, size - 1)
    path = workbook(tmp_path / "a.xlsx", **{part: b" " * size})
    assert path.stat().st_size < size / 10
    with pytest.raises(NotARoster, match="unpacks to"):
        list(read(path))


def test_a_part_that_is_longer_than_it_says_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", **{SHEET: sheet("<row/>" * 10_000)})
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as parts:
        said = parts.getinfo(SHEET).file_size
    at = raw.rindex(SHEET.encode()) - 46  # its entry in the central directory
    raw[at + 24 : at + 28] = (said // 2).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(NotARoster, match="not a readable"):
        list(read(path))


def test_too_many_parts_and_too_large_a_file_are_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx")
    monkeypatch.setattr(limits, "PARTS_LIMIT", 3)
    with pytest.raises(NotARoster, match="unpacks to"):
        list(read(path))
    monkeypatch.setattr(limits, "FILE_LIMIT", 100)
    with pytest.raises(NotARoster, match="more than 100 bytes"):
        list(read(path))


@pytest.mark.parametrize(
    "content",
    [
        sheet('<row r="1"><c r="A1"><v>1</v></c></row>', '<dimension ref="A1:XFD1048576"/>'),
        sheet('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'),
    ],
    ids=["says it is the largest there can be", "a cell in the last column"],
)
def test_claims_of_size_cost_nothing(tmp_path, content):
    began = time.monotonic()
    rows = list(read(workbook(tmp_path / "a.xlsx", **{SHEET: content})))
    assert rows == [("1",)]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_bytes_that_are_no_table_are_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04\xff\xfe\x00broken" + bytes(range(256)))
    with pytest.raises(NotARoster):
        list(read(path))
