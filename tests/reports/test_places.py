"""Indicators of sites and banners, on entries that went through the pipeline."""

from datetime import UTC, date, datetime

import pytest

from access import SYSTEM
from core.clock import FixedClock
from core.ids import banner_id, site_id
from forms.op import OpKind
from reports.cells import Group, parts_of
from reports.freezing import Wanted, make, verify
from reports.indicators import all_indicators
from store import Store
from sync.office import Submission, submit_many
from sync.services import Services
from tests.conftest import fresh_store

BANNER, SUMU = "150625", "150625101"
SERVICES = ("employment", "insurance", "hukou", "schooling", "law", "policy", "dispute")


def record(kind: str, key: str, **facts):
    return {"entity": f"record:{kind}", "key": key, "facts": {n.rstrip("_"): v for n, v in facts.items()}}


def site_row(name: str, *rows, **facts):
    return {"entity": "site", "facts": {"name": name, **facts}, "rows": list(rows)}


WHOLE = site_row(
    "全有",
    *(record("infrastructure", i, item=i, status="1") for i in ("water", "electricity", "gas", "heating")),
    record("infrastructure", "road", item="road", status="2"),
    record("infrastructure", "pipes", item="pipes", status="5"),
    *(record("service_point", s, service=s, offered="yes") for s in SERVICES),
    record("building", "1", no="1", head="yes"),
    body="2",
    party_branch="yes",
    site_head="yes",
)
POOR = site_row(
    "全无",
    *(record("infrastructure", i, item=i, status="4") for i in ("water", "gas")),
    *(record("service_point", s, service=s, offered="yes") for s in SERVICES[:-1]),
    record("service_point", "dispute", service="dispute", offered="no"),
    record("building", "1", no="1", head="no"),
    body="5",
)
UNTOLD = site_row("未问")
BANNER_ROW = {
    "entity": "banner",
    "facts": {"name": "杭锦旗"},
    "rows": [
        record("training_session", "a", on="2024-05-01", persons=20, subsidy=1500.5),
        record("training_session", "b", on="2024-05-31", persons=5, subsidy=0.25),
        record("training_session", "c", on="2024-06-01", persons=9, subsidy=9),
        record("fund", "f", allotted_on="2024-06-03", allotted=1000000, paid=250000.75),
        record("fund", "g", allotted_on="2024-06-04", allotted=7, paid=7),
        record("self_check", "1", on="2024-04-01", problem="甲"),
        record("self_check", "2", on="2024-04-01", problem="乙", closed_on="2024-05-31"),
        record("self_check", "3", on="2024-04-01", problem="丙", closed_on="2024-06-03"),
        record("self_check", "4", on="2024-04-01", problem="丁", closed_on="2024-06-04"),
    ],
}


@pytest.fixture(scope="module")
def report(mongodb_uri):
    with fresh_store(mongodb_uri) as store:
        yield made(store)


def made(store: Store):
    services = Services.build(store, FixedClock(datetime(2024, 6, 3, 1, tzinfo=UTC)))
    rows = {site_id("s1"): WHOLE, site_id("s2"): POOR, site_id("s3"): UNTOLD}
    bodies = [{"household": name, "region": SUMU, "row": row} for name, row in rows.items()]
    bodies.append({"household": banner_id(BANNER), "region": BANNER, "row": BANNER_ROW})
    submit_many(
        services, SYSTEM, [Submission(OpKind.REGISTRY, each) for each in bodies], services.clock.now()
    )
    report = make(services, Wanted("2024-05", BANNER), "", services.clock.now())
    assert verify(services, report).equal
    return report


@pytest.mark.parametrize(
    ("part", "sums", "value"),
    [
        ("24.missing", (2, 20, 13, 20), 2 / 7),
        ("24.broken", (1, 20, 13, 20), 1 / 7),
        ("25.body", (1, 3, 1, 3), 0.5),
        ("25.branch", (1, 1, 0, 1), 1.0),
        ("25.services", (1, 3, 1, 3), 0.5),
        ("25.grid", (1, 3, 1, 3), 0.5),
        ("11.sessions", (2, 0, 0, 2), 2),
        ("11.persons", (25, 0, 0, 2), 25),
        ("11.subsidy", (150075, 0, 0, 2), 1500.75),
        ("36.allotted", (100000000, 0, 0, 1), 1000000.0),
        ("36.paid", (25000075, 0, 0, 1), 250000.75),
        ("37.open", (2, 0, 0, 2), 2),
        ("37.closed", (1, 0, 0, 1), 1),
    ],
)
def test_figures_of_places(report, part, sums, value):
    """The month's last day counts, the next does not; the day of the report counts, the next does not."""
    cell = report.cells.get(part, Group("region", BANNER))
    assert tuple(cell[:4]) == sums
    assert cell.value(parts_of(all_indicators())[part]) == pytest.approx(value)


def test_a_site_is_counted_under_its_code_and_sumu_and_no_kind_of_relocation(report):
    assert report.cells.get("25.body", Group("site", "s1")).num == 1
    assert report.cells.get("25.body", Group("sumu", SUMU)).den == 3
    assert report.cells.groups("kind") == []
    assert report.head.moment.day == date(2024, 6, 3)
