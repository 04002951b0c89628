"""Whatever is sent, in whatever order and batches, settling step by step equals replaying the log."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.model import Act
from core.clock import FixedClock, day_of
from core.ids import uuid7
from forms.facts import Row
from forms.log import Landed
from forms.op import OpKind
from store import Store, migrate
from sync.exchange import Exchange
from sync.office import Submission, submit_many
from sync.protocol import parse_request
from sync.quarantine import release
from sync.rebuild import check
from sync.registry import register as register_rows
from sync.services import Services
from sync.settle import settle, settle_due
from sync.worklists import Plans, WorkListPlan
from tests.keys import MASTER_KEY
from tests.unit.sync.conftest import NOW
from tests.unit.sync.phone import Phone, visit
from tests.unit.sync.world import COORDINATOR, answered, later, names, publish, register

HOMES = names(3)
SITE = "site:s1"
homes = st.sampled_from([*HOMES, SITE])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("register"), homes),
        st.tuples(st.just("interview"), homes, st.sampled_from(["一号", "二号", "x" * 30]), st.booleans()),
        st.tuples(st.just("revise"), st.integers(0, 5)),
        st.tuples(st.just("visit"), homes),
        st.tuples(st.just("void"), st.integers(0, 5)),
        st.tuples(st.just("correct"), homes, st.sampled_from(["甲", "乙"])),
        st.tuples(st.just("reply"), homes, st.sampled_from(["acknowledge", "act", "dismiss", "reopen"])),
        st.tuples(st.just("assign"), homes, st.integers(0, 1)),
        st.tuples(st.just("sync"), st.integers(0, 1)),
        st.tuples(st.just("settle"), st.integers(1, 3)),
        st.tuples(st.just("days"), st.sampled_from([1, 40, 400])),
    ),
    min_size=4,
    max_size=25,
)


class District:
    """Two phones, an office, two work lists."""

    def __init__(self, store, enumerator):
        self.clock = FixedClock(NOW)
        self.services = Services.build(store, self.clock)
        self.form = publish(self.services)
        act = Act(COORDINATOR, NOW)
        self.plans = Plans(self.services, act)
        round_id = self.plans.create_round("2024", "150625")["_id"]
        plan = WorkListPlan("单", round_id, ("short",), (enumerator.user,), "150625")
        self.lists = [self.plans.create(plan)["_id"] for _ in range(2)]
        self.round = round_id
        self.phones = [Phone(Exchange(self.services), enumerator) for _ in range(2)]
        self.bodies: list[dict] = []

    def run(self, name, *args):
        later(self.clock, minutes=1)
        getattr(self, name)(*args)

    def register(self, home):
        if home == SITE:
            register_rows(
                self.services, COORDINATOR, [(SITE, "150625101", Row("site", None, {"name": "点"}))]
            )
        else:
            register(self.services, [home], self.clock.now())

    def interview(self, home, address, second):
        body = answered(home, self.form, address, round=self.round)
        self.bodies.append(body)
        self.phones[second].record("interview", body)

    def revise(self, which):
        if which < len(self.bodies):
            first = self.bodies[which]
            body = first | {"revision": uuid7(), "parent": first["revision"], "answers": {"address": "三号"}}
            self.bodies.append(body)
            self.phones[which % 2].record("interview", body)

    def visit(self, home):
        self.phones[0].record("visit", visit(home))

    def void(self, which):
        if which < len(self.bodies):
            body = {
                "household": self.bodies[which]["household"],
                "interview": self.bodies[which]["interview"],
            }
            self.phones[0].record("void", body | {"reason": ""})

    def office(self, kind, home, body):
        if self.services.ledger.entries([home]):
            submit_many(
                self.services, COORDINATOR, [Submission(kind, body | {"household": home})], self.clock.now()
            )

    def correct(self, home, address):
        change = {"path": [], "fact": "address", "base": None, "value": address}
        self.office(OpKind.CORRECTION, home, {"changes": [change], "reason": ""})

    def reply(self, home, action):
        found = self.services.findings.of_households([home]).get(home, {})
        for finding in sorted(found)[:1]:
            self.office(OpKind.REPLY, home, {"finding": finding, "action": action, "reason": "x", "note": ""})

    def assign(self, home, which):
        if self.services.ledger.entries([home]):
            self.plans.assign(self.lists[which], [home])

    def sync(self, which):
        self.phones[which].sync(self.clock.now())

    def settle(self, limit):
        settle(self.services, limit=limit)

    def days(self, count):
        later(self.clock, days=count)
        settle_due(self.services, day_of(self.clock.now()))


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(steps)
def test_settling_in_random_batches_equals_a_replay_of_the_log(mongodb_uri, enumerator, made):
    store = Store(mongodb_uri, f"test_{uuid.uuid4().hex[:12]}", MASTER_KEY)
    try:
        migrate(store)
        district = District(store, enumerator)
        for step in made:
            district.run(*step)
        assert check(district.services).differing == []
        for phone in district.phones:
            phone.sync_all(district.clock.now())
        for _ in range(3):
            later(district.clock, minutes=1)
            settle(district.services)
            release(district.services)
        assert district.services.log.pending() == []
        assert check(district.services).differing == []
        holder = Phone(Exchange(district.services), district.phones[0].principal)
        holder.sync_all(district.clock.now())
        for phone in district.phones:
            phone.sync_all(district.clock.now())
            assert phone.rows == holder.rows
            assert (phone.mismatches, phone.resets) == (0, 0)
    finally:
        store.client.drop_database(store.database)
        store.close()


@pytest.mark.parametrize("copies", [2, 3])
def test_the_same_batch_sent_again_and_at_once_has_one_effect(services, clock, enumerator, copies):
    """The request is run several times before the phone hears of it."""
    register(services, HOMES, clock.now())
    settle(services)
    phone = Phone(Exchange(services), enumerator)
    for home in HOMES:
        phone.record("visit", visit(home))
    request = parse_request(phone.request())
    answers = [Exchange(services).run(enumerator, None, request, clock.now()) for _ in range(copies)]
    assert [each["status"] for each in answers[0]["results"]] == [Landed.STORED] * 3
    assert all(each["status"] == Landed.DUPLICATE for answer in answers[1:] for each in answer["results"])
    later(clock, minutes=1)
    assert settle(services).ops == 3
