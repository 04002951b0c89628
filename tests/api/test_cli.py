"""The command line, on a real database, as an operator types it."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from api.cli import ruhu
from ledger.repository import LedgerRepository
from store import Store

HEADINGS = ["户编号", "姓名", "证件号码", "与户主关系", "民族", "入住日期", "户主手机"]
ROWS = [
    ["0001", "布和", "152726197905120014", "户主", "蒙古族", "2026-03-15", "13912345678"],
    ["0001", "乌兰", "150625201603050028", "之女", "蒙古族", "", ""],
    ["0002", "王建国", "152726197905120013", "户主", "汉族", "去年", ""],
    ["", "无名", "", "", "", "", ""],
]
Command = Callable[..., Result]


@pytest.fixture
def command(store: Store, tmp_path: Path) -> Command:
    env = {
        "RUHU_MONGODB_URI": store.uri,
        "RUHU_DATABASE": store.database,
        "RUHU_DATA": str(tmp_path / "data"),
    }

    def run(*words: str) -> Result:
        return CliRunner().invoke(ruhu, [*words], env=env)

    return run


@pytest.fixture
def roster(tmp_path: Path) -> str:
    book = openpyxl.Workbook()
    for row in [["杭锦旗搬迁户花名册"], HEADINGS, *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "roster.xlsx")
    return str(tmp_path / "roster.xlsx")


def test_a_roster_is_checked_first_and_written_only_when_asked(command, store, roster, tmp_path):
    report = tmp_path / "report.csv"
    dry = command("import", "households", roster, "--region", "150625", "--report", str(report))
    assert dry.exit_code == 0, dry.output
    assert "dry run" in dry.output
    assert store["ops"].count_documents({}) == 0
    told = list(csv.DictReader(report.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["row"], row["code"]) for row in told] == [
        ("5", "bad-resident-id"),
        ("5", "not-understood"),
        ("6", "missing"),
    ]

    first = command("import", "households", roster, "--region", "150625", "--yes")
    assert "2 new" in first.output
    assert store["households"].count_documents({"region": "150625"}) == 2
    again = command("import", "households", roster, "--region", "150625", "--yes")
    assert "2 unchanged" in again.output
    assert store["ops"].count_documents({}) == 2


def test_a_heading_of_ones_own_is_named_once_and_its_mapping_saved(command, store, roster):
    unknown = command("import", "households", roster, "--region", "150625")
    assert "户主手机" in unknown.output
    saved = command(
        "import",
        "households",
        roster,
        "--region",
        "150625",
        "--map",
        "户主手机=household.phone",
        "--save-as",
        "旗",
    )
    assert "户主手机" not in saved.output
    written = command("import", "households", roster, "--region", "150625", "--mapping", "旗", "--yes")
    assert "2 new" in written.output
    found = store["households"].find_one({"registry_no": "0001"})
    assert LedgerRepository(store).get(found["_id"]).household.text("phone") == "13912345678"


def test_a_file_that_is_no_roster_is_told_so_in_plain_words(command, tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    result = command("import", "households", str(tmp_path / "notes.csv"), "--region", "150625")
    assert result.exit_code == 1
    assert "No heading row" in result.output
    assert "户编号" in result.output


def test_accounts_are_made_listed_and_get_a_code_for_a_phone(command):
    made = command("user", "add", "naren", "--name", "娜仁", "--role", "enumerator", "--region", "150625")
    assert "password:" in made.output
    assert "naren" in command("user", "list").output
    assert "password:" in command("user", "password", "naren").output
    assert "valid until" in command("device", "code", "naren").output
    assert command("device", "list").exit_code == 0


def test_a_form_is_checked_published_and_listed(command):
    draft = str(Path(__file__).parents[2] / "forms" / "catalogue" / "schooling.yaml")
    assert "0 problems" in command("form", "check", draft).output
    assert "schooling 2" in command("form", "publish", draft).output
    assert "schooling" in command("form", "list").output


def test_rebuild_compares_and_mends(command, store, roster):
    command("import", "households", roster, "--region", "150625", "--yes")
    assert command("rebuild", "--check").exit_code == 0
    store["households"].update_one({"registry_no": "0001"}, {"$set": {"digest": "spoilt"}})
    store["findings"].delete_many({})
    spoilt = command("rebuild", "--check")
    assert spoilt.exit_code == 1
    assert "ledger" in spoilt.output
    assert "findings" in spoilt.output
    assert command("rebuild").exit_code == 0
    assert command("rebuild", "--check").exit_code == 0


def test_the_doctor_finds_what_waits_and_what_is_missing(command, store, roster):
    command("import", "households", roster, "--region", "150625", "--yes")
    assert command("doctor").exit_code == 0
    store["feed_scopes"].insert_one({"_id": "w-lost", "seq": 3, "n": 2, "sum": 0, "floor": 0})
    store["users"].drop_index("login_1")
    crash = {"insurance/lapse": {"error": "LookupError: no value", "at": datetime(2026, 1, 1, tzinfo=UTC)}}
    store["meta"].insert_one({"_id": "rule_failures", "rules": crash})
    told = command("doctor")
    assert told.exit_code == 1
    assert "w-lost" in told.output
    assert "missing" in told.output
    assert "insurance/lapse" in told.output


def test_a_table_of_sites_is_checked_first_and_written_only_when_asked(command, store, tmp_path):
    table, report = tmp_path / "sites.csv", tmp_path / "report.csv"
    rows = "类别,编码,区划代码,名称,人口\n,s1,150625100,一号点,1200\n旗区,,150625,杭锦旗,\n,s2,150725,别处,\n"
    table.write_text("安置点一览\n" + rows, encoding="gb18030")
    asked = ("import", "sites", str(table), "--region", "1506")
    dry = command(*asked, "--report", str(report))
    assert dry.exit_code == 0, dry.output
    assert "3 rows: 2 sites and banners, 1 remarks" in dry.output
    assert "dry run" in dry.output
    assert store["sites"].count_documents({}) == 0
    assert "foreign-region" in report.read_text(encoding="utf-8-sig")
    assert "2 new" in command(*asked, "--yes").output
    assert {each["_id"] for each in store["sites"].find()} == {"site:s1", "banner:150625"}
    assert "2 unchanged" in command(*asked, "--yes").output
    assert "all equal" in command("rebuild", "--check").output
    assert command("import", "sites", str(report), "--region", "1506").exit_code != 0
