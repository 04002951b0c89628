"""A whole district is reassigned between work lists while twenty phones pull all the time, and one that holds them all.

`FAULTS_HOUSEHOLDS` says how many households that are.
"""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from access.model import Act
from api.cli.people import OPERATOR
from api.cli.processes import Stack
from core.settings import Settings
from store import Store
from sync.worklists import Plans
from tests.faults.cluster import free_port
from tests.faults.evidence import gather
from tests.faults.fieldwork import District, WatchedPhone, enrolled, prepare
from tests.keys import MASTER_KEY

HOUSEHOLDS = int(os.environ.get("FAULTS_HOUSEHOLDS", "600"))
PHONES = 20
_PART = 100
_PATIENCE = 60.0
pytestmark = [pytest.mark.faults, pytest.mark.timeout(120 + HOUSEHOLDS)]


@dataclass
class Puller:
    """A phone that pulls all the time; after each whole pull no household may be in two of its lists."""

    phone: WatchedPhone
    over: threading.Event
    expected: int | None = None
    pulls: int = 0
    failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                outcome = self.phone.exchange()
                assert outcome.heard, outcome.trouble
                if not outcome.again:
                    self._look()
                    self.over.wait(0.05)
        except BaseException as error:  # noqa: BLE001 - told to the test, which fails with it
            self.failure = error

    def _look(self) -> None:
        query = "SELECT COUNT(*), COUNT(DISTINCT key) FROM rows WHERE key LIKE 'household/%'"
        ((rows, households),) = self.phone.store.all(query)
        assert rows == households, f"{rows - households} households are in two lists at once"
        assert self.expected in {None, households}, f"{households} of {self.expected} households"
        self.pulls += 1


@pytest.fixture
def url(store: Store, tmp_path: Path) -> Iterator[str]:
    settings = Settings(
        data=str(tmp_path), mongodb_uri=store.uri, database=store.database, port=str(free_port()),
        web_processes="2", log_level="warning", master_key=MASTER_KEY.to_text(),
    )  # fmt: skip
    stack = Stack(settings, lambda _text: None)
    try:
        stack.start_processes(with_worker=False)
        yield stack.url
    finally:
        stack.stop()


def test_phones_that_pull_while_all_is_reassigned_hold_exactly_their_households(
    store: Store, url: str
) -> None:
    began = time.monotonic()
    district = prepare(store, url, households=HOUSEHOLDS, phones=PHONES)
    prepared = time.monotonic() - began
    watcher = holder_of_all(district, url)
    over = threading.Event()
    pullers = [Puller(phone, over) for phone in district.phones]
    pullers.append(Puller(watcher, over, expected=HOUSEHOLDS))
    watcher.sync()
    threads = [threading.Thread(target=puller.run, daemon=True) for puller in pullers]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    now_in = reassign(district)
    moved = time.monotonic() - began
    over.set()
    for thread in threads:
        thread.join(_PATIENCE)
    assert [f"{type(p.failure).__name__}: {p.failure}" for p in pullers if p.failure] == []
    phones = [*district.phones, watcher]
    for phone in phones:
        phone.sync(_PATIENCE)
    scopes = {phone.user: {"g", f"u-{phone.user}"} for phone in phones}
    for phone, worklist in zip(district.phones, district.worklists, strict=True):
        scopes[phone.user].add(worklist)
        held = {
            key.removeprefix("household/") for key in phone.rows.of(worklist) if key.startswith("household/")
        }
        assert held == now_in[worklist]
    scopes[watcher.user] |= set(district.worklists)
    evidence = gather(store.db, phones, scopes)
    print(  # noqa: T201 - the figures of the run
        f"\n{HOUSEHOLDS} households registered in {prepared:.1f} s, reassigned in {moved:.1f} s while {len(phones)} "
        f"phones pulled {sum(phone.pulled for phone in phones)} rows in {evidence.counted['exchanges']} pages, "
        f"{sum(puller.pulls for puller in pullers)} whole pulls looked at\n{evidence}"
    )
    for phone in phones:
        phone.close()
    assert evidence.clean, evidence
    assert evidence.counted["resets"] == 0
    assert watcher.pulled >= HOUSEHOLDS


def holder_of_all(district: District, url: str) -> WatchedPhone:
    """Return a phone whose enumerator is in every work list."""
    phone = enrolled(district.services, url)
    plans = Plans(district.services, Act(OPERATOR, district.services.clock.now()))
    for worklist in district.worklists:
        assignees = [*plans.get(worklist)["assignees"], phone.user]
        plans.change(worklist, {"assignees": assignees})
    return phone


def reassign(district: District) -> dict[str, set[str]]:
    """Move every household to the next list, a part of each list at a time; return who is where then."""
    plans = Plans(district.services, Act(OPERATOR, district.services.clock.now()))
    lists = district.worklists
    waiting = {worklist: [home.id for home in district.assigned[worklist]] for worklist in lists}
    now_in: dict[str, set[str]] = {worklist: set() for worklist in lists}
    while any(waiting.values()):
        for worklist, following in zip(lists, [*lists[1:], lists[0]], strict=True):
            part, waiting[worklist] = waiting[worklist][:_PART], waiting[worklist][_PART:]
            if part:
                assert plans.assign(following, part) == len(part)
                now_in[following].update(part)
    return now_in
