"""`ruhu report`: a listed id can be given to the other commands; what is exported opens; what is equal exits with 0."""

import re
from datetime import UTC, datetime

from click.testing import CliRunner
from openpyxl import load_workbook

from api.cli import ruhu
from core.clock import FixedClock
from reports.freezing import Wanted, make
from reports.repository import ReportRepository
from sync.services import Services
from tests.keys import MASTER_KEY
from tests.unit.sync.world import names, register


def test_a_report_is_listed_exported_and_verified(store, tmp_path):
    services = Services.build(store, FixedClock(datetime(2024, 6, 3, 1, tzinfo=UTC)))
    register(services, names(2), services.clock.now())
    made = make(services, Wanted("2024-05", "150625"), "", services.clock.now())
    env = {"RUHU_MONGODB_URI": store.uri, "RUHU_DATABASE": store.database, "RUHU_DATA": str(tmp_path)}
    env["RUHU_MASTER_KEY"] = MASTER_KEY.to_text()

    def run(*words: str):
        return CliRunner().invoke(ruhu, ["report", *words], env=env)

    listed = run("list", "--month", "2024-05")
    assert listed.exit_code == 0, listed.output
    assert re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", listed.output) == [made.head.id]
    for name in ("month.xlsx", "month.pdf"):
        written = run("export", made.head.id, str(tmp_path / name))
        assert written.exit_code == 0, written.output
    assert load_workbook(tmp_path / "month.xlsx").sheetnames[0] == "月报"
    assert (tmp_path / "month.pdf").read_bytes().startswith(b"%PDF")
    assert run("export", made.head.id, "month.doc").exit_code != 0
    assert run("verify", made.head.id).exit_code == 0
    again = run("freeze", "2024-05", "150625")
    assert again.exit_code == 0, again.output
    versions = ReportRepository(store).versions("2024-05", "150625")
    assert [(head.version, head.restates) for head in versions] == [(1, None), (2, made.head.id)]


def test_a_report_that_is_not_there_is_told(store, tmp_path):
    env = {"RUHU_MONGODB_URI": store.uri, "RUHU_DATABASE": store.database, "RUHU_DATA": str(tmp_path)}
    told = CliRunner().invoke(ruhu, ["report", "verify", "none"], env=env)
    assert told.exit_code != 0
