"""Backup and restore as an operator types them, and who is served meanwhile."""

import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api import cli
from api.cli import ruhu
from api.cli.demo.command import Demo
from api.cli.demo.sites import places
from api.cli.importing import progress
from api.cli.processes import Stack
from core.clock import SystemClock
from core.principal import Role
from core.problems import BackupError, ConfigurationError, Unavailable
from core.settings import Settings
from store import EmbeddedMongod, Store, check_backup, make_backup, migrate, restore_backup
from sync.rebuild import check
from sync.services import Services
from sync.settle import settle
from sync.tasks import make_app
from tests.api.builders import exchange, op
from tests.keys import MASTER_KEY

Command = Callable[..., Result]
RUHU = [sys.executable, "-c", "from api.cli import main; main()"]


@pytest.fixture
def command(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr("store.restore.NOTICE_S", 0.05)
    monkeypatch.chdir(tmp_path)

    def run(*words: str, database: str = store.database, typed: str = "", **env: str) -> Result:
        known = {
            "RUHU_MONGODB_URI": store.uri,
            "RUHU_DATABASE": database,
            "RUHU_DATA": str(tmp_path / "data"),
        }
        return CliRunner().invoke(ruhu, [*words], env=known | env, input=typed)

    return run


@pytest.fixture
def other(store: Store) -> Iterator[Store]:
    empty = Store(store.uri, f"test_{uuid.uuid4().hex[:12]}", MASTER_KEY)
    yield empty
    empty.client.drop_database(empty.database)
    empty.close()


def test_a_backup_is_written_verified_and_restored(command, store, other, tmp_path):
    store["rounds"].insert_one({"_id": "r", "title": "十一月"})
    made = command("backup", str(tmp_path))
    assert made.exit_code == 0, made.output
    (file,) = tmp_path.glob("*.zip")
    assert str(file) in made.output.replace("\n", "")
    assert "people sign in again" in made.output
    whole = command("backup", "--verify", str(file), RUHU_MONGODB_URI="mongodb://127.0.0.1:1")
    assert whole.exit_code == 0, whole.output
    assert "whole" in whole.output
    back = command("restore", str(file), database=other.database)
    assert back.exit_code == 0, back.output
    assert "ruhu rebuild --check" in back.output
    assert other["rounds"].find_one({"_id": "r"})["title"] == "十一月"
    assert command("rebuild", "--check", database=other.database).exit_code == 0


def test_without_a_target_it_goes_to_the_folder_of_nightly_backups_or_here(command, tmp_path):
    (tmp_path / "nightly").mkdir()
    assert command("backup", RUHU_BACKUPS=str(tmp_path / "nightly")).exit_code == 0
    assert len(list((tmp_path / "nightly").glob("*.zip"))) == 1
    assert command("backup").exit_code == 0
    assert len(list(tmp_path.glob("*.zip"))) == 1
    assert command("backup", "--verify").exit_code == 2


def test_what_is_there_is_deleted_only_when_its_name_is_typed(command, store):
    assert command("backup", "b.zip").exit_code == 0
    store["rounds"].insert_one({"_id": "later"})
    refused = command("restore", "b.zip")
    assert isinstance(refused.exception, BackupError)
    assert "--replace" in str(refused.exception)
    mistyped = command("restore", "b.zip", "--replace", typed="ruhu\n")
    assert mistyped.exit_code == 1
    assert "nothing was changed" in mistyped.output
    assert store["rounds"].count_documents({}) == 1
    assert command("restore", "b.zip", "--replace", typed=f"{store.database}\n").exit_code == 0
    assert store["rounds"].count_documents({}) == 0
    store["rounds"].insert_one({"_id": "later"})
    assert command("restore", "b.zip", "--replace", "--yes").exit_code == 0
    assert store["rounds"].count_documents({}) == 0


def test_after_a_restore_a_phone_hears_what_is_lacking_and_begins_its_scopes_again(
    phone, command, register, store, services
):
    caller, home = phone(), register()
    visits = [
        op(n, "visit", {"household": home, "round": None, "outcome": "nobody_home", "note": ""})
        for n in (1, 2)
    ]
    first = exchange(caller, visits[0]).get_json()
    settle(services)
    assert command("backup", "b.zip").exit_code == 0
    second = exchange(caller, visits[1], cursor=first["cursor"]).get_json()
    assert second["have"] == [[1, 2]]
    assert command("restore", "b.zip", "--replace", "--yes").exit_code == 0
    third = exchange(caller, cursor=second["cursor"]).get_json()
    assert third["have"] == [[1, 1]]
    assert set(third["reset"]) == {"g", f"u-{caller.user.id}"}
    again = exchange(caller, *visits, cursor=third["cursor"]).get_json()
    assert [result["status"] for result in again["results"]] == ["duplicate", "stored"]
    assert again["have"] == [[1, 2]]
    assert store["ops"].count_documents({"install": {"$exists": True}, "kind": "visit"}) == 2


def test_a_mistake_is_one_plain_sentence_and_an_exit_code(tmp_path, monkeypatch, capsys):
    (tmp_path / "photo.zip").write_bytes(b"\xff\xd8\xff\xe0" * 100)
    for words in (["backup", "--verify", "photo.zip"], ["restore", "photo.zip"], ["restore", "no.zip"]):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("RUHU_DATA", str(tmp_path / "data"))
        monkeypatch.setattr(sys, "argv", ["ruhu", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        told = capsys.readouterr().out
        assert "no whole backup" in told or "no such file" in told
        assert "Traceback" not in told
    assert not (tmp_path / "data").exists(), "no database was started for a file that cannot be restored"


_TASK = """
import os, sys
from sync.tasks import from_env
task = from_env(os.environ).tasks[sys.argv[1]]
task.run()
print(task.time_limit, task.acks_late)
"""


def run_task(store: Store, name: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a task as a worker would, in a process of its own: a Celery application is one a process."""
    env = {known: value for known, value in os.environ.items() if not known.startswith("RUHU_")}
    env |= {"RUHU_MONGODB_URI": store.uri, "RUHU_DATABASE": store.database} | more
    env |= {"RUHU_MASTER_KEY": MASTER_KEY.to_text()}
    command = [sys.executable, "-c", _TASK, name]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def cut_short(store: Store, folder: Path) -> Path:
    """Leave `store` half restored; return the backup."""
    file, _ = make_backup(store, folder / "cut.zip", SystemClock().now())

    def cut(collection: str, _documents: int, _size: int) -> None:
        if collection == "meta":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore_backup(store, check_backup(file), SystemClock().now(), replace=True, progress=cut)
    return file


def test_a_half_restored_database_serves_nobody_and_says_so(  # noqa: PLR0913 - fixtures
    as_role, command, store, tmp_path, monkeypatch, assert_problem
):
    caller = as_role(Role.COORDINATOR)
    assert caller.get("/households").status_code == 200
    monkeypatch.setattr("api.standing.NOTICE_S", 0)
    monkeypatch.setattr("store.restore.NOTICE_S", 0)
    file = cut_short(store, tmp_path)
    for path in ("/households", "/health/ready"):
        body = assert_problem(caller.get(path), Unavailable)
        assert "being restored" in body["detail"]
    assert caller.get("/health").status_code == 200
    for words in ("doctor", "rebuild", "worker", "serve", "backup"):
        refused = command(words)
        assert isinstance(refused.exception, ConfigurationError), words
        assert "half restored" in str(refused.exception)
    assert "half restored" in run_task(store, "ruhu.sweep").stderr
    assert command("restore", str(file)).exit_code == 0
    assert caller.get("/health/ready").status_code == 200
    assert command("doctor").exit_code == 0


def test_a_restore_is_refused_while_a_server_works_on_the_data_folder(tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith("RUHU_")}
    env["RUHU_DATA"] = str(tmp_path / "data")
    with EmbeddedMongod(tmp_path / "data", cache_gb=0.25) as mongod:
        store = Store(mongod.uri, "ruhu", MASTER_KEY)
        migrate(store)
        store["rounds"].insert_one({"_id": "r"})
        file, _ = make_backup(store, tmp_path / "b.zip", SystemClock().now())
        store.close()
        refused = subprocess.run(
            [*RUHU, "restore", str(file)], env=env, capture_output=True, text=True, check=False
        )
        assert refused.returncode == 2
        assert "Stop it" in refused.stdout
    env["RUHU_DATA"] = str(tmp_path / "new machine")
    refused = subprocess.run(
        [*RUHU, "restore", str(file)], env=env, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "no master key here" in refused.stdout
    assert not (tmp_path / "new machine" / "master.key").exists(), "a new key would not open it"
    env["RUHU_MASTER_KEY"] = MASTER_KEY.to_text()
    done = subprocess.run([*RUHU, "restore", str(file)], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with EmbeddedMongod(tmp_path / "new machine", cache_gb=0.25) as mongod:
        store = Store(mongod.uri, "ruhu", MASTER_KEY)
        assert store["rounds"].count_documents({}) == 1
        store.close()


def test_the_clock_has_the_nightly_backup_only_when_there_is_a_folder_for_it(store, tmp_path):
    settings = Settings(mongodb_uri=store.uri, database=store.database)
    assert "backup" not in make_app(settings).conf.beat_schedule
    app = make_app(replace(settings, backups=str(tmp_path / "nightly")))
    entry = app.conf.beat_schedule["backup"]
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({2}, {30})
    assert app.conf.timezone == "Asia/Shanghai"
    done = run_task(store, entry["task"], RUHU_BACKUPS=str(tmp_path / "nightly"))
    assert done.returncode == 0, done.stderr
    limit, acks_late = done.stdout.split()[-2:]
    assert int(limit) > app.conf.task_time_limit
    assert acks_late == "False", "a broker that waits for an acknowledgement would have it made twice"
    assert len(list((tmp_path / "nightly").glob("*.zip"))) == 1


def test_the_doctor_tells_of_the_newest_backup(command, store, tmp_path):
    folder = str(tmp_path / "nightly")
    assert "set RUHU_BACKUPS" in command("doctor").output.replace("\n", "")
    assert "none in" in command("doctor", RUHU_BACKUPS=folder).output
    Path(folder).mkdir()
    make_backup(store, Path(folder), datetime.now(UTC) - timedelta(days=3))
    told = command("doctor", RUHU_BACKUPS=folder).output
    assert "72 h" in told
    assert "look" in told.split("backup")[1]
    make_backup(store, Path(folder), datetime.now(UTC))
    fresh = command("doctor", RUHU_BACKUPS=folder)
    assert "0 h" in fresh.output
    assert "2 kept" in fresh.output
    assert fresh.exit_code == 0


def test_a_district_backed_up_while_phones_push_comes_back_on_another_machine_equal_to_its_log(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    settings = Settings(
        data=str(tmp_path / "first"), master_key=MASTER_KEY.to_text(), port=port, web_processes="1"
    )
    stack = Stack(settings, lambda _text: None)
    try:
        store = stack.start_database()
        services = Services.build(store, SystemClock())
        stack.start_processes()
        demo = Demo(services, stack.url, 1, lambda: False)
        with progress() as bar:
            demo.prepare(12, bar)
            visiting = threading.Thread(target=demo.visit, args=(0, bar))
            visiting.start()
            known = store["ops"].count_documents({})
            while store["ops"].count_documents({"kind": "interview"}) < 9 and visiting.is_alive():
                pass
            file, manifest = make_backup(store, tmp_path, SystemClock().now())
            visiting.join(timeout=120)
        assert manifest.parts["ops"].documents > known
        later = store["ops"].count_documents({}) - manifest.parts["ops"].documents
        assert later > 0, "phones went on"
        epoch, master = manifest.epoch, store.master
        store.close()
    finally:
        stack.stop()

    with EmbeddedMongod(tmp_path / "second", cache_gb=0.25) as mongod:
        store = Store(mongod.uri, "ruhu", master)
        done = restore_backup(store, check_backup(file), SystemClock().now())
        report = check(Services.build(store, SystemClock()))
        assert (report.households, report.differing) == (12 + len(places()), [])
        assert done.epoch != epoch
        assert store["tokens"].count_documents({"kind": "device"}) == len(demo.enumerators)
        store.close()
