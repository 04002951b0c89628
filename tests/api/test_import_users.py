"""Accounts from a table: over HTTP and at the command line."""

import csv
import stat
import zipfile
from pathlib import Path

import openpyxl
import pytest

from core.principal import Role
from core.problems import NotAllowed, TooLarge, Unprocessable, UnsupportedMediaType
from tests.api.test_cli import command  # noqa: F401 - a fixture

HEADINGS = ["登录名", "姓名", "角色", "区划", "责任单位"]
GOOD = [
    ["Batu", "巴图", "调查员", "150625101", ""],
    ["naren", "娜仁", "officer", "150625", "education"],
]
CSV = {"Content-Type": "text/csv"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table(*rows: list[str], headings: list[str] = HEADINGS) -> bytes:
    return "\r\n".join(",".join(row) for row in [headings, *rows]).encode()


def send(caller, raw, *, write=False, headers=CSV):
    return caller("POST", f"/users/import{'?write=true' if write else ''}", data=raw, headers=headers)


def test_a_table_is_looked_over_first_and_written_when_asked(coordinator, nobody, store):
    dry = send(coordinator, table(*GOOD)).get_json()
    assert [(row["row"], row["login"], row["outcome"]) for row in dry["rows"]] == [
        (2, "batu", "new"),
        (3, "naren", "new"),
    ]
    assert (dry["written"], dry["passwords"]) == (False, [])
    assert store["users"].count_documents({}) == 1
    done = send(coordinator, table(*GOOD), write=True).get_json()
    assert done["written"]
    first = done["passwords"][0]
    answer = nobody.post("/sessions", first)
    assert answer.get_json()["user"]["temporary"]
    assert answer.get_json()["user"]["region"] == "150625101"
    again = send(coordinator, table(*GOOD, ["new1", "新", "调查员", "150625", ""]), write=True).get_json()
    assert [row["outcome"] for row in again["rows"]] == ["there already", "there already", "new"]
    assert [each["login"] for each in again["passwords"]] == ["new1"]
    kept = repr(list(store["audit"].find())) + repr(list(store["users"].find()))
    assert first["password"] not in kept


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["b", "巴图", "调查员", "150625", ""], "login"),
        (["batu2", "", "调查员", "150625", ""], "name"),
        (["batu2", "巴图", "国王", "150625", ""], "role"),
        (["batu2", "巴图", "调查员", "15062", ""], "region"),
        (["batu2", "巴图", "调查员", "150626", ""], "role"),
        (["batu2", "巴图", "协调员", "150625", ""], "role"),
        (["batu2", "巴图", "责任单位人员", "150625", ""], "unit"),
        (["batu2", "巴图", "责任单位人员", "150625", "navy"], "unit"),
        (["batu", "另一人", "调查员", "150625", ""], "login"),
        (["coordinator-150625", "巴图", "调查员", "150625", ""], "login"),
        (["batu2"], "name"),
    ],
)
def test_one_row_with_a_fault_and_nothing_is_written(coordinator, store, assert_problem, row, column):
    raw = table(GOOD[0], row)
    told = send(coordinator, raw).get_json()["rows"][1]
    assert told["outcome"] == "faulty"
    assert column in [fault["at"] for fault in told["faults"]]
    refused = assert_problem(send(coordinator, raw, write=True), Unprocessable)
    assert f"/rows/3/{column}" in [error["at"] for error in refused["errors"]]
    assert store["users"].count_documents({}) == 1


def test_what_is_no_table_is_told(coordinator, as_role, assert_problem):
    assert_problem(send(coordinator, table(headings=["login"])), Unprocessable)
    assert_problem(send(coordinator, b""), Unprocessable)
    assert_problem(send(coordinator, b"PK\x03\x04broken", headers={"Content-Type": XLSX}), Unprocessable)
    assert_problem(
        send(coordinator, table(), headers={"Content-Type": "application/json"}), UnsupportedMediaType
    )
    many = [[f"user{n}", "巴图", "调查员", "150625", ""] for n in range(501)]
    assert_problem(send(coordinator, table(*many)), Unprocessable)
    assert_problem(send(coordinator, b"x" * ((1 << 20) + 1)), TooLarge)
    assert_problem(send(as_role(Role.SUPERVISOR), table(*GOOD)), NotAllowed)


def test_a_workbook_that_unpacks_to_too_much_is_not_read(coordinator, tmp_path, assert_problem, monkeypatch):
    monkeypatch.setattr("ledger.roster.reader.UNPACKED_LIMIT", 1 << 20)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (2 << 20))
    raw = (tmp_path / "bomb.xlsx").read_bytes()
    assert_problem(send(coordinator, raw, headers={"Content-Type": XLSX}), Unprocessable)


def test_at_the_command_line_passwords_go_into_a_file_that_only_its_owner_reads(
    command,  # noqa: F811 - the fixture
    store,
    tmp_path: Path,
):
    book = openpyxl.Workbook()
    for row in [HEADINGS, *GOOD, ["eve", "-2+3", "查看者", 150625]]:
        book.active.append(row)
    book.save(tmp_path / "users.xlsx")
    file, passwords, report = (str(tmp_path / name) for name in ("users.xlsx", "passwords.csv", "report.csv"))
    dry = command("import", "users", file)
    assert dry.exit_code == 0, dry.output
    assert "3 new" in dry.output
    assert command("import", "users", file, "--yes").exit_code != 0
    done = command("import", "users", file, "--yes", "--passwords", passwords, "--report", report)
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(Path(passwords).stat().st_mode) == 0o600
    rows = list(csv.DictReader(Path(passwords).read_text(encoding="utf-8").splitlines()))
    assert [row["login"] for row in rows] == ["batu", "naren", "eve"]
    assert not [row["password"] for row in rows if row["password"] in done.output]
    assert store["users"].count_documents({}) == 3
    assert "there already" in command("import", "users", file).output
    assert command("import", "users", file, "--yes", "--passwords", passwords).exit_code != 0


def test_no_cell_of_a_report_is_a_formula(command, tmp_path):  # noqa: F811 - the fixture
    raw = table(["=cmd()", "巴图", "=1+1", "150625", ""])
    (tmp_path / "users.csv").write_bytes(raw)
    report = tmp_path / "report.csv"
    done = command("import", "users", str(tmp_path / "users.csv"), "--report", str(report))
    assert done.exit_code != 0
    cells = [cell for row in csv.reader(report.read_text(encoding="utf-8-sig").splitlines()) for cell in row]
    assert "'=cmd()" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
