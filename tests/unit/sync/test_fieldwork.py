"""The checks of the data over a real log: flags are said once, judged, and withdrawn."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from access.model import Act
from core.ids import uuid7
from core.principal import Principal, Role
from core.problems import Conflict
from forms.canonical import digest
from forms.op import OpKind
from ledger.dictionary import dictionary
from store.migrations import m0080_scans
from sync.backcheck import draw
from sync.fieldwork import look_over
from sync.filing import Sender
from sync.office import Submission, submit_many
from sync.protocol import parse_request
from sync.push import push
from sync.rebuild import check
from sync.services import Services
from sync.settle import settle
from sync.worklists import Plans, WorkListPlan
from tests.unit.sync.world import COORDINATOR, names, person, register
from validators.engine import Engine
from validators.policy.change import Change, changed

BATTERY = [f"q{number}" for number in range(6)]
TEXT = {"zh-Hans": "题", "en": "question"}
CHOICES = [{"const": code, "x-i18n-title": TEXT} for code in ("good", "fair", "bad", "unknown")]
ONE = Principal("u1", Role.ENUMERATOR, "150625")
OTHER = Principal("u2", Role.ENUMERATOR, "150625")
NINE = datetime(2026, 6, 20, 1, tzinfo=UTC)


def form() -> dict[str, Any]:
    """Return a form with a battery of six questions and a position."""
    scale = {
        "type": "string",
        "enum": ["good", "fair", "bad", "unknown"],
        "x-choices": CHOICES,
        "x-i18n-title": TEXT,
    }
    place = {
        "type": "object", "x-widget": "gps", "x-i18n-title": TEXT, "additionalProperties": False,
        "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}, "acc": {"type": "number"}},
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://ruhu.example/forms/scale/1",
        "type": "object",
        "x-form": {
            "form_id": "scale", "version": "1", "subject": "household", "languages": ["zh-Hans", "en"],
            "default_language": "zh-Hans",
        },
        "x-i18n-title": TEXT,
        "x-pages": [{"page": "one", "x-i18n-title": TEXT, "items": [*BATTERY, "place"]}],
        "properties": {**{name: {**scale, "x-widget": "radio"} for name in BATTERY}, "place": place},
        "additionalProperties": False,
    }  # fmt: skip


class Field:
    """Interviews as phones send them."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.form = services.forms.publish(form(), dictionary(), services.clock.now(), COORDINATOR).sha256
        self.n = 0

    def interview(
        self, household: str, start: datetime, minutes: float = 40, by: Principal = ONE, **more: Any
    ) -> str:
        answers = {name: ("good", "bad")[number % 2] for number, name in enumerate(BATTERY)}
        answers |= {"place": {"lat": 39.83, "lon": 108.73, "acc": 8}} | more.pop("answers", {})
        body = {
            "interview": uuid7(), "revision": uuid7(), "parent": None, "household": household, "round": None,
            "form": self.form, "assignment": None, "answers": answers, "blobs": [],
            "started": moment(start), "finished": moment(start + timedelta(minutes=minutes)),
        } | more  # fmt: skip
        self.n += 1
        op = {"id": uuid7(), "n": self.n, "kind": "interview", "sha256": digest(body), "body": body}
        now = self.services.clock.now()
        clock = moment(now) | {"off": 0, "rtt": 1}
        request = parse_request(
            {"v": 1, "install": "1d6c1d2e-0000-4000-8000-00000000000a", "clock": clock, "ops": [op]}
        )
        done = push(self.services, by, request, Sender(by.user, now, request.install))
        assert done.results[0]["status"] == "stored", done.results
        settle(self.services)
        return body["interview"]


def moment(at: datetime) -> dict[str, Any]:
    wall = int(at.timestamp() * 1000)
    return {"wall": wall, "mono": wall % 10**9, "boot": "b"}


@pytest.fixture
def field(services: Services, clock) -> Field:
    clock.instant = datetime(2026, 6, 20, 12, tzinfo=UTC)
    for household in names(4):
        register(services, [household], clock.now(), persons=[person(f"{household[:-4]}f001")], site="s1")
    settle(services)
    return Field(services)


def live(services: Services) -> set[tuple[str, str]]:
    found = services.findings.of_households([*names(4), "banner:150625"]).values()
    return {
        (each.household, each.rule)
        for of in found
        for each in of.values()
        if each.rule.startswith("fieldwork/") and each.state == "open"
    }


def test_what_is_notable_is_flagged_once_judged_and_told_to_the_supervisor(field, services):
    first, second, third, _ = names(4)
    field.interview(first, NINE, 25, answers=dict.fromkeys(BATTERY, "good"))
    field.interview(second, NINE + timedelta(minutes=20))
    field.interview(third, NINE + timedelta(hours=2))
    report = look_over(services)
    settle(services)
    assert (report.interviews, report.flagged) == (3, 6)
    assert live(services) == {
        (first, "fieldwork/straight-lining"),
        (first, "fieldwork/duration"),
        (second, "fieldwork/pace"),
        *((each, "fieldwork/position") for each in (first, second, third)),
    }
    again = look_over(services)
    assert (again.flagged, again.withdrawn) == (0, 0)
    assert check(services).differing == []


def test_an_interview_that_was_corrected_is_measured_anew(field, services):
    first, *_ = names(4)
    field.interview(first, NINE, answers=dict.fromkeys(BATTERY, "good"))
    look_over(services)
    settle(services)
    assert live(services) == {(first, "fieldwork/straight-lining")}
    (head,) = services.ledger.many([first])[first].household.interviews
    revision = services.log.of_household(first)[-2]
    assert revision.interview == head.id
    field.interview(first, NINE, interview=head.id, parent=revision.revision)
    assert live(services) == set()
    report = look_over(services)
    settle(services)
    assert report.withdrawn == 1
    assert services.ledger.many([first])[first].household.flags == ()


@pytest.mark.usefixtures("field")
def test_one_number_in_two_households_is_told_to_both_until_one_leaves(services, clock):
    first, second, *_ = names(4)
    for household in (first, second):
        holder = person(f"{household[:-4]}f002", resident_id="152726197905120014", birth_date="1979-05-12")
        register(services, [household], clock.now(), persons=[holder])
    settle(services)
    look_over(services)
    settle(services)
    both = {(each, "fieldwork/shared-resident-id") for each in (first, second)}
    assert live(services) == both
    clock.instant += timedelta(days=1)
    gone = person(f"{second[:-4]}f002", **{"exit.event": "marriage", "exit.date": "2026-06-20"})
    register(services, [second], clock.now(), persons=[gone])
    settle(services)
    report = look_over(services)
    settle(services)
    assert report.withdrawn == 2
    assert live(services) == set()


def test_a_back_check_is_drawn_made_by_another_team_and_compared(field, services, clock, monkeypatch):
    first, *_ = names(4)
    act = Act(COORDINATOR, clock.now())
    plans = Plans(services, act)
    base = plans.create_round("六月", "150625")
    made = plans.create(WorkListPlan("一组", base["_id"], ("scale",), ("u1",), "150625"))
    plans.assign(made["_id"], names(4))
    empty, none = draw(services, act, base["_id"], ["u2"])
    assert none == 0
    field.interview(first, NINE, round=base["_id"])
    monkeypatch.setattr("sync.backcheck.drawn", lambda _interview, _share: True)
    again, households = draw(services, act, base["_id"], ["u2"])
    assert households == 1
    assert again["_id"] == empty["_id"]
    assert again["back_check_of"] == base["_id"]
    assert draw(services, act, base["_id"], ["u2"])[1] == 0
    with pytest.raises(Conflict):
        draw(services, act, again["_id"], ["u2"])
    clock.instant += timedelta(days=2)
    field.interview(
        first, NINE + timedelta(days=2), by=OTHER, round=again["_id"], answers={"q0": "bad", "q1": "good"}
    )
    look_over(services)
    settle(services)
    assert (first, "fieldwork/back-check") in live(services)


def test_what_each_night_looks_for_has_its_index(services):
    store = services.store
    asked = {
        "rounds": [{"back_check_of": "r1", "state": "open"}, {"back_check_of": {"$gt": ""}}],
        "reports": [{"state": "making", "made_at": {"$lt": NINE}}],
        "ops": [{"user": "u1", "kind": "interview", "received_at": {"$gte": NINE}}],
        "households": [
            {"flagged": True},
            {"site": {"$in": ["s1"]}, "region": {"$gte": "150625", "$lt": "150625\uffff"}},
        ],
        "sites": [{"flagged": True}],
    }
    for collection, queries in asked.items():
        for query in queries:
            plan = store[collection].find(query).explain()["queryPlanner"]["winningPlan"]
            assert "IXSCAN" in repr(plan), (collection, query)


def test_an_index_that_was_not_used_is_made_anew(services):
    rounds = services.store["rounds"]
    rounds.drop_index("back_check_of_1")
    rounds.create_index("back_check_of", partialFilterExpression={"back_check_of": {"$type": "string"}})
    m0080_scans.up(services.store)
    made = rounds.index_information()["back_check_of_1"]
    assert made["partialFilterExpression"] == {"back_check_of": {"$gt": ""}}


def test_an_enumerator_far_above_the_others_is_told_to_the_banner(field, services, clock):
    """No household is spoken of: the flag lies on the banner's ledger entry, once the banner is registered."""
    first, second, third, _ = names(4)
    strict = [
        Change("fieldwork.enumerator_interviews", 1, date(2020, 1, 1)),
        Change("fieldwork.enumerator_deviations", 0.5, date(2020, 1, 1)),
    ]
    judging = replace(services, shipped=Engine(changed(services.engine.policy, strict)))
    field.interview(first, NINE, answers=dict.fromkeys(BATTERY, "unknown"))
    field.interview(second, NINE + timedelta(hours=1), by=OTHER)
    field.interview(third, NINE + timedelta(hours=2), by=Principal("u3", Role.ENUMERATOR, "150625"))
    report = look_over(judging)
    assert report.untold == 1, "the banner is not registered yet"
    row = {"entity": "banner", "facts": {"name": "杭锦旗"}}
    body = {"household": "banner:150625", "region": "150625", "row": row}
    submit_many(services, COORDINATOR, [Submission(OpKind.REGISTRY, body)], clock.now())
    settle(judging)
    report = look_over(judging)
    assert (report.flagged, report.untold) == (1, 0)
    settle(judging)
    assert ("banner:150625", "fieldwork/missing-answers") in live(judging)


# --- across entries


def register_site(services: Services, clock: Any, name: str = "s1", code: str = "a", **facts: Any) -> None:
    rows = [
        {"entity": "record:facility", "key": kind, "facts": {"kind": kind, "host_minutes": minutes}}
        for kind, minutes in (("clinic", 10), ("health_station", 20), ("primary", 15))
    ]
    row = {"entity": "site", "facts": {"name": name} | facts, "rows": rows}
    body = {"household": f"site:{code}", "region": "150625101201", "row": row}
    submit_many(services, COORDINATOR, [Submission(OpKind.REGISTRY, body)], clock.now())
    settle(services)


def open_findings(services: Services, rule: str) -> list[str]:
    found = services.findings.of_households(names(4)).items()
    return sorted(
        home for home, of in found for each in of.values() if each.rule == rule and each.state == "open"
    )


@pytest.mark.usefixtures("field")
def test_households_of_a_site_that_is_large_by_its_persons_are_told_until_it_is_not(services, clock):
    first, second, *_ = names(4)
    register(services, [first, second], clock.now(), site="s1", **{"measure.now": "no"})
    settle(services)
    assert open_findings(services, "industry/measure-missing") == [first, second]
    register_site(services, clock, population=799)
    assert look_over(services).flagged == 0
    register_site(services, clock, population=800)
    assert look_over(services).flagged == 4, "each household of the site is told once"
    settle(services)
    assert open_findings(services, "industry/measure-missing") == []
    assert look_over(services).flagged == 0
    assert check(services).differing == []
    register_site(services, clock, code="b", population=10)
    assert look_over(services).withdrawn == 4, "two sites of that name tell nothing"
    settle(services)
    assert open_findings(services, "industry/measure-missing") == [first, second]


def test_the_way_of_a_household_is_put_beside_that_of_its_neighbours(field, services, clock):
    first, second, third, _ = names(4)
    register_site(services, clock)
    for household, minutes in ((first, 26), (second, 25), (third, 60)):
        register(
            services, [household], clock.now(), site="s1", **{"access.clinic": minutes, "access.primary": 20}
        )
    register(services, [third], clock.now(), site="elsewhere")
    settle(services)
    for number, household in enumerate((first, second, third)):
        field.interview(household, NINE + timedelta(hours=number))
    look_over(services)
    settle(services)
    assert open_findings(services, "community/access-worse") == [first]
    (flag,) = [
        each for each in services.ledger.many([first])[first].household.flags if each.check == "site-access"
    ]
    assert dict(flag.values) == {"clinic": 10}
    clock.instant += timedelta(days=1)
    register(services, [first], clock.now(), site="s1", **{"access.clinic": 12})
    settle(services)
    assert open_findings(services, "community/access-worse") == []
    look_over(services)
    settle(services)
    assert "site-access" not in {each.check for each in services.ledger.many([first])[first].household.flags}


def test_pay_far_from_that_of_the_group_is_told_and_withdrawn(field, services, clock):
    first, second, *_ = names(4)
    job = {"kind": "unit", "occupation": "4", "where": "county", "start": "2025-01-01"}

    def worker(key: str, pay: float) -> dict[str, Any]:
        rows = [{"entity": "spell:job", "key": f"{key}-j", "facts": job}]
        facts = {"work.pay_month": pay, "job.now": "yes", "relation": "20", "resident_id": None}
        made = person(key, **{name: value for name, value in facts.items() if value is not None})
        return made | {"rows": rows}

    many = [worker(f"{first[:-4]}a{number:03x}", 3000 + 10 * number) for number in range(20)]
    register(services, [first], clock.now(), persons=many, site="s1")
    register(services, [second], clock.now(), persons=[worker(f"{second[:-4]}b001", 30_000)], site="s1")
    settle(services)
    for number, household in enumerate((first, second)):
        field.interview(household, NINE + timedelta(hours=number))
    look_over(services)
    settle(services)
    assert open_findings(services, "fieldwork/pay-outlier") == [second]
    clock.instant += timedelta(days=1)
    register(services, [second], clock.now(), persons=[worker(f"{second[:-4]}b001", 3_100)], site="s1")
    settle(services)
    assert open_findings(services, "fieldwork/pay-outlier") == []
    look_over(services)
    settle(services)
    assert "Q10" not in {each.check for each in services.ledger.many([second])[second].household.flags}
    assert check(services).differing == []
