"""A small district on a real database, begun anew in milliseconds: two enumerators, their lists, five households.

It keeps its own plain account of what was done (who holds which list, which household is in which, which interviews
were made), so that what the phones hold at rest can be counted without the code that is under test.
"""

import copy
import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo import WriteConcern

from access import SYSTEM, Accounts, Act, Devices, enrol
from api.app import create_app
from api.services import KEY
from core.clock import FixedClock
from core.principal import Role
from forms.canonical import canonical
from forms.log import body_text
from forms.op import OpKind
from ledger.dictionary import dictionary
from store import Document, Store
from store.backup import make_backup
from store.collections import NAMES
from store.restore import check_backup, restore_backup
from sync.commit import assignments_of
from sync.digests import WIRE_MODULUS
from sync.feed import PUT, FeedRow, read_heads
from sync.office import submit
from sync.purge import _purge_scope, purge
from sync.quarantine import release
from sync.rebuild import check
from sync.rows import rows_of
from sync.services import Services
from sync.settle import forms_of, settle
from sync.worklists import Plans, WorkListPlan, announce_forms
from tests.unit.sync import world
from validators.policy import load_policy

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
HOMES = world.names(5)
USERS = ("a", "b")
PHONES = ("a", "a", "b")
"""Whose the phones are."""


@dataclass
class Account:
    """What was done, as told by who did it."""

    lists: dict[str, set[str]]
    placed: dict[str, str | None]


@dataclass
class Saved:
    """A backup: its file, the same as values (a hundred times as fast to put back), and the account of that moment."""

    file: Path
    collections: dict[str, list[Document]]
    account: Account


@contextmanager
def small() -> Iterator[None]:
    """Make pages of a row or two, snapshots of small scopes, and one code list: a little data meets every case."""
    name, spec = next((name, spec) for name, spec in dictionary().facts.items() if spec.codes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sync.protocol.PAGE_BYTES_RANGE", (100, 1_048_576))
        patch.setattr("sync.pull.FEW_ROWS", 5)
        patch.setattr("store.restore.NOTICE_S", 0)
        patch.setattr("sync.worklists.dictionary", lambda: SimpleNamespace(facts={name: spec}))
        yield


class InterludeStore(Store):
    """A store that lets something happen between the last write of a transaction and its commit."""

    interlude: Callable[[], None] | None = None

    def transaction(self, work: Callable[..., Any], *, seconds: float = 30.0) -> Any:
        def worked(session: Any) -> Any:
            result = work(session)
            between, self.interlude = self.interlude, None
            if between is not None:
                between()
            return result

        return super().transaction(worked, seconds=seconds)


@dataclass
class District:
    """The server of a small district."""

    store: InterludeStore
    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    enrolled: list[tuple[str, str]] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._policy = load_policy()
        self._plain = self.store.client.get_database(self.store.database, write_concern=WriteConcern(1))
        self._build()
        self.app = create_app(self.services)
        self._settle_in()
        self.base = self.save()

    def _build(self) -> None:
        """Make services that remember nothing, as a process that was started anew."""
        self.services = Services.build(self.store, self.clock, policy=self._policy)
        self.plans = Plans(self.services, Act(SYSTEM, self.clock.now()))

    def _settle_in(self) -> None:
        self.versions = [world.publish(self.services)]
        announce_forms(self.services)
        world.register(self.services, HOMES, self.clock.now())
        settle(self.services)
        accounts = Accounts(self.store, Act(SYSTEM, self.clock.now()))
        lists: dict[str, set[str]] = {}
        self.round = self.plans.create_round("一", world.REGION)["_id"]
        for login in USERS:
            made = accounts.create(
                login=f"enumerator-{login}",
                name=login,
                role=Role.ENUMERATOR,
                region="150625",
                unit=None,
                password="correct horse 4",
            )
            self.users[login] = made.id
            plan = WorkListPlan(login, self.round, ("short",), (made.id,), world.REGION)
            lists[self.plans.create(plan)["_id"]] = {login}
        self.lists = tuple(lists)
        self.account = Account(lists, dict.fromkeys(HOMES))
        for number, home in enumerate(HOMES):
            self.assign(home, self.lists[number // 4])
        for number, login in enumerate(PHONES):
            code, _ = Devices(self.store, Act(SYSTEM, self.clock.now())).make_code(self.users[login])
            install = world.names(0x100)[0x80 + number]
            token, _ = enrol(self.store, code, install, self.clock.now())
            self.enrolled.append((install, token))

    # --- beginning anew, backup, restore

    def begin(self) -> None:
        """Be as at the start."""
        self.clock.instant = NOW + timedelta(hours=1)
        self.store.interlude = None
        self.versions = self.versions[:1]
        self._load(self.base)

    def save(self) -> Saved:
        """Take a backup."""
        file, _ = make_backup(self.store, self.folder / f"{uuid.uuid4().hex}.zip", self.clock.now())
        collections = {name: list(self._plain[name].find()) for name in NAMES}
        return Saved(file, collections, copy.deepcopy(self.account))

    def restore(self, saved: Saved, *, from_file: bool) -> None:
        """Put a backup in place of all there is: the epoch changes."""
        if from_file:
            restore_backup(self.store, check_backup(saved.file), self.clock.now(), replace=True)
            self._begin_with(saved.account)
        else:
            self._load(saved)
            self.store["meta"].replace_one({"_id": "epoch"}, {"value": uuid.uuid4().hex})

    def _load(self, saved: Saved) -> None:
        for name, documents in saved.collections.items():
            self._plain[name].delete_many({})
            if documents:
                self._plain[name].insert_many(documents)
        # Once this is majority-committed, so is what was written before.
        self.store["meta"].update_one({"_id": "loaded"}, {"$inc": {"times": 1}}, upsert=True)
        self._begin_with(saved.account)

    def _begin_with(self, account: Account) -> None:
        self.account = copy.deepcopy(account)
        self._build()
        self.app.extensions[KEY] = self.services

    # --- what the office does

    def tick(self) -> None:
        """Let a second pass."""
        self.clock.instant += timedelta(seconds=1)

    def settle(self, limit: int = 1000) -> None:
        self.tick()
        settle(self.services, limit=limit)

    def assign(self, home: str, worklist: str | None) -> None:
        self.tick()
        held = self.account.placed[home]
        if worklist is not None:
            self.plans.assign(worklist, [home])
        elif held is not None:
            self.plans.unassign(held, [home])
        self.account.placed[home] = worklist

    def hand_over(self, worklist: str, logins: frozenset[str]) -> None:
        self.tick()
        self.plans.change(worklist, {"assignees": [self.users[login] for login in sorted(logins)]})
        self.account.lists[worklist] = set(logins)

    def correct(self, home: str, address: str) -> None:
        self.tick()
        change = {"path": [], "fact": "address", "base": None, "value": address}
        body = {"changes": [change], "reason": ""}
        submit(self.services, SYSTEM, OpKind.CORRECTION, home, body, self.clock.now())

    def publish(self) -> None:
        """Publish another version of the form."""
        self.tick()
        self.versions.append(world.publish(self.services, str(len(self.versions) + 1)))
        announce_forms(self.services)

    def purge(self) -> None:
        """Purge every tombstone, as after 500 days; those of open lists too, which are spared in life."""
        later = self.clock.now() + timedelta(days=500)
        purge(self.services, later)
        for scope in self.lists:
            _purge_scope(self.services, scope, {"op": "del", "at": {"$lt": later}})

    def heal(self) -> None:
        """Give back what a restore took and phones still need: form versions."""
        for number in range(len(self.versions)):
            world.publish(self.services, str(number + 1))
        announce_forms(self.services)
        release(self.services)

    # --- what must be

    def granted(self, login: str) -> dict[str, dict[str, str]]:
        """Return canonical rows by key by scope: made anew from ledger, findings, log and assignments."""
        users_lists = [name for name, holders in self.account.lists.items() if login in holders]
        scopes = {scope: {} for scope in ("g", f"u-{self.users[login]}", *users_lists)}
        for document in self.store["feed"].find({"op": PUT, "household": {"$exists": False}}):
            if document["_id"]["s"] in scopes:
                row = FeedRow.from_document(document, self.store.sealer)
                scopes[row.scope][row.key] = canonical(row.content).decode()
        entries = self.services.ledger.many(HOMES)
        findings = self.services.findings.of_households(HOMES)
        logged = self.services.log.of_households(HOMES)
        assigned = assignments_of(self.store, HOMES)
        messages, forms = self.services.shipped.policy.messages, forms_of(self.services, logged)
        for home in HOMES:
            rows = rows_of(
                entries[home].household, findings.get(home, {}), logged[home], assigned[home], messages, forms
            )
            for row in rows:
                if row.scope in scopes:
                    scopes[row.scope][row.key] = row.text
        return scopes

    def homes_of(self, login: str) -> dict[str, set[str]]:
        """Return by list which households a user must hold: by the account alone."""
        held: dict[str, set[str]] = defaultdict(set)
        for home, worklist in self.account.placed.items():
            if worklist is not None and login in self.account.lists[worklist]:
                held[worklist].add(home)
        return dict(held)

    def checks(self) -> dict[str, tuple[int, int]]:
        """Return count and sum of every scope as its counter says."""
        scopes = [document["_id"] for document in self.store["feed_scopes"].find({}, {"_id": 1})]
        heads = read_heads(self.store, scopes)
        return {scope: (head.n, head.sum % WIRE_MODULUS) for scope, head in heads.items()}

    def assert_numbered(self) -> None:
        """Every row of a scope has a number of its own, up to the scope's head."""
        heads = {each["_id"]: each["seq"] for each in self.store["feed_scopes"].find({}, {"seq": 1})}
        numbers: dict[str, list[int]] = defaultdict(list)
        for document in self.store["feed"].find({}, {"seq": 1}):
            numbers[document["_id"]["s"]].append(document["seq"])
        for scope, found in numbers.items():
            assert len(set(found)) == len(found), f"two rows of {scope} have one number"
            assert max(found) <= heads.get(scope, 0), f"a row of {scope} lies beyond its head"

    def assert_rebuilt(self) -> None:
        """Ledger, findings, feed and counters are what the log gives."""
        differing = check(self.services).differing
        assert differing == [], f"what is derived is not what the log gives: {differing}"

    def stored(self) -> dict[str, Any]:
        """Return the bodies of the ops that phones sent, by id."""
        query = {"install": {"$exists": True}}
        kept, sealer = self.store["ops"].find(query, {"body": 1}), self.store.sealer
        return {each["_id"]: json.loads(body_text(each, sealer)) for each in kept}
