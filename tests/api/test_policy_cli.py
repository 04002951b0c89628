"""`ruhu policy`, as an operator types it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import console, ruhu
from core.clock import SystemClock, day_of
from core.problems import ConfigurationError
from store import Store
from sync.services import Services
from sync.settle import settle
from tests.unit.sync.world import names, person, register

BRIDGE = "insurance.medical.bridge_months"
Command = Callable[..., Result]


@pytest.fixture
def command(store: Store, tmp_path: Path, monkeypatch) -> Command:
    monkeypatch.setattr(console, "_width", 200)
    env = {
        "RUHU_MONGODB_URI": store.uri,
        "RUHU_DATABASE": store.database,
        "RUHU_DATA": str(tmp_path / "data"),
    }

    def run(*words: str, **more: str) -> Result:
        return CliRunner().invoke(ruhu, ["policy", *words], env=env | more)

    return run


@pytest.fixture
def district(store: Store) -> None:
    services = Services.build(store, SystemClock())
    for household in names(2):
        member = person(
            f"{household[:-4]}f001",
            **{"insurance.medical.now": "no", "insurance.medical.history_from": "2020-01-01"},
        )
        cover = {"scheme": "emp", "start": "2020-01-01", "end": "2025-12-31"}
        spells = [{"entity": "spell:insurance.medical", "key": "s1", "facts": cover}]
        register(services, [household], services.clock.now(), persons=[member | {"rows": spells}])
    settle(services)


def own(folder: Path) -> Path:
    folder.mkdir()
    line = "{from: 2026-01-01, value: 600, source: 试行, grade: P, verified_on: null}"
    (folder / "insurance.yaml").write_text(f"{BRIDGE}:\n  values:\n  - {line}\n", encoding="utf-8")
    return folder


def test_parameters_are_listed_with_the_value_of_a_day(command):
    listed = command("list", "insurance.medical", "--on", "2023-05-01")
    assert listed.exit_code == 0, listed.output
    assert BRIDGE in listed.output
    assert "schooling" not in listed.output


def test_a_parameter_shows_its_values_and_rules_and_a_rule_its_parameters(command):
    assert "insurance/lapse" in command("show", BRIDGE).output
    assert BRIDGE in command("show", "insurance/lapse").output
    wrong = command("show", "bridge_months")
    assert isinstance(wrong.exception, ConfigurationError)
    assert BRIDGE in str(wrong.exception)


def test_a_folder_is_checked_and_says_what_it_touches(command, tmp_path):
    told = command("check", str(own(tmp_path / "own")))
    assert told.exit_code == 0, told.output
    assert f"{BRIDGE}: touches" in told.output
    assert "1 parameters differ" in told.output
    assert "0 parameters differ" in command("check").output
    assert isinstance(command("check", str(tmp_path / "none")).exception, ConfigurationError)


@pytest.mark.usefixtures("district")
def test_a_dry_run_counts_by_rule_and_banner_and_judging_anew_does_it(command, store, tmp_path):
    folder = str(own(tmp_path / "own"))
    for words in ((folder,), ("--set", f"{BRIDGE}=600", "--from", "2026-01-01")):
        told = command("dry-run", *words, "--processes", "1")
        assert told.exit_code == 0, (told.output, told.exception)
        rows = [line.split() for line in told.output.splitlines()]
        assert ["insurance/lapse", "150625", "0", "2", "0"] in rows
    live = {"rule": "insurance/lapse", "state": "open"}
    assert store["findings"].count_documents(live) == 2
    done = command("rejudge", "--processes", "1", RUHU_POLICY=folder)
    assert done.exit_code == 0, (done.output, done.exception)
    assert "2 judged anew" in done.output
    assert store["findings"].count_documents(live) == 0


@pytest.mark.usefixtures("district")
def test_a_report_is_made_by_the_offices_own_values_too(command, store, tmp_path):
    """A report made by another policy than the worker's would have the whole ledger judged to and fro."""
    folder = str(own(tmp_path / "own"))
    assert command("rejudge", "--processes", "1", RUHU_POLICY=folder).exit_code == 0
    judged_by = store["households"].distinct("policy")
    env = {"RUHU_MONGODB_URI": store.uri, "RUHU_DATABASE": store.database, "RUHU_POLICY": folder}
    month = f"{day_of(SystemClock().now()).replace(day=1) - timedelta(days=1):%Y-%m}"
    made = CliRunner().invoke(ruhu, ["report", "freeze", month, "150625"], env=env)
    assert made.exit_code == 0, (made.output, made.exception)
    assert store["households"].distinct("policy") == judged_by


def test_what_is_given_wrongly_is_told(command):
    assert "either" in command("dry-run").output
    assert "--from" in command("dry-run", "--set", f"{BRIDGE}=3").output
    unknown = command("dry-run", "--set", "insurance.nothing=3", "--from", "2027-01-01")
    assert isinstance(unknown.exception, ConfigurationError)
