"""Every `ruhu … list` in a terminal of 80 columns and piped; cases and webhooks at the console."""

import os
import pty
import re
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from fcntl import ioctl
from ipaddress import ip_network
from termios import TIOCSWINSZ

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from access.accounts import Accounts
from access.model import Act
from api.cli import ruhu
from api.cli.people import OPERATOR
from api.cli.setup import publish_catalogue
from core.clock import FixedClock
from core.principal import Role
from reports.desk import Reports
from reports.freezing import Wanted, make
from sync.notify.webhooks import WebhookPlan, Webhooks
from sync.services import Services
from tests.keys import MASTER_KEY
from tests.unit.sync.world import names, register

UNIT = "medical_insurance"
LISTS = (
    ("user", "list"),
    ("device", "list"),
    ("form", "list"),
    ("policy", "list"),
    ("report", "list"),
    ("report", "orders"),
    ("case", "list"),
    ("notify", "list"),
)


@pytest.fixture
def services(store):
    made = Services.build(
        store, FixedClock(datetime(2024, 6, 3, 1, tzinfo=UTC)), webhook_networks=(ip_network("127.0.0.0/8"),)
    )
    publish_catalogue(made)
    register(made, names(3), made.clock.now())
    make(made, Wanted("2024-05", "150625"), "", made.clock.now())
    act = Act(OPERATOR, made.clock.now())
    Reports(made, act).order(Wanted("2024-04", "150625", "poverty_alleviation"))
    Accounts(store, act).create(
        login="naren", name="娜仁", role=Role.OFFICER, region="150625", unit="poverty_alleviation",
        password="correct horse 4",
    )  # fmt: skip
    Webhooks(made, act).create(WebhookPlan("http://127.0.0.1:9/T0KEN", (), None, "1506"))
    return made


@pytest.fixture
def env(store, tmp_path):
    return {
        "RUHU_MONGODB_URI": store.uri,
        "RUHU_DATABASE": store.database,
        "RUHU_DATA": str(tmp_path),
        "RUHU_MASTER_KEY": MASTER_KEY.to_text(),
    }


@pytest.fixture
def run(services, env):
    assert services.store.database == env["RUHU_DATABASE"]

    def call(*words: str):
        return CliRunner().invoke(ruhu, words, env=env)

    return call


def in_terminal(env, words, columns: int) -> str:
    """Run a command in a terminal of so many columns, and return what it shows."""
    parent, child = pty.openpty()
    ioctl(child, TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-c", "from api.cli import main; main()", *words]
    plain = {**os.environ, **env, "TERM": "dumb"}
    plain.pop("COLUMNS", None)
    process = subprocess.Popen(command, stdout=child, stderr=child, stdin=child, env=plain)
    os.close(child)
    shown = bytearray()
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # the terminal is gone with its last process
            break
        if not piece:
            break
        shown += piece
    os.close(parent)
    assert process.wait(60) == 0, shown.decode()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_a_list_is_readable_at_80_columns_and_whole_when_piped(run, env, words):
    piped = run(*words)
    assert piped.exit_code == 0, piped.output
    shown = in_terminal(env, words, 80)
    assert "…" not in re.sub(r"/…", "", piped.output + shown), "only a webhook's address is masked"
    assert max(map(cell_len, shown.splitlines())) <= 80
    for word in re.findall(r"[\w.:/-]{6,}", piped.output.partition("\n")[2]):
        assert word in shown, word


def test_cases_are_listed_and_shown(run):
    listed = run("case", "list", "--unit", UNIT).output
    ids = re.findall(r"^[a-z2-7]{16}", listed, re.MULTILINE)
    assert len(ids) == 3
    assert run("case", "list", "--unit", "forestry").output.count(UNIT) == 0
    helping = run("case", "list", "--unit", "civil_affairs", "--role", "cooperating").output
    assert set(ids) <= set(re.findall(r"^[a-z2-7]{16}", helping, re.MULTILINE))
    assert run("case", "list", "--role", "cooperating").exit_code != 0, "it is to be said which unit"
    assert "--limit" in run("case", "list", "--unit", UNIT, "--limit", "1").output
    assert ids[0] not in run("case", "list", "--state", "closed").output
    shown = run("case", "show", ids[0])
    assert shown.exit_code == 0, shown.output
    for word in ("insurance/", "三(三)", "civil_affairs", "opened", "nobody"):
        assert word in shown.output, word
    assert run("case", "show", ids[0], "--lang", "en").output != shown.output
    assert run("case", "show", "nothing").exit_code != 0


def test_what_was_let_go_of_is_listed_and_sent_again(run, services, store):
    news = store["notifications"].find_one()
    (webhook,) = store["webhooks"].find()
    at = services.clock.now() - timedelta(days=8)
    store["deliveries"].insert_one(
        {
            "_id": f"{news['_id']}/{webhook['_id']}", "webhook": webhook["_id"], "notification": news["_id"],
            "kind": news["kind"], "at": at, "state": "dead", "next_at": at, "tries": 12, "told": {},
            "last": {"at": at, "status": 503, "error": None},
        }
    )  # fmt: skip
    listed = run("notify", "list").output
    assert "T0KEN" not in listed
    for word in (webhook["_id"], "http://127.0.0.1:9/…", news["_id"], "503", "12"):
        assert word in listed, word
    assert news["_id"] not in run("notify", "list", "--state", "waiting").output
    assert f"{webhook['_id']}: 1 sent again" in run("notify", "retry").output
    assert store["deliveries"].find_one()["state"] == "waiting"
    assert store["audit"].find_one({"action": "webhooks:write", "by": OPERATOR.user, "detail.redriven": 1})
    assert run("notify", "retry", webhook["_id"]).exit_code == 0
    assert run("notify", "retry", "nothing").exit_code != 0
