"""Made on the 1st, reminded of from the 3rd, overdue after the 5th: and the banner's ledger entry knows (九(一))."""

from datetime import UTC, datetime

import pytest

from access import SYSTEM, Act
from core.clock import FixedClock, day_of
from core.ids import banner_id
from core.principal import Principal, Role
from core.problems import NotFound
from core.spans import previous_day
from forms.op import OpKind
from reports import freezing
from reports.desk import Reports
from reports.due import look, responsible_units, senders
from reports.freezing import Wanted, make, verify
from reports.making import total
from reports.moment import before, is_late, last_day_to_send, month_before, month_days
from reports.repository import ReportRepository, ReportState
from store import Store
from sync.notify.outbox import Feed
from sync.office import Submission, submit_many
from sync.services import Services
from sync.settle import settle, settle_due
from tests.unit.sync.world import names, register

BANNER = "150625"
FIRST, SECOND = Principal("first", Role.COORDINATOR, BANNER), Principal("second", Role.COORDINATOR, BANNER)


def at(day: int, hour: int = 9, month: int = 7) -> datetime:
    """Return an instant; 16:00 UTC is midnight in Shanghai."""
    return datetime(2024, month, day, hour, tzinfo=UTC)


@pytest.fixture
def clock():
    return FixedClock(at(10, month=6))


@pytest.fixture
def services(store: Store, clock) -> Services:
    made = Services.build(store, clock)
    register(made, names(2), clock.now())
    row = {"entity": "banner", "facts": {"name": "杭锦旗"}}
    body = {"household": banner_id(BANNER), "region": BANNER, "row": row}
    submit_many(made, SYSTEM, [Submission(OpKind.REGISTRY, body)], clock.now())
    settled(made)
    return made


def settled(services: Services) -> None:
    while settle(services).households:
        pass
    while settle_due(services, day_of(services.clock.now())).households:
        pass


def report(services: Services, region: str = BANNER, unit: str = ""):
    (head,) = ReportRepository(services.store).versions("2024-06", region, unit)
    return head


def late(services: Services) -> list[str]:
    found = services.findings.of_households([banner_id(BANNER)]).get(banner_id(BANNER), {}).values()
    return [
        f.episode for f in found if f.rule == "banner/report-late" and f.state in ("open", "acknowledged")
    ]


def test_each_banner_and_each_responsible_unit_of_the_city_sends(services):
    found = list(senders(services))
    assert found[0] == ("1506", "")
    assert found[-1] == (BANNER, "")
    units = [unit for region, unit in found if unit]
    assert units == responsible_units(services)
    assert {"hrss", "education", "development_reform", "finance", "publicity"} - set(units) == {"publicity"}


def test_on_the_first_all_reports_of_last_month_are_made_once(services, clock):
    clock.instant = at(1, 1)
    made = look(services).made
    assert made == len(list(senders(services)))
    assert report(services).state is ReportState.FROZEN
    assert report(services).made_by == ""
    assert look(services).made == 0


def test_a_units_report_is_cut_out_of_the_citys_and_is_what_it_would_be_made_alone(
    services, clock, monkeypatch
):
    counted = []
    monkeypatch.setattr(freezing, "total", lambda *a, **k: counted.append(a[1].region) or total(*a, **k))
    clock.instant = at(1, 1)
    look(services)
    assert counted == ["1506", BANNER], "the city is counted once for all its units"
    repository = ReportRepository(services.store)
    whole, cut = (repository.get(report(services, "1506", unit).id) for unit in ("", "hrss"))
    assert cut.head.lists == whole.head.id
    assert cut.head.moment == whole.head.moment
    assert verify(services, cut).equal
    desk = Reports(services, Act(Principal("city", Role.COORDINATOR, "1506"), clock.now()))
    assert desk.behind(cut.head.id, "1.households", role="denominator", limit=5)[0]
    with pytest.raises(NotFound):
        desk.behind(cut.head.id, "2.occupied", role="denominator", limit=5)


def test_a_look_that_was_missed_on_the_first_is_made_up_for(services, clock):
    clock.instant = at(9)
    assert look(services).made == len(list(senders(services)))


@pytest.mark.parametrize(("day", "hour", "reminded"), [(2, 15, 0), (2, 16, 1), (5, 15, 1)])
def test_the_reminder_comes_on_the_third(services, clock, day, hour, reminded):
    """The third begins in Shanghai at 16:00 UTC of the second."""
    clock.instant = at(day, hour)
    look(services)
    assert (report(services).reminded_at is not None) is bool(reminded)
    assert report(services).overdue_at is None
    assert look(services).reminded == 0, "one is reminded once"


@pytest.mark.parametrize(("day", "hour", "overdue"), [(5, 15, False), (5, 16, True)])
def test_the_fifth_itself_is_in_time_until_midnight(services, clock, day, hour, overdue):
    """每月5日前 counts the 5th: overdue when it has struck 24:00 in Shanghai."""
    clock.instant = at(day, hour)
    look(services)
    assert (report(services).overdue_at is not None) is overdue
    settled(services)
    assert ("report:2024-06" in late(services)) is overdue


def told(services: Services) -> list[tuple[str, str, str]]:
    """Return kind, region and unit of the news of reports, in the order in which it was written."""
    found = services.store["notifications"].find({"report": {"$type": "string"}}).sort("_id", 1)
    return [(each["kind"], each["region"], each["unit"]) for each in found]


def hear(services: Services, who: Principal) -> list[str]:
    return [each["kind"] for each in Feed(services.store, who).page(limit=200, place=None)[0]]


def test_who_has_to_sign_is_reminded_once_though_the_worker_begins_anew(services, clock):
    for hour in (1, 2, 3):
        clock.instant = at(3, hour)
        look(Services.build(services.store, clock))
    units = len(responsible_units(services))
    assert len(told(services)) == units + 1
    assert told(services).count(("report-due", BANNER, "banner")) == 1
    (news,) = services.store["notifications"].find({"report": report(services).id})
    assert (news["case"], news["month"], news["due"]) == (None, "2024-06", "2024-07-05")
    assert news["fan"], "webhooks are told, too"
    clock.instant = at(6)
    for _ in range(2):
        look(Services.build(services.store, clock))
    assert told(services).count(("report-overdue", BANNER, "banner")) == 1
    assert len(told(services)) == 2 * (units + 1)


def test_a_reminder_goes_to_the_reports_own_region_and_that_it_is_overdue_further(services, clock):
    city = Principal("city", Role.COORDINATOR, "1506")
    commission = Principal("commission", Role.OFFICER, "1506", "development_reform")
    banner = Principal("banner", Role.OFFICER, BANNER, "banner")
    neighbour = Principal("neighbour", Role.COORDINATOR, "150626")
    viewer = Principal("viewer", Role.VIEWER, BANNER)
    for name, region in (("first", BANNER), ("city", "1506")):
        services.store["users"].insert_one(
            {"_id": name, "login": name, "role": "coordinator", "region": region, "state": "active"}
        )
    clock.instant = at(3)
    look(services)
    assert hear(services, FIRST) == hear(services, banner) == ["report-due"]
    assert len(hear(services, city)) == len(responsible_units(services)), "those of its units"
    clock.instant = at(6)
    look(services)
    assert hear(services, FIRST) == hear(services, banner) == ["report-overdue", "report-due"]
    assert hear(services, city).count("report-overdue") == len(responsible_units(services)) + 1
    assert hear(services, commission).count("report-overdue") == len(responsible_units(services)) + 1
    assert hear(services, neighbour) == hear(services, viewer) == []


def test_where_nobody_may_sign_those_above_are_reminded(services, clock):
    clock.instant = at(3)
    look(services)
    city = Principal("city", Role.COORDINATOR, "1506")
    assert len(hear(services, city)) == len(responsible_units(services)) + 1


def test_what_is_signed_is_awaited_of_who_may_send_it(services, clock):
    supervisor = Principal("supervisor", Role.SUPERVISOR, BANNER)
    clock.instant = at(1, 1)
    look(services)
    for who in (FIRST, SECOND):
        Reports(services, Act(who, clock.now())).sign(report(services).id)
    clock.instant = at(3)
    look(services)
    assert hear(services, FIRST) == ["report-due"]
    assert hear(services, supervisor) == [], "a supervisor signs, and does not send"


def test_a_restatement_is_not_reminded_of_again(services, clock):
    clock.instant = at(3)
    look(services)
    make(services, Wanted("2024-06", BANNER), FIRST.user, clock.now())
    clock.instant = at(4)
    assert look(services).reminded == 0
    assert told(services).count(("report-due", BANNER, "banner")) == 1
    heads = ReportRepository(services.store).versions("2024-06", BANNER)
    assert all(head.reminded_at is not None for head in heads)


def test_a_report_that_was_signed_and_sent_is_known_to_the_ledger(services, clock):
    clock.instant = at(1, 1)
    look(services)
    settled(services)
    head = report(services)
    for who in (FIRST, SECOND):
        Reports(services, Act(who, clock.now())).sign(head.id)
    clock.instant = at(5, 15)
    sent = Reports(services, Act(FIRST, clock.now())).send(head.id)
    assert sent.state is ReportState.SENT
    settled(services)
    entry = services.ledger.entries([banner_id(BANNER)])[banner_id(BANNER)].household
    (record,) = entry.records("report")
    assert record.text("month") == "2024-06"
    assert (str(record.day("frozen_on")), str(record.day("sent_on"))) == ("2024-07-01", "2024-07-05")
    clock.instant = at(20)
    done = look(services)
    assert done.overdue == len(responsible_units(services)), "the units of the city have not sent theirs"
    settled(services)
    assert late(services) == []


def test_what_a_crash_left_untold_is_told_by_the_next_look(services, clock):
    clock.instant = at(1, 1)
    look(services)
    settled(services)
    services.store["reports"].update_one(
        {"_id": report(services).id}, {"$set": {"state": "sent", "sent_at": at(4), "sent_by": "first"}}
    )
    look(services)
    settled(services)
    entry = services.ledger.entries([banner_id(BANNER)])[banner_id(BANNER)].household
    assert str(entry.records("report")[0].day("sent_on")) == "2024-07-04"
    before_ = services.store["ops"].count_documents({})
    look(services)
    assert services.store["ops"].count_documents({}) == before_, "what is known is not said again"


def test_months_and_their_last_days():
    assert month_before(month_days("2024-03").start) == "2024-02"
    assert before("2024-01") == "2023-12"
    assert str(month_days("2024-02").end) == "2024-02-29"
    last = last_day_to_send("2023-12")
    assert str(last) == "2024-01-05"
    assert not is_late("2023-12", last)
    assert not is_late("2023-12", previous_day(last))
    assert is_late("2023-12", last.replace(day=6))
