"""Reading a roster file, row by row: XLSX or CSV (UTF-8, or GB 18030 as Chinese spreadsheets save it)."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl

Cells = tuple[str, ...]

FILE_LIMIT, UNPACKED_LIMIT, PARTS_LIMIT = 64 * 1024 * 1024, 256 * 1024 * 1024, 1000
"""Bytes of a file, bytes and number of the parts that an XLSX file unpacks to."""

TEXTS_LIMIT = 64 * 1024 * 1024
"""Bytes of all parts but the sheets: the texts that are kept apart from them are held in memory together."""

COLUMNS_LIMIT, LINES_LIMIT = 100, 1_000_000
"""What is read of a table: a file may claim millions of empty cells in a few bytes."""


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


def _cells(row: tuple[object, ...]) -> Cells:
    """Return the cells of a row up to its last that is not empty."""
    width = max((index for index, value in enumerate(row, start=1) if value is not None), default=0)
    return tuple(_text(value) for value in row[:width])


def _check_parts(path: Path) -> None:
    """Look at what an XLSX file says it unpacks to; its reader never unpacks more of a part than is said.

    Raises:
        NotARoster: too much, or not a ZIP file at all.
    """
    try:
        with zipfile.ZipFile(path) as parts:
            sizes = {info.filename: info.file_size for info in parts.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        msg = f"{path.name} is not a readable XLSX file ({error})"
        raise NotARoster(msg) from error
    texts = sum(size for name, size in sizes.items() if not name.startswith("xl/worksheets/"))
    if len(sizes) > PARTS_LIMIT or sum(sizes.values()) > UNPACKED_LIMIT or texts > TEXTS_LIMIT:
        msg = f"{path.name} unpacks to {len(sizes)} parts of {sum(sizes.values())} bytes; split it into smaller files"
        raise NotARoster(msg)


def _xlsx(path: Path) -> Iterator[Cells]:
    _check_parts(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its zip and XML readers raise
        msg = f"{path.name} is not a readable XLSX file ({type(error).__name__})"
        raise NotARoster(msg) from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of them need not be so
        for row in sheet.iter_rows(values_only=True, max_row=LINES_LIMIT, max_col=COLUMNS_LIMIT):
            yield _cells(row)
    except NotARoster:
        raise
    except Exception as error:  # a sheet is read as it is asked for, and may be broken further down
        msg = f"{path.name} is not a readable XLSX file ({type(error).__name__})"
        raise NotARoster(msg) from error
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
    if path.stat().st_size > FILE_LIMIT:
        msg = f"{path.name} has more than {FILE_LIMIT} bytes; split it into smaller files"
        raise NotARoster(msg)
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        yield from _xlsx(path)
    elif path.suffix.lower() in {".csv", ".txt"}:
        yield from _csv(path)
    else:
        msg = f"{path.name}: only .xlsx and .csv are read; save an .xls file as .xlsx first"
        raise NotARoster(msg)
