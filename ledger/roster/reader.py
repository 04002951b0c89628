"""Reading a roster file, row by row: XLSX or CSV (UTF-8, or GB 18030 as Chinese spreadsheets save it)."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl

UNPACKED_LIMIT = 256 << 20
"""Bytes of an XLSX file after unpacking; each part is unpacked as it is read, never beyond its stated size."""

Cells = tuple[str, ...]


class NotARoster(ValueError):  # noqa: N818 - says what the file is
    """The file cannot be read as a table; the message says why."""


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _check_size(path: Path) -> None:
    """Check that a workbook does not unpack to more than a table of people can need.

    Raises:
        NotARoster: it does, or it is no archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
    except zipfile.BadZipFile as error:
        raise NotARoster(f"{path.name} is not a readable XLSX file ({error})") from error
    if unpacked > UNPACKED_LIMIT:
        raise NotARoster(
            f"{path.name} unpacks to {unpacked >> 20} MB; at most {UNPACKED_LIMIT >> 20} are read"
        )


def _xlsx(path: Path) -> Iterator[Cells]:
    _check_size(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its zip and XML readers raise
        msg = f"{path.name} is not a readable XLSX file ({error})"
        raise NotARoster(msg) from error
    try:
        sheet = book.worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield tuple(_text(value) for value in row)
    finally:
        book.close()


def _csv(path: Path) -> Iterator[Cells]:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        for row in csv.reader(io.StringIO(text)):
            yield tuple(cell.strip() for cell in row)
        return
    msg = f"{path.name} is neither UTF-8 nor GB 18030 text"
    raise NotARoster(msg)


def read(path: Path) -> Iterator[Cells]:
    """Yield the rows of the first sheet as text cells; dates as YYYY-MM-DD.

    Raises:
        NotARoster: the file is of another kind or broken.
    """
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        yield from _xlsx(path)
    elif path.suffix.lower() in {".csv", ".txt"}:
        yield from _csv(path)
    else:
        msg = f"{path.name}: only .xlsx and .csv are read; save an .xls file as .xlsx first"
        raise NotARoster(msg)
