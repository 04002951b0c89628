"""What is installed is pinned by hash, and the locks keep up with pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
LOCKS = {"requirements.lock": ("mongod",), "requirements-dev.lock": ("mongod", "redis", "dev")}
_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==([^ ]+)(?: ; [^\\\n]+?)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n", re.MULTILINE
)


def wanted(lock: str) -> list[Requirement]:
    lines = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"]]
    lines += [line for extra in LOCKS[lock] for line in EXTRAS[extra]]
    return [each for each in map(Requirement, lines) if each.name != PROJECT["project"]["name"]]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_pins_what_pyproject_asks_for(lock):
    pins = {canonicalize_name(name): version for name, version, _ in _PIN.findall((ROOT / lock).read_text())}
    off = [
        str(each)
        for each in wanted(lock)
        if pins.get(canonicalize_name(each.name)) not in each.specifier
        if each.marker is None or each.marker.evaluate()
    ]
    assert off == [], "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_pin_with_its_hashes_and_names_no_place(lock):
    text = (ROOT / lock).read_text()
    assert _PIN.sub("", text).strip() == ""
    assert not re.search(r"https?:|file:|--index|--extra|--find|--trusted|@", text)


def test_what_runs_is_installed_as_it_is_tested():
    run, dev = ({name: rest for name, *rest in _PIN.findall((ROOT / lock).read_text())} for lock in LOCKS)
    assert {name: run[name] for name in run} == {name: dev.get(name) for name in run}, "run `make lock`"


def test_make_installs_nothing_else_where_the_locks_are_for():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes --no-deps -r" in makefile
    assert "--upgrade pip" not in makefile
