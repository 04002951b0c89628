"""Tables at the console: at any width, and piped, every value is there whole."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from api.cli.tables import show

ID = "0192c0de-0000-7000-8000-00000000000a"
COLUMNS = ("id", "month", "of", "version", "state", "as of", "what")
ROWS = [
    (
        ID,
        "2026-10",
        "150625201 development_reform",
        "12",
        "frozen",
        "2026-11-01",
        "搬迁户台账 [不是标记] 与实际不符",
    ),
    ("short", "2026-09", "", "1", "sent", "2026-10-01", ""),
]


def written(width: int, *, terminal: bool = True, prose=()) -> str:
    file = io.StringIO()
    out = Console(file=file, width=width, force_terminal=terminal, color_system=None, highlight=False)
    show(COLUMNS, ROWS, title="reports", prose=prose, out=out)
    return file.getvalue()


def bare(text: str) -> str:
    return re.sub(r"\s|\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("prose", [(), ("what",)])
def test_in_a_terminal_nothing_is_cut_and_nothing_is_wider(width, prose) -> None:
    text = written(width, prose=prose)
    for row in ROWS:
        for value in row:
            assert bare(value) in bare(text) or prose, value
    assert "…" not in text
    assert ID in text, "an id is never broken: it is given to other commands"
    assert max(map(cell_len, text.splitlines())) <= max(width, 48)


def test_a_table_that_fits_is_drawn_and_one_that_does_not_becomes_lines() -> None:
    assert "─" in written(150)
    narrow = written(80)
    assert "─" not in narrow
    assert narrow.splitlines()[1].strip() == ID
    assert "month 2026-10" in narrow
    assert narrow.count("month") == len(ROWS)
    assert "of " not in narrow.split("short")[1].split("as of")[0], "what is empty is not named"


def test_prose_is_folded_before_a_table_becomes_lines() -> None:
    columns, row = (
        ("check", "what"),
        ("backups", "none in the last two days, and the folder holds none at all " * 2),
    )
    file = io.StringIO()
    show(
        columns,
        [row],
        prose=("what",),
        out=Console(file=file, width=60, force_terminal=True, color_system=None),
    )
    assert "─" in file.getvalue()
    assert bare(row[1]) in bare(file.getvalue())


def test_what_is_piped_is_one_line_a_row_whole_and_aligned() -> None:
    text = written(20, terminal=False)
    lines = text.splitlines()
    assert lines[0] == "reports"
    assert len(lines) == 2 + len(ROWS)
    for line, row in zip(lines[2:], ROWS, strict=True):
        assert all(value in line for value in row)
    assert {line.index(row[1]) for line, row in zip(lines[2:], ROWS, strict=True)} == {len(ID) + 2}
    assert "\x1b" not in text


def test_a_table_without_rows_shows_its_headings() -> None:
    file = io.StringIO()
    show(("id", "state"), [], out=Console(file=file, width=80))
    assert file.getvalue().split() == ["id", "state"]
