"""Run every benchmark and print one table: what, measured, goal."""

import importlib
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from store import EmbeddedMongod

MODULES = (
    "forms",
    "ledger",
    "push",
    "seal",
    "settle",
    "pull",
    "reassign",
    "backup",
    "trail",
    "rejudge",
    "report",
)


def main() -> None:
    chosen = sys.argv[1:] or MODULES
    table = Table("what", "measured", "goal")
    with tempfile.TemporaryDirectory() as folder, EmbeddedMongod(Path(folder)) as mongod:
        for name in chosen:
            for row in importlib.import_module(f"bench.{name}").run(mongod.uri):
                table.add_row(*row)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
