"""The table of docs/security.md is whole, and each test it names is there."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
UNTESTED = {"part", "operator", "n/a"}
TO_COME = {"tests/api/test_sessions.py", "tests/api/test_permissions.py", "tests/unit/access/test_chain.py"}
"""Files that the table names already; each goes from here when it is there."""


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| v5.0.0-")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def wanted() -> set[str]:
    found = set()
    for line in (ROOT / "tests/health/asvs-5.0.0.txt").read_text().splitlines():
        for each in () if line.startswith("#") else line.split():
            section, _, numbers = each.rpartition(".")
            first, _, last = numbers.partition("-")
            found |= {f"{section}.{n}" for n in range(int(first), int(last or first) + 1)}
    return found


@cache
def named_in(path: str) -> set[str]:
    return set(re.findall(r"^def (test_\w+)", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE))


def test_each_requirement_of_levels_1_and_2_stands_in_the_table_once():
    told = Counter(row[0].removeprefix("v5.0.0-") for row in rows())
    assert {name: n for name, n in told.items() if n > 1} == {}
    assert set(told) == wanted()
    assert len(wanted()) == 217


def test_no_row_is_empty_and_what_is_met_has_a_test():
    for name, *cells in rows():
        assert len(cells) == 4, name
        assert all(cells), name
        _, state, _, test = cells
        assert state in {"met", *UNTESTED}, name
        assert "::" in test or (state in UNTESTED and test == "–"), f"{name}: name a test that can fail"


def test_each_test_that_is_named_is_there():
    named = re.findall(r"`(tests/[\w/.-]+\.py)::(\w+)`", PAGE)
    assert len(named) > 150
    missing = {
        f"{path}::{test}" for path, test in named if path not in TO_COME and test not in named_in(path)
    }
    assert missing == set()
    assert {path for path in TO_COME if (ROOT / path).exists()} == set(), "take these out of TO_COME"


def test_each_part_of_the_page_that_a_row_points_to_is_there():
    headings = {
        re.sub(r"[^\w -]", "", text).lower().replace(" ", "-")
        for text in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= headings
    for link in set(re.findall(r"\]\(([\w./-]+\.md)\)", PAGE)):
        assert (ROOT / "docs" / link).exists(), link
