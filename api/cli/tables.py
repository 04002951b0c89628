"""Tables at the console: nothing is ever cut. A terminal that is too narrow for the columns gets lines instead.

- Piped into a file or another program, a table is as wide as its longest values, without lines that are drawn.
- In a terminal it is drawn if it fits; columns of prose are folded if that helps.
- Else each row becomes a heading, its first value, and the others by name below it.
"""

from collections.abc import Collection, Iterable, Sequence

from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from api.cli import console

_FOLDED = 16
"""The least width of a column of prose."""
_GAP = 2
Cell = str | Text


def show(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str = "",
    prose: Collection[str] = (),
    out: Console = console,
) -> None:
    """Write a table.

    Args:
        columns: their headings.
        rows: the values of each row by column; a `str` is no markup.
        title: a line above.
        prose: headings of the columns that may be folded.
        out: where to.
    """
    cells = [[each if isinstance(each, Text) else Text(each) for each in row] for row in rows]
    widths = [
        max([cell_len(name), *(_width(row[number]) for row in cells)]) for number, name in enumerate(columns)
    ]
    if title:
        out.print(Text(title), style="bold", soft_wrap=True)
    if not out.is_terminal:
        _write(columns, cells, widths, out)
    elif _least(columns, widths, prose) <= out.width:
        out.print(_drawn(columns, cells, prose))
    else:
        _lines(columns, cells, out)


def _width(cell: Text) -> int:
    return max(map(cell_len, cell.plain.splitlines()), default=0)


def _least(columns: Sequence[str], widths: Sequence[int], prose: Collection[str]) -> int:
    """Return the least width at which a table can be drawn: each column, a space after it, and the edges of the box."""
    least = [
        min(width, _FOLDED) if name in prose else width for name, width in zip(columns, widths, strict=True)
    ]
    return sum(least) + 2 * len(least) + 1


def _drawn(columns: Sequence[str], cells: Iterable[Sequence[Text]], prose: Collection[str]) -> Table:
    heads = [
        Column(name, overflow="fold", min_width=min(_FOLDED, cell_len(name)))
        if name in prose
        else Column(name, no_wrap=True)
        for name in columns
    ]
    table = Table(*heads, box=SIMPLE, padding=(0, 1, 0, 0))
    for row in cells:
        table.add_row(*row)
    return table


def _write(
    columns: Sequence[str], cells: Sequence[Sequence[Text]], widths: Sequence[int], out: Console
) -> None:
    """Write rows of plain text, padded; line breaks in a value become spaces."""
    for row in [[Text(name) for name in columns], *cells]:
        padded = [
            " ".join(cell.plain.split("\n")) + " " * (width - _width(cell))
            for cell, width in zip(row, widths, strict=True)
        ]
        out.print((" " * _GAP).join(padded).rstrip(), soft_wrap=True, markup=False)


def _lines(columns: Sequence[str], cells: Iterable[Sequence[Text]], out: Console) -> None:
    for first, *rest in cells:
        out.print(first, style="bold", soft_wrap=True)
        line, length = Text("  "), 0
        for name, value in zip(columns[1:], rest, strict=True):
            if not value.plain:
                continue
            pair = Text.assemble((f"{name} ", "dim"), value)
            if length and _GAP + length + _GAP + _width(pair) > out.width:
                out.print(line, overflow="fold")
                line, length = Text("  "), 0
            line, length = line + Text(" " * (_GAP if length else 0)) + pair, length + _GAP + _width(pair)
        if length:
            out.print(line, overflow="fold")
