"""A Hypothesis state machine: phones, the real application and a real database, with everything in between going wrong.

At rest every op is stored once, every revision kept, and every phone holds exactly what its user is granted.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ruhu_phone import Moment, Phone, State, Store
from tests.faults.district import HOMES, PHONES, USERS, District
from tests.faults.network import Fault, Link, Network
from tests.unit.sync.world import answered

MOST_PHONES = 5
MOST_EXCHANGES = 60
PAGE_BYTES = 700
YEAR_MS = 365 * 24 * 3600 * 1000
SHM = Path("/dev/shm")  # noqa: S108 - phones' databases, where their fsync costs nothing

homes, phones = st.sampled_from(HOMES), st.integers(0, MOST_PHONES - 1)
faults = st.lists(st.tuples(st.sampled_from(list(Fault)), st.floats(0, 1)), min_size=1, max_size=3)


class KilledError(Exception):
    """The phone died in the middle of a change to its database."""


class MortalStore(Store):
    """A database whose phone dies after so many more changes."""

    fuse: int | None = None

    def run(self, sql: str, *values: Any) -> int:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                raise KilledError
        return super().run(sql, *values)


@dataclass
class PhoneClock:
    """The clocks of a phone: a wall clock that somebody sets, and a monotonic one that begins again at each boot."""

    true_ms: Callable[[], int]
    skew: int = 0
    boots: int = 0
    booted: int = 0

    def moment(self) -> Moment:
        now = self.true_ms()
        return Moment(now + self.skew, now - self.booted, f"boot-{self.boots}")

    def pause(self, seconds: float) -> None:
        """Time passes with the server's clock alone."""


@dataclass
class Made:
    """What the phones recorded: bodies by op id, and of each interview its household and revisions."""

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


class Machine(RuleBasedStateMachine):
    """Made by `machine_over`, which names the district."""

    district: District
    enrolled: Sequence[bytes]
    synced: Sequence[bytes]
    examples = 0

    @initialize(snapshots=st.tuples(*(st.booleans() for _ in PHONES)), synced=st.booleans())
    def begin(self, snapshots: tuple[bool, ...], synced: bool) -> None:
        type(self).examples += 1
        self.district.begin()
        self.network = Network(self.district.app, self.district.tick)
        self.folder = Path(tempfile.mkdtemp(dir=SHM if SHM.exists() else None))
        self.made, self.backups = Made(), [self.district.base]
        self.owners = list(zip(PHONES, (token for _, token in self.district.enrolled), strict=True))
        self.phones: list[Phone] = []
        numbers = count(1)
        self.new_id = lambda: f"0190b000-0000-7000-8000-{next(numbers):012x}"
        for which, snapshot in enumerate(snapshots):
            path = self.folder / f"{which}.db"
            path.write_bytes((self.synced if synced else self.enrolled)[which])
            self.phones.append(self._phone(path, PhoneClock(self._true_ms), snapshot))

    def _phone(self, path: Path, clock: PhoneClock, snapshots: bool) -> Phone:
        return Phone(
            Link(self.network),
            MortalStore(str(path)),
            clock,
            self.new_id,
            max_bytes=PAGE_BYTES,
            snapshots=snapshots,
        )

    def _true_ms(self) -> int:
        return int(self.district.clock.now().timestamp() * 1000)

    def _at(self, which: int) -> int:
        return which % len(self.phones)

    # --- at the door

    @rule(which=phones, home=homes, version=st.integers(0, 3))
    def interview(self, which: int, home: str, version: int) -> None:
        self._record(
            which, answered(home, self._form(version), interview=self.new_id(), revision=self.new_id())
        )

    @precondition(lambda self: self.made.revisions)
    @rule(which=phones, interview=st.integers(0, 50), parent=st.integers(0, 50), version=st.integers(0, 3))
    def revise(self, which: int, interview: int, parent: int, version: int) -> None:
        """Revise an interview from any of its revisions: of two with one parent one is a fork."""
        self._revise(which, self._revision(interview, parent), version)

    @precondition(lambda self: self.made.revisions)
    @rule(which=phones, other=phones, interview=st.integers(0, 50), parent=st.integers(0, 50))
    def fork(self, which: int, other: int, interview: int, parent: int) -> None:
        """Revise one revision on two phones."""
        known = self._revision(interview, parent)
        self._revise(which, known, 0)
        self._revise(other, known, 0)

    def _revision(self, interview: int, which: int) -> dict[str, Any]:
        chain = self.made.revisions[sorted(self.made.revisions)[interview % len(self.made.revisions)]]
        return chain[which % len(chain)]

    def _revise(self, which: int, known: dict[str, Any], version: int) -> None:
        names = {"interview": known["interview"], "revision": self.new_id(), "parent": known["revision"]}
        self._record(which, answered(known["household"], self._form(version), **names))

    @rule(which=phones, home=homes, in_round=st.booleans())
    def visit(self, which: int, home: str, in_round: bool) -> None:
        round_id = self.district.round if in_round else None
        body = {"household": home, "round": round_id, "outcome": "nobody_home", "note": ""}
        self._record(which, body, "visit")

    def _form(self, version: int) -> str:
        return self.district.versions[version % len(self.district.versions)]

    def _record(self, which: int, body: dict[str, Any], kind: str = "interview") -> None:
        phone = self.phones[self._at(which)]
        body |= {"finished": phone.now().to_json()}
        self.made.bodies[phone.record(kind, body)] = body
        if kind == "interview":
            self.made.revisions[body["interview"]].append(body)

    # --- on the way

    @rule(which=phones, times=st.integers(1, 3))
    def exchange(self, which: int, times: int) -> None:
        for _ in range(times):
            self._exchange(which)

    @rule()
    def exchange_everywhere(self) -> None:
        for phone in self.phones:
            self._exchange_all(phone)

    @rule(which=phones, met=faults)
    def exchange_badly(self, which: int, met: list[tuple[Fault, float]]) -> None:
        self._meet(which, met)

    @rule(which=phones, cuts=st.lists(st.floats(0, 1), min_size=1, max_size=3))
    def fetch_in_parts(self, which: int, cuts: list[float]) -> None:
        """Fetch a snapshot, if there is one to fetch, over a connection that breaks."""
        self._meet(which, [(Fault.ANSWER_CUT, cut) for cut in cuts], fetching=True)

    def _meet(self, which: int, met: list[tuple[Fault, float]], *, fetching: bool = False) -> None:
        link = self.phones[self._at(which)].transport
        link.faults, link.fetching = list(met), fetching
        for _ in range(4):
            if link.faults:
                self._exchange(which)
        link.faults, link.fetching = [], False

    @rule(which=phones, fuse=st.integers(0, 12))
    def exchange_and_die(self, which: int, fuse: int) -> None:
        self.phones[self._at(which)].store.fuse = fuse
        try:
            self._exchange(which)
        except KilledError:
            self.kill(which)
        self.phones[self._at(which)].store.fuse = None

    def _exchange(self, which: int) -> None:
        self.phones[self._at(which)].exchange()

    @precondition(lambda self: self.network.late)
    @rule(which=st.integers(0, 9))
    def deliver_late(self, which: int) -> None:
        self.network.deliver_late(which)

    # --- what happens to phones

    @rule(which=phones, years=st.integers(-6, 6), boots=st.booleans())
    def set_clock(self, which: int, years: int, boots: bool) -> None:
        clock = self.phones[self._at(which)].clock
        clock.skew += years * YEAR_MS
        if boots:
            clock.boots, clock.booted = clock.boots + 1, self._true_ms()

    @rule(which=phones)
    def lose_token(self, which: int) -> None:
        """Its token ends; until it has another it is told 401, and keeps everything."""
        self.phones[self._at(which)].store.put("token", "ended")

    @rule(which=phones)
    def kill(self, which: int) -> None:
        old = self.phones[self._at(which)]
        old.store.close()
        self.phones[self._at(which)] = self._phone(Path(old.store.path), old.clock, old.snapshots)
        self.phones[self._at(which)].counters = old.counters

    @precondition(lambda self: len(self.phones) < MOST_PHONES)
    @rule(which=phones)
    def clone(self, which: int) -> None:
        at = self._at(which)
        old = self.phones[at]
        path = self.folder / f"{len(self.phones)}.db"
        old.store.run("VACUUM INTO ?", str(path))
        self.phones.append(self._phone(path, PhoneClock(self._true_ms), old.snapshots))
        self.owners.append(self.owners[at])

    # --- in the office

    @rule(limit=st.sampled_from([1, 2, 1000]))
    def settle(self, limit: int) -> None:
        self.district.settle(limit)

    @rule(which=phones, limit=st.sampled_from([1, 1000]))
    def settle_while_a_phone_pulls(self, which: int, limit: int) -> None:
        with self._between(which):
            self.district.settle(limit)

    @rule(home=homes, to=st.integers(0, 2))
    def reassign(self, home: str, to: int) -> None:
        self.district.assign(home, (*self.district.lists, None)[to])

    @rule(home=homes, to=st.integers(0, 2))
    def reassign_long_ago(self, home: str, to: int) -> None:
        """Reassign, and purge the tombstone that it leaves."""
        self.reassign(home, to)
        self.purge()

    @rule(which=phones, home=homes, to=st.integers(0, 1))
    def reassign_while_a_phone_pulls(self, which: int, home: str, to: int) -> None:
        with self._between(which):
            self.district.assign(home, self.district.lists[to])

    @contextmanager
    def _between(self, which: int) -> Iterator[None]:
        """Let a phone pull between the writes of the next transaction and its commit."""
        self.district.store.interlude = lambda: self._exchange_all(self.phones[self._at(which)])
        yield
        self.district.store.interlude = None

    @rule(which=st.integers(0, 1), to=st.frozensets(st.sampled_from(USERS)))
    def hand_over(self, which: int, to: frozenset[str]) -> None:
        self.district.hand_over(self.district.lists[which], to)

    @rule(home=homes, number=st.integers(1, 9))
    def correct(self, home: str, number: int) -> None:
        self.district.correct(home, f"{number}栋")

    @precondition(lambda self: len(self.district.versions) < 4)
    @rule()
    def republish(self) -> None:
        self.district.publish()

    @rule()
    def purge(self) -> None:
        self.district.purge()

    @rule()
    def back_up(self) -> None:
        self.backups.append(self.district.save())

    @rule(which=st.integers(0, 9), way=st.integers(0, 9))
    def restore(self, which: int, way: int) -> None:
        """Restore a backup: one time in ten from its file."""
        self.district.restore(self.backups[which % len(self.backups)], from_file=way == 9)

    # --- what must be

    @invariant()
    def numbered(self) -> None:
        self.district.assert_numbered()

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        try:
            self._rest()
            self._assert_ops()
            self._assert_rows()
            self.district.assert_rebuilt()
        finally:
            for phone in self.phones:
                phone.store.close()
            shutil.rmtree(self.folder)

    def _rest(self) -> None:
        """Let everything arrive, and everything be settled."""
        for phone, (_, token) in zip(self.phones, self.owners, strict=True):
            phone.store.put("token", token)
        while self.network.late:
            self.network.deliver_late(0)
        self.district.heal()
        for _ in range(2):
            for phone in self.phones:
                self._exchange_all(phone)
            self.district.settle()
        for phone in self.phones:
            self._exchange_all(phone)

    def _exchange_all(self, phone: Phone) -> None:
        for _ in range(MOST_EXCHANGES):
            outcome = phone.exchange()
            if outcome.trouble == "not-authenticated":
                return
            assert outcome.heard, outcome.trouble
            if not outcome.again:
                return
        raise AssertionError("a phone does not come to rest")

    def _assert_ops(self) -> None:
        stored = self.district.stored()
        assert self.made.bodies.keys() - stored.keys() == set(), "ops are lost"
        assert stored.keys() - self.made.bodies.keys() == set(), "ops were made up"
        assert stored == self.made.bodies, "ops changed"
        for phone in self.phones:
            assert phone.ops.count(State.PENDING) == 0, "an op was not ticked off"
            assert phone.ops.told(State.REJECTED) == {}, "an op was rejected"

    def _assert_rows(self) -> None:
        checks = self.district.checks()
        for phone, (login, _) in zip(self.phones, self.owners, strict=True):
            assert phone.counters.mismatches == 0, "a check failed"
            granted = self.district.granted(login)
            assert set(phone.rows.scopes()) == granted.keys(), "a phone's scopes are not those granted"
            for scope, rows in granted.items():
                assert phone.rows.texts(scope) == rows, f"rows of {scope} are not those granted"
                assert phone.rows.check(scope) == checks.get(scope, (0, 0)), f"the check of {scope} differs"
            for worklist in self.district.lists:
                if worklist in granted:
                    held = {
                        key.partition("/")[2] for key in granted[worklist] if key.startswith("household/")
                    }
                    wanted = self.district.homes_of(login).get(worklist, set())
                    assert held == wanted, f"households of {worklist} are not those assigned"


def machine_over(district: District) -> type[Machine]:
    """Return the machine over a district, with the databases of its phones before and after their first sync."""
    district.begin()
    network, states = Network(district.app, district.tick), ([], [])
    with tempfile.TemporaryDirectory() as folder:
        for install, token in district.enrolled:
            path = Path(folder, f"{install}.db")
            for state in states:
                phone = Phone(Link(network), Store(str(path)))
                if state is states[0]:
                    phone.store.put("install", install)
                    phone.store.put("token", token)
                else:
                    phone.sync()
                phone.store.close()
                state.append(path.read_bytes())
    return type(
        "MachineOverDistrict", (Machine,), {"district": district, "enrolled": states[0], "synced": states[1]}
    )
