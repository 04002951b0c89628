"""Sites and banners are ledger entries: registered, interviewed, judged, assigned, rebuilt as households are."""

import json

import pytest

from access.model import Act
from core.ids import uuid7
from core.principal import Principal, Role
from forms.facts import Row
from forms.op import OpKind
from ledger.dictionary import dictionary
from sync.exchange import Exchange
from sync.office import Submission, submit_many
from sync.rebuild import check, rebuild
from sync.registry import Registration
from sync.registry import register as register_rows
from sync.settle import settle, settle_due
from sync.worklists import Plans, WorkListPlan, announce_forms
from tests.unit.sync.phone import Phone
from tests.unit.sync.world import COORDINATOR, answered, draft, later, names, publish, register

SITE, BANNER, REGION = "site:s1", "banner:150625", "150625101"
(HOME,) = names(1)


def place_form(subject="site"):
    made = draft("1")
    made["$id"] = f"https://ruhu.example/forms/{subject}/1"
    made["x-form"] = made["x-form"] | {"form_id": f"place_{subject}", "subject": subject}
    made["properties"]["address"] |= {"x-fact": f"{subject}.name"}
    del made["properties"]["address"]["x-pii"]
    return made


@pytest.fixture
def place(services, clock):
    return services.forms.publish(place_form(), dictionary(), clock.now(), COORDINATOR).sha256


@pytest.fixture
def registered(services):
    rows = [
        (SITE, REGION, Row("site", None, {"name": "一号点", "population": 1200})),
        (BANNER, "150625", Row("banner", None, {"name": "杭锦旗"})),
    ]
    assert set(register_rows(services, COORDINATOR, rows).values()) == {Registration.NEW}
    assert settle(services).households == 2
    assert set(register_rows(services, COORDINATOR, rows).values()) == {Registration.UNCHANGED}


@pytest.mark.usefixtures("registered")
def test_they_have_entries_of_their_own_and_a_rebuild_gives_the_same(services, clock):
    site, banner = (services.ledger.entries([each])[each] for each in (SITE, BANNER))
    assert (site.household.kind, site.household.text("name"), site.version) == ("site", "一号点", 1)
    assert (banner.household.kind, banner.household.region) == ("banner", "150625")
    assert services.ledger.get(SITE) is None
    assert list(services.ledger.all_ids()) == [BANNER, SITE]
    assert list(services.ledger.ids("150625101")) == [SITE]
    assert "一号点" not in json.dumps(services.store["sites"].find_one({"_id": SITE}), default=str)
    register(services, [HOME], clock.now())
    settle(services)
    assert check(services).differing == []
    services.store["sites"].update_one({"_id": SITE}, {"$set": {"digest": "x"}})
    services.store["sites"].insert_one(
        services.store["sites"].find_one({"_id": SITE}) | {"_id": "site:orphan"}
    )
    assert sorted(check(services).differing) == [("site:orphan", "orphan"), (SITE, "ledger")]
    rebuild(services)
    assert check(services).differing == []
    assert services.store["sites"].count_documents({}) == 2


@pytest.mark.usefixtures("registered")
def test_an_interview_of_a_site_reaches_its_entry_and_its_row_a_phone(services, clock, place):
    enumerator = Principal("u1", Role.ENUMERATOR, "150625")
    plans = Plans(services, Act(COORDINATOR, clock.now()))
    made = plans.create_round("一轮", "150625")
    plan = WorkListPlan("点", made["_id"], ("place_site",), (enumerator.user,), "150625")
    worklist = plans.create(plan)["_id"]
    assert plans.assign(worklist, [SITE, BANNER]) == 2
    later(clock, days=1)
    phone = Phone(Exchange(services), enumerator)
    phone.record("interview", answered(SITE, place, "二号点", round=made["_id"]))
    phone.sync(clock.now())
    settle(services)
    assert services.ledger.entries([SITE])[SITE].household.text("name") == "二号点"
    rows = {
        row["_id"]["k"] for row in services.store["feed"].find({"_id.s": worklist, "op": "put"}, {"_id": 1})
    }
    assert {f"site/{SITE}", f"banner/{BANNER}", "worklist"} <= rows
    assert check(services).differing == []


@pytest.mark.usefixtures("registered")
def test_an_interview_that_does_not_fit_the_entry_is_kept_and_flagged(services, clock, place):
    household_form = publish(services)
    announce_forms(services)
    phone = Phone(Exchange(services), Principal("u1", Role.ENUMERATOR, "150625"))
    register(services, [HOME], clock.now(), address="一号")
    settle(services)
    phone.record("interview", answered(SITE, household_form, "三号点"))
    phone.record("interview", answered(HOME, place, "三号点"))
    phone.sync(clock.now())
    settle(services)
    site, home = (services.ledger.entries([each])[each].household for each in (SITE, HOME))
    assert (site.text("name"), home.text("address")) == ("一号点", "一号")
    for entry in (site, home):
        (interview,) = entry.interviews
        (logged,) = [
            each for each in services.log.of_households([entry.id])[entry.id] if each.op.id == interview.op
        ]
        assert [issue["code"] for issue in logged.issues] == ["subject-unfit"]
    assert check(services).differing == []


def test_what_comes_before_its_site_waits_for_it(services, clock, place):
    phone = Phone(Exchange(services), Principal("u1", Role.ENUMERATOR, "150625"))
    phone.record("interview", answered(SITE, place, "二号点"))
    phone.sync(clock.now())
    settle(services)
    assert services.ledger.entries([SITE]) == {}
    rows = [(SITE, REGION, Row("site", None, {"name": "一号点"}))]
    register_rows(services, COORDINATOR, rows)
    settle(services)
    settle(services)
    (interview,) = services.ledger.entries([SITE])[SITE].household.interviews
    assert interview.form == place


@pytest.mark.usefixtures("registered")
def test_the_office_corrects_a_site_and_its_records(services, clock):
    at = ["record", "infrastructure", "road"]
    changes = [
        {"path": [], "fact": "population", "base": 1200, "value": 1300},
        {"path": at, "fact": "item", "base": None, "value": "road"},
        {"path": at, "fact": "status", "base": None, "value": "4"},
    ]
    body = {"household": SITE, "changes": changes, "reason": "核实"}
    submit_many(services, COORDINATOR, [Submission(OpKind.CORRECTION, body, uuid7())], clock.now())
    settle(services)
    site = services.ledger.entries([SITE])[SITE].household
    assert site.number("population") == 1300
    assert [(each.id, each.text("status")) for each in site.records("infrastructure")] == [("road", "4")]
    target = services.store["audit"].find_one({"action": "households:correct"})["target"]
    assert target == f"site/{SITE}"
    assert check(services).differing == []


@pytest.mark.usefixtures("registered")
def test_another_policy_and_passing_days_reach_sites_too(services, clock):
    services.store["sites"].update_many({}, {"$set": {"policy": "another"}})
    services.store["meta"].delete_one({"_id": "policy"})
    assert settle_due(services, clock.now().date()).households == 2
    assert services.ledger.entries([SITE])[SITE].policy == services.engine.policy.version
    services.store["sites"].update_one({"_id": SITE}, {"$set": {"next_due": "2019-01-01"}})
    assert SITE in services.ledger.due(clock.now().date())
