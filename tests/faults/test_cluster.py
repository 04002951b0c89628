"""Three mongods, two web processes and a worker are killed, stopped and deposed while eight phones push and pull.

Afterwards nothing that was acknowledged is lost, nothing is there twice, and every phone holds what it is granted.
`FAULTS_SECONDS` says how long the storm lasts, `FAULTS_SEED` which storm it is.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from bson import Timestamp

from api.cli.demo.command import FORMS
from core.clock import SystemClock
from ruhu_phone import State
from store import Store
from sync.rebuild import check
from sync.services import Services
from tests.faults.cluster import DATABASE, ELECTION_S, Processes, ReplicaSet, World, wait_for
from tests.faults.evidence import gather, reading
from tests.faults.fieldwork import District, WatchedPhone, homes_of, prepare
from tests.faults.proxy import Proxy

SECONDS = float(os.environ.get("FAULTS_SECONDS", "30"))
SEED = int(os.environ.get("FAULTS_SEED", time.time_ns() % 1_000_000))
PHONES = 8
HOUSEHOLDS = max(40, int(SECONDS * 0.6))
_PATIENCE = 90.0
pytestmark = [pytest.mark.faults, pytest.mark.timeout(SECONDS + 240)]


@dataclass
class Injector:
    """Makes faults in an order that the seed gives; every kind comes before one comes again."""

    mongods: ReplicaSet
    processes: Processes
    network: Proxy
    chance: random.Random
    made: Counter[str] = field(default_factory=Counter)
    _deck: list[str] = field(default_factory=list)

    def kinds(self) -> Mapping[str, Callable[[], bool]]:
        return {
            "primary killed": self._kill_primary,
            "primary stepped down": self._step_down,
            "primary stopped and awake again": self._stop_primary,
            "secondary killed": self._kill_secondary,
            "web process killed": lambda: self._kill("web", child=True),
            "web parent killed": lambda: self._kill("web", child=False),
            "web process stopped": self._stop_web,
            "worker killed": lambda: self._kill("worker", child=False),
            "network paused": self._pause_network,
            "connections reset": lambda: self.network.hang_up() > 0,
        }

    def next(self) -> None:
        """Make one fault and mend it, except what the processes' own parents mend."""
        if not self._deck:
            self._deck = sorted(self.kinds())
            self.chance.shuffle(self._deck)
        kind = self._deck.pop()
        if self.kinds()[kind]():
            self.made[kind] += 1

    def rest(self, seconds: float) -> None:
        """Let time pass while what ended is started again."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.processes.watch()
            time.sleep(min(0.1, left))

    def _kill_primary(self) -> bool:
        primary = self._primary()
        primary.kill()
        self.rest(self.chance.uniform(0.2, 2 * ELECTION_S))
        primary.start()
        return True

    def _kill_secondary(self) -> bool:
        primary = self._primary()
        member = self.chance.choice([each for each in self.mongods.members if each is not primary])
        member.kill()
        self.rest(self.chance.uniform(0.2, ELECTION_S))
        member.start()
        return True

    def _step_down(self) -> bool:
        return self.mongods.step_down(self._primary())

    def _stop_primary(self) -> bool:
        primary = self._primary()
        primary.stop()
        self.rest(ELECTION_S * self.chance.uniform(1.5, 3))
        primary.go_on()
        return True

    def _primary(self) -> Any:
        wait_for(self._set_is_whole, "the replica set is whole again")
        primary = self.mongods.primary()
        return primary if primary is not None else self._primary()

    def _set_is_whole(self) -> bool:
        self.processes.watch()
        return self.mongods.healthy()

    def _kill(self, name: str, *, child: bool) -> bool:
        pids = self.processes.pids(name)
        chosen = pids[1:] if child else pids[:1]
        if not chosen:
            return False
        self.processes.kill(self.chance.choice(chosen))
        return True

    def _stop_web(self) -> bool:
        children = self.processes.pids("web")[1:]
        if not children:
            return False
        self.processes.stop(self.chance.choice(children))
        self.rest(self.chance.uniform(1, 3))
        self.processes.go_on()
        return True

    def _pause_network(self) -> bool:
        self.network.pause()
        self.rest(self.chance.uniform(0.3, 1.5))
        self.network.go_on()
        return True


@dataclass
class Walk:
    """One enumerator's day: interviews, revisions of them, failed visits, and a pull after each."""

    district: District
    phone: WatchedPhone
    chance: random.Random
    over: threading.Event
    failure: BaseException | None = None

    def run(self) -> None:
        try:
            self._run()
        except BaseException as error:  # noqa: BLE001 - told to the test, which fails with it
            self.failure = error

    def _run(self) -> None:
        homes = list(homes_of(self.district, self.phone))
        earlier: dict[tuple[str, str], dict[str, Any]] = {}
        while not self.over.is_set():
            for _ in range(self.chance.randrange(1, 4)):
                home, form = self.chance.choice(homes), self.chance.choice(FORMS)
                if self.chance.random() < 0.4:
                    self.phone.record("visit", self.district.visit(home))
                    continue
                body = self.district.interview(home, form, earlier=earlier.get((home.id, form)))
                earlier[home.id, form] = body
                self.phone.record("interview", body)
            self.phone.sync(_PATIENCE)
            self.over.wait(self.chance.uniform(0.05, 0.3))
        self.phone.sync(_PATIENCE)


def test_nothing_acknowledged_is_lost_and_no_row_missed_while_everything_fails(world: World) -> None:
    district = prepare(world.store, world.network.url, households=HOUSEHOLDS, phones=PHONES, sharing=2)
    since = now_of(world.store)
    injector = Injector(world.mongods, world.processes, world.network, dice(SEED))
    over = threading.Event()
    walks = [
        Walk(district, phone, dice(SEED + number), over) for number, phone in enumerate(district.phones, 1)
    ]
    threads = [threading.Thread(target=walk.run, daemon=True) for walk in walks]
    for thread in threads:
        thread.start()
    storm(injector, SECONDS, lambda: all(walk.failure is None for walk in walks))
    over.set()
    recovered = recover(world, injector, threads)
    failures = [f"{type(walk.failure).__name__}: {walk.failure}" for walk in walks if walk.failure]
    assert failures == [], f"seed {SEED}"
    at_rest(world, injector, district)

    scopes = scopes_of(district)
    with reading(world.mongods.uri, DATABASE) as db:
        evidence = gather(db, district.phones, scopes, since)
    report = check(Services.build(world.store, SystemClock()))
    statuses = sum((phone.wire.statuses for phone in district.phones), Counter[str]())
    told = "\n".join(
        [
            f"seed {SEED}, {SECONDS:.0f} s, {injector.made.total()} faults: "
            + ", ".join(f"{kind} {count}" for kind, count in sorted(injector.made.items())),
            str(evidence),
            f"answers {dict(sorted(statuses.items()))}; slowest {max(p.wire.slowest for p in district.phones):.1f} s",
            f"phones done {recovered:.1f} s after the storm; rebuild differs in {report.differing[:3]}",
        ]
    )
    print(f"\n{told}")  # noqa: T201 - the figures of the run
    assert evidence.clean, f"{told}\n{evidence}\n{vars(evidence)}"
    assert report.differing == [], told
    assert not any(phone.ops.count(State.REJECTED) for phone in district.phones), told
    assert {status for status in statuses if status.startswith("5")} <= {"503"}, told
    assert injector.made.total() >= SECONDS / 5, told
    assert len(injector.made) >= min(len(injector.kinds()), SECONDS / 4), told


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a storm that can be had again, no secret


def now_of(store: Store) -> Timestamp:
    """Return the time of the last majority-committed write."""
    answer = store.client.admin.command("hello")
    found = answer["lastWrite"]["majorityOpTime"]["ts"]
    return Timestamp(found.time, found.inc + 1)


def storm(injector: Injector, seconds: float, goes_well: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and goes_well():
        injector.rest(injector.chance.uniform(0.1, 0.8))
        injector.next()


def recover(world: World, injector: Injector, threads: list[threading.Thread]) -> float:
    """Let everything heal, wait for the phones to come to rest, and return how long that took."""
    began = time.monotonic()
    world.network.go_on()
    world.processes.go_on()
    while any(thread.is_alive() for thread in threads):
        injector.rest(0.1)
        assert time.monotonic() < began + _PATIENCE, "a phone is stuck"
    wait_for(injector._set_is_whole, "the replica set is whole again")
    return time.monotonic() - began


def at_rest(world: World, injector: Injector, district: District) -> None:
    """Wait until the worker has settled everything, then let the phones pull it."""

    def settled() -> bool:
        injector.rest(0.2)
        return world.store["ops"].find_one({"pending": True}) is None

    wait_for(settled, "the worker settles what waits", _PATIENCE)
    for phone in district.phones:
        phone.sync(_PATIENCE)
        phone.wire.close()
        assert phone.ops.count(State.PENDING) == 0


def scopes_of(district: District) -> dict[str, set[str]]:
    """Return by user what is granted, read from the plan itself."""
    granted = {phone.user: {"g", f"u-{phone.user}"} for phone in district.phones}
    for worklist in district.services.store["worklists"].find({"state": "open"}):
        for user in worklist["assignees"]:
            granted[user].add(worklist["_id"])
    return granted
