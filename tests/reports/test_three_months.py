"""A district over three months, with interviews that come late: frozen, restated, and counted again independently.

`REPORT_HOUSEHOLDS=2000` takes the whole district of issue size; `make test` takes fewer.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.clock import FixedClock
from reports.cells import parts_of
from reports.freezing import Wanted, make, verify
from reports.indicators import all_indicators
from reports.repository import Report, ReportRepository
from sync.services import Services
from sync.settle import settle
from tests.conftest import fresh_store
from tests.reports import district as place
from tests.reports import sending
from tests.reports.district import MONTHS, Home, Told
from tests.reports.recount import Recount, by, flags

HOUSEHOLDS = int(os.environ.get("REPORT_HOUSEHOLDS", "120"))
BANNER = "150625"
FROZEN = [datetime(2023, month, 1, 1, tzinfo=UTC) for month in (4, 5, 6)]
RESTATED = datetime(2023, 6, 20, 1, tzinfo=UTC)
RARE = {"15.pension", "10.early", "17.stopped", "19.transfer_gap", "19.not_enrolled"}
RARE |= {"19.suspected", "19.resolved", "30.confirmed", *(f"8.post_{c}" for c in place.POSTS)}
"""Parts of which the district has no case; the cases of single indicators have them."""
pytestmark = pytest.mark.timeout(3600)


@dataclass
class Story:
    """What was said, and the reports that were frozen of it."""

    services: Services
    homes: list[Home]
    told: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    frozen: list[Report] = field(default_factory=list)
    restated: list[Report] = field(default_factory=list)
    findings: list[list[dict[str, Any]]] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(mongodb_uri: str) -> Iterator[Story]:
    with fresh_store(mongodb_uri) as store:
        clock = FixedClock(datetime(2023, 3, 1, 1, tzinfo=UTC))
        services = Services.build(store, clock)
        yield live(Story(services, place.homes(HOUSEHOLDS)), clock)


def live(story: Story, clock: FixedClock) -> Story:
    """Let three months pass."""
    services = story.services
    form = sending.publish(services)
    sending.register(services, story.homes)
    while settle(services).households:
        pass
    waiting: list[Told] = []
    for month in range(3):
        waiting += filter(None, (place.told_in(home, month) for home in story.homes))
        waiting = arrive(story, form, waiting, FROZEN[month], clock)
        story.frozen.append(make(services, Wanted(MONTHS[month], BANNER), "", clock.now()))
        story.findings.append(list(services.store["findings"].find()))
    assert not arrive(story, form, waiting, RESTATED, clock)
    for month in MONTHS:
        story.restated.append(make(services, Wanted(month, BANNER), "", clock.now()))
    return story


def arrive(story: Story, form: Any, waiting: list[Told], until: datetime, clock: FixedClock) -> list[Told]:
    """Let arrive what is received before an instant, settle it, and return what still waits."""
    now = [each for each in waiting if each.received < until]
    sending.arrive(story.services, form, now)
    for each in now:
        story.told[each.household].append(each)
    clock.instant = until - timedelta(minutes=5)
    while settle(story.services).households:
        pass
    clock.instant = until
    return [each for each in waiting if each.received >= until]


def sums(report: Report) -> dict[tuple[str, str, str], tuple[int, ...]]:
    return {
        (name, group.dimension, group.code): tuple(cell[:5])
        for name, cells in report.cells.by_part.items()
        for group, cell in cells.items()
        if any(cell[:5])
    }


def counted(story: Story, month: int, heard: Any) -> dict[tuple[str, str, str], tuple[int, ...]]:
    day = date(2023, month + 4, 1)
    found = Recount(MONTHS[month], day, heard).count(story.homes, story.told)
    return {key: tuple(each) for key, each in found.items() if any(each)}


def of_findings(cells: dict[tuple[str, str, str], Any]) -> dict[tuple[str, str, str], int]:
    parts = {"38.flags", "38.to_30", "38.to_90", "38.older", "38.overdue", "38.closed"}
    return {key: each[0] for key, each in cells.items() if key[0] in parts}


@pytest.mark.parametrize("month", range(3))
def test_each_frozen_figure_is_what_the_households_said_by_then(story, month):
    report = sums(story.frozen[month])
    again = counted(story, month, by(FROZEN[month]))
    plain = {key: each for key, each in report.items() if key not in of_findings(report)}
    differing = {
        key: (plain.get(key), again.get(key))
        for key in plain.keys() | again
        if plain.get(key) != again.get(key)
    }
    assert not differing, f"{len(differing)} of {len(again)} cells: {dict(sorted(differing.items())[:12])}"
    assert len(again) > 700


@pytest.mark.parametrize("month", range(3))
def test_flags_are_the_findings_of_that_moment(story, month):
    homes = {home.id: home for home in story.homes}
    again = flags(story.findings[month], homes, MONTHS[month], date(2023, month + 4, 1))
    assert of_findings(sums(story.frozen[month])) == of_findings(again)


@pytest.mark.parametrize("month", range(3))
def test_late_interviews_show_in_the_restatement_alone(story, month):
    """What was said by the day of the report counts, whenever it came; what was said later does not."""
    day = date(2023, month + 4, 1)
    report = sums(story.restated[month])
    again = counted(story, month, lambda told: told.said_on <= day)
    plain = {key: each for key, each in report.items() if key not in of_findings(report)}
    assert plain == again
    assert sums(story.frozen[month]) != report
    kept = ReportRepository(story.services.store).get(story.frozen[month].head.id)
    assert kept is not None
    assert sums(kept) == sums(story.frozen[month])
    assert story.restated[month].head.restates == kept.head.id


def test_every_figure_about_households_was_counted_again(story):
    seen = {key[0] for month in range(3) for key in counted(story, month, by(FROZEN[month]))}
    seen |= {key[0] for key in of_findings(sums(story.frozen[2]))}
    there = parts_of([each for each in all_indicators() if each.level == "household"])
    assert set(there) - seen == RARE


def test_last_months_value_stands_beside_each_figure(story):
    parts = parts_of(all_indicators())
    for month in (1, 2):
        for name, cells in story.frozen[month].cells.by_part.items():
            for group, cell in cells.items():
                before = story.frozen[month - 1].cells.get(name, group)
                assert cell.last == (None if before is None else before.value(parts[name]))


def test_each_version_comes_out_of_the_log_again_cell_by_cell(story):
    for report in (story.frozen[0], story.frozen[2], story.restated[0]):
        found = verify(story.services, report)
        assert found.equal, (found.differing[:5], found.lists_differ[:5])
        assert found.same_policy


def test_the_objects_behind_each_figure_add_up_to_it(story):
    repository = ReportRepository(story.services.store)
    for report in (story.frozen[0], story.restated[2]):
        for name, cells in report.cells.by_part.items():
            whole = next(cell for group, cell in cells.items() if group.dimension == "region")
            added = [0, 0, 0, 0]
            for _, row in repository.behind(report.head.lists, name, BANNER):
                for index, each in enumerate((row.num, row.den, row.unknown, 1)):
                    added[index] += each
            assert added == list(whole[:4]), name
