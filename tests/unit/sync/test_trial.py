"""Another value of a parameter is tried over the ledger, and then judged by in earnest."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.clock import day_of
from sync.rebuild import check
from sync.services import Services
from sync.settle import rejudge, settle
from sync.trial import batches, compare, trial_of
from tests.unit.sync.world import names, person, register
from validators.engine import Engine
from validators.life import State
from validators.policy.change import Change, changed
from validators.trial import Fate

BRIDGE = "insurance.medical.bridge_months"
COVER = {"scheme": "emp", "start": "2020-01-01", "end": "2025-12-31"}
TRIED = [Change(BRIDGE, 12, date(2026, 1, 1))]


@pytest.fixture
def district(services: Services, clock) -> Services:
    """Three households; the one member of each had medical cover until the end of 2025, and has none in June 2026."""
    clock.instant = datetime(2026, 6, 20, 2, tzinfo=UTC)
    for household in names(3):
        member = person(
            f"{household[:-4]}f001",
            **{"insurance.medical.now": "no", "insurance.medical.history_from": "2020-01-01"},
        )
        spells = [{"entity": "spell:insurance.medical", "key": "s1", "facts": COVER}]
        register(services, [household], clock.now(), persons=[member | {"rows": spells}])
    settle(services)
    return services


def lapses(services: Services) -> list[State]:
    found = services.findings.of_households(names(3)).values()
    return [each.state for of in found for each in of.values() if each.rule == "insurance/lapse"]


def test_a_trial_tells_what_would_clear_and_writes_nothing(district, clock):
    assert lapses(district) == [State.OPEN] * 3
    before = list(district.store["findings"].find())
    tried = trial_of(district.engine.policy, TRIED)
    assert "insurance/lapse" in tried.after.rules
    assert "schooling/dropout" not in tried.after.rules
    told = [
        each for batch in batches(district) for each in compare(district, tried, batch, day_of(clock.now()))
    ]
    assert [(each.fate, each.household) for each in told if each.rule == "insurance/lapse"] == [
        (Fate.CLEARS, household) for household in names(3)
    ]
    assert {each.rule for each in told if each.fate is Fate.APPEARS} == {"insurance/lapse-short"}
    assert list(district.store["findings"].find()) == before


def test_another_deadline_moves_findings_and_makes_none(district, clock):
    tried = trial_of(
        district.engine.policy,
        [
            Change(f"findings.due_days.{severity}", 1, date(2026, 6, 1))
            for severity in ("critical", "major", "minor")
        ],
    )
    told = compare(district, tried, names(3), day_of(clock.now()))
    assert told
    assert {(each.fate, each.moved) for each in told} == {(Fate.MOVES, ("due",))}


def test_what_a_trial_told_is_what_judging_anew_gives_and_what_a_rebuild_gives(district, clock):
    policy = changed(district.engine.policy, TRIED)
    other = replace(district, shipped=Engine(policy))
    report = rejudge(other, names(3), day_of(clock.now()))
    assert report.households == 3
    assert not [state for state in lapses(other) if state is State.OPEN]
    assert rejudge(other, names(3), day_of(clock.now())).households == 0
    assert check(other).differing == []
