"""Fault → right outcome: each row of PROTOCOL §8 by its name, over the real application and a real database.

What needs real processes (servers killed, primaries stepping down under load, links that break) is run at length beside
this file; here each row is shown alone.
"""

import base64
import gzip
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from access.model import Device
from core.clock import day_of
from core.ids import uuid7
from forms.log import OpLog, body_text
from ruhu_phone import Answer, Phone, State, Store
from store import DatabaseError
from sync.feed import FeedWriter
from tests.faults.district import HOMES, District
from tests.faults.machine import PhoneClock
from tests.faults.network import Fault, Link, Network, Request
from tests.unit.sync.world import answered

HOME, OTHER = HOMES[0], HOMES[1]
YEAR_MS = 365 * 24 * 3600 * 1000


class Field:
    """Phones of a district, and a network between."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.network = Network(district.app, district.tick)
        self.phones = [self.phone(install, token) for install, token in district.enrolled]
        self.user_of = [district.users[login] for login in ("a", "a", "b")]

    def phone(self, install: str, token: str) -> Phone:
        made = Phone(Link(self.network), Store(), PhoneClock(self.now_ms), uuid7, max_bytes=700)
        made.store.put("install", install)
        made.store.put("token", token)
        made.sync()
        return made

    def now_ms(self) -> int:
        return int(self.district.clock.now().timestamp() * 1000)

    def interview(self, phone: Phone, home: str = HOME, **more: Any) -> tuple[str, dict[str, Any]]:
        body = answered(home, self.district.versions[0], **more) | {"finished": phone.now().to_json()}
        return phone.record("interview", body), body

    def settle(self) -> None:
        self.district.settle()

    def ops(self, **query: Any) -> list[dict[str, Any]]:
        return list(self.district.store["ops"].find({"install": {"$exists": True}, **query}))

    def outcome(self, phone: Phone, interview: str) -> dict[str, Any]:
        """What a phone holds of an interview of its user."""
        phone.sync()
        user = self.user_of[self.phones.index(phone)]
        return phone.rows.of(f"u-{user}")[f"interview/{interview}"]

    def findings(self, home: str = HOME) -> set[str]:
        live = self.district.services.findings.of_households([home])[home].values()
        return {finding.rule for finding in live if finding.state == "open"}

    def post(
        self, phone: Phone, body: bytes, *, digest: bytes | None = None, encoding: str = "gzip"
    ) -> Answer:
        stated = base64.b64encode(hashlib.sha256(body if digest is None else digest).digest()).decode()
        headers = {
            "Content-Type": "application/json", "Content-Encoding": encoding,
            "Authorization": f"Bearer {phone.token}", "Content-Digest": f"sha-256=:{stated}:",
        }  # fmt: skip
        return self.network.carry(Request("POST", "/api/v1/sync", headers, body))

    def at_rest(self) -> None:
        """Every phone holds what it is granted, and the log gives what is there."""
        self.settle()
        for phone, login in zip(self.phones, ("a", "a", "b"), strict=True):
            phone.sync()
            granted = self.district.granted(login)
            assert {scope: phone.rows.texts(scope) for scope in phone.rows.scopes()} == granted
            assert phone.counters.mismatches == 0
            assert phone.ops.count(State.PENDING) == 0
        self.district.assert_numbered()
        self.district.assert_rebuilt()


@pytest.fixture
def field(district: District) -> Iterator[Field]:
    district.begin()
    made = Field(district)
    yield made
    for phone in made.phones:
        phone.close()


# --- push


def test_same_batch_twice(field):
    phone, *_ = field.phones
    op, _ = field.interview(phone)
    phone.transport.faults = [(Fault.TWICE, 0.0)]
    phone.sync()
    assert [each["_id"] for each in field.ops()] == [op]
    assert phone.ops.told(State.ACKNOWLEDGED)[op]["status"] == "duplicate"
    field.at_rest()


def test_same_batch_at_once(field):
    phone, *_ = field.phones
    ops = [field.interview(phone)[0] for _ in range(20)]
    request, _ = phone._request()
    raw = gzip.compress(json.dumps(request).encode())
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(field.post(phone, raw))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = [result["status"] for each in answers for result in json.loads(each.content())["results"]]
    assert set(statuses) <= {"stored", "duplicate", "retry"}
    assert statuses.count("stored") == len(ops)
    phone.sync()
    assert sorted(each["_id"] for each in field.ops()) == sorted(ops)
    field.at_rest()


def test_response_lost_after_commit(field):
    phone, *_ = field.phones
    op, _ = field.interview(phone)
    phone.transport.faults = [(Fault.ANSWER_LOST, 0.0)]
    assert not phone.exchange().heard
    assert phone.ops.count(State.PENDING) == 1
    assert len(field.ops()) == 1
    phone.sync()
    assert phone.ops.told(State.ACKNOWLEDGED)[op]["status"] == "duplicate"
    device = field.district.store["devices"].find_one({"install": phone.install})
    assert device["have"] == [[1, 1]]
    field.at_rest()


@pytest.mark.parametrize("after", ["before the log", "after the log"])
def test_worker_or_server_killed_anywhere_push(field, monkeypatch, after):
    phone, *_ = field.phones
    op, _ = field.interview(phone)
    append = OpLog.append

    def die(log: OpLog, documents: Any) -> Any:
        if after == "after the log":
            append(log, documents)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(OpLog, "append", die)
        with pytest.raises(SystemExit):
            phone.exchange()
    assert phone.ops.count(State.PENDING) == 1
    phone.sync()
    assert [each["_id"] for each in field.ops()] == [op]
    field.at_rest()


def test_worker_or_server_killed_anywhere_settle(field, monkeypatch):
    phone, *_ = field.phones
    field.interview(phone)
    phone.sync()

    def die(_writer: FeedWriter) -> int:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(FeedWriter, "flush", die)
        with pytest.raises(SystemExit):
            field.settle()
    assert field.ops(pending=True), "nothing of an interrupted settling is there"
    field.at_rest()


BROKEN: dict[str, tuple[Callable[[bytes], bytes], int, str]] = {
    "truncated gzip": (lambda raw: raw[:-5], 400, "bad-encoding"),
    "extra bytes": (lambda raw: raw + b"more", 400, "bad-encoding"),
    "bomb": (lambda _raw: gzip.compress(b" " * (33 * 1024 * 1024)), 413, "too-large"),
}


@pytest.mark.parametrize("kind", [*BROKEN, "wrong digest"])
def test_truncated_gzip_wrong_digest_bomb_extra_bytes(field, kind):
    phone, *_ = field.phones
    field.interview(phone)
    request, _ = phone._request()
    raw = gzip.compress(json.dumps(request).encode())
    if kind == "wrong digest":
        answer, status, slug = field.post(phone, raw, digest=b"other"), 400, "digest-mismatch"
    else:
        spoil, status, slug = BROKEN[kind]
        answer = field.post(phone, spoil(raw))
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["type"].endswith(slug)
    assert field.ops() == []
    field.at_rest()


def test_same_op_id_other_content(field):
    phone, twin, *_ = field.phones
    op, body = field.interview(phone)
    phone.sync()
    twin.ops.record(op, "interview", body | {"answers": {"address": "别处"}})
    twin.sync()
    assert twin.ops.told(State.REJECTED)[op]["code"] == "id-reused"
    (kept,) = field.ops()
    text = body_text(kept, field.district.store.sealer)
    assert json.loads(text) == body, "the first is kept"
    assert kept["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_same_revision_other_content(field):
    phone, twin, *_ = field.phones
    _, body = field.interview(phone)
    twin.record("interview", body | {"answers": {"address": "别处"}})
    phone.sync()
    twin.sync()
    field.settle()
    assert len(field.ops()) == 2, "both are kept"
    assert field.outcome(phone, body["interview"])["state"] == "forked"
    assert "sync/fork" in field.findings()
    field.at_rest()


def test_cloned_phone(field):
    phone, *_ = field.phones
    copy = field.phone(phone.install, phone.token or "")
    first, _ = field.interview(phone)
    phone.sync()
    second, _ = field.interview(copy)
    copy.sync()
    assert copy.install != phone.install, "told device-forked, the copy took another install id"
    assert sorted(each["_id"] for each in field.ops()) == sorted([first, second])
    device = field.district.store["devices"].find_one({"install": phone.install})
    assert device["forked_at"] is not None
    assert [clone["install"] for clone in device["clones"]] == [copy.install]
    field.at_rest()
    copy.close()


def test_one_poison_op_in_50(field):
    phone, *_ = field.phones
    ops = [field.interview(phone)[0] for _ in range(50)]
    poison = ops[20]
    phone.store.run("UPDATE ops SET sha256 = ? WHERE id = ?", "0" * 64, poison)
    phone.sync()
    assert len(field.ops()) == 49
    assert list(phone.ops.told(State.REJECTED)) == [poison]
    later, _ = field.interview(phone)
    phone.sync()
    assert later in {each["_id"] for each in field.ops()}, "the queue moves"
    field.at_rest()


# --- settle


def test_two_devices_one_household(field):
    field.district.hand_over(field.district.lists[0], frozenset({"a", "b"}))
    phone, _, colleague = field.phones
    _, one = field.interview(phone, round=field.district.round)
    _, other = field.interview(colleague, round=field.district.round)
    phone.sync()
    colleague.sync()
    field.settle()
    assert len(field.ops()) == 2
    assert field.outcome(phone, one["interview"])["state"] == "contested"
    assert field.outcome(colleague, other["interview"])["state"] == "contested"
    finding = next(
        each
        for each in field.district.services.findings.of_households([HOME])[HOME].values()
        if each.rule == "sync/contested"
    )
    for each in (phone, colleague):
        assert f"finding/{finding.id}" in each.rows.of(field.district.lists[0])
    field.at_rest()


def test_child_before_parent(field):
    phone, twin, *_ = field.phones
    _, parent = field.interview(phone)
    child = parent | {"revision": uuid7(), "parent": parent["revision"], "answers": {"address": "二号"}}
    twin.record("interview", child)
    twin.sync()
    field.settle()
    assert field.outcome(twin, parent["interview"])["state"] == "held"
    phone.sync()
    field.settle()
    assert field.outcome(twin, parent["interview"])["state"] == "head"
    assert field.district.services.ledger.get(HOME).household.text("address") == "二号"
    field.at_rest()


def test_reassigned_while_offline(field):
    phone, _, colleague = field.phones
    here, there = field.district.lists
    epoch = phone.rows.of(here)[f"household/{HOME}"]["epoch"]
    made = {"round": field.district.round, "assignment": {"id": here, "epoch": epoch}}
    draft = {"answers": {"address": "草稿"}}
    phone.store.put("draft", draft)
    field.district.assign(HOME, there)
    _, body = field.interview(phone, **made)
    phone.sync()
    field.settle()
    row = field.outcome(phone, body["interview"])
    assert (row["state"], row["stale"]) == ("head", True), "kept and marked; the new holder has nothing"
    assert f"household/{HOME}" not in phone.rows.of(here)
    assert phone.store.get("draft") == draft
    colleague.sync()
    now = {"round": field.district.round, "assignment": {"id": there, "epoch": epoch + 1}}
    field.interview(colleague, answers={"address": "新家"}, **now)
    colleague.sync()
    field.settle()
    assert field.outcome(phone, body["interview"])["state"] == "contested"
    assert field.district.services.ledger.get(HOME).household.text("address") == "新家"
    field.at_rest()


def test_form_republished_while_offline(field):
    phone, *_ = field.phones
    old = field.district.versions[0]
    op, _ = field.interview(phone)
    field.district.publish()
    phone.sync()
    (kept,) = field.ops()
    assert (kept["_id"], kept["form"], kept["issues"]) == (op, old, []), "judged by the version it names"
    assert phone.rows.of("g")["form/short"]["sha256"] == field.district.versions[1]
    field.at_rest()


def test_form_version_never_seen(field):
    phone, *_ = field.phones
    version = field.district.versions[0]
    stored = field.district.store["form_versions"].find_one_and_delete({"_id": version})
    field.district.services.forms._known.clear()
    op, body = field.interview(phone, answers={"address": "x" * 30})
    phone.sync()
    assert phone.ops.told(State.ACKNOWLEDGED)[op]["status"] == "quarantined"
    field.settle()
    assert field.ops(hold="unknown-form")
    field.district.store["form_versions"].insert_one(stored)
    field.district.heal()
    field.settle()
    row = field.outcome(phone, body["interview"])
    assert [issue["code"] for issue in row["issues"]] == ["too-long"], "judged when it appeared"
    field.at_rest()


@pytest.mark.parametrize("years", [-3, 3])
def test_clock_off_by_three_years(field, years):
    phone, *_ = field.phones
    phone.clock.skew = years * YEAR_MS
    today = day_of(field.district.clock.now())
    first, _ = field.interview(phone)
    second, _ = field.interview(phone)
    field.district.clock.instant += timedelta(days=2)
    phone.sync()
    kept = sorted(field.ops(), key=lambda each: (each["received_at"], each["n"]))
    assert [each["_id"] for each in kept] == [first, second], "the order is that of receipt"
    assert [each["said_on"] for each in kept] == [today.isoformat()] * 2, "corrected"
    assert {each["clock"]["quality"] for each in kept} <= {"A", "B"}
    field.at_rest()


# --- pull


def test_old_cursor_replayed(field):
    phone, *_ = field.phones
    old = phone.store.get("cursor")
    field.district.correct(HOME, "9栋")
    field.settle()
    phone.sync()
    phone.store.put("cursor", old)
    phone.sync()
    assert phone.counters.resets == 0
    field.at_rest()


def test_cursor_below_the_floor(field):
    phone, *_ = field.phones
    field.district.assign(HOME, None)
    field.district.purge()
    phone.sync()
    assert phone.counters.resets == 1
    phone.sync()
    assert phone.counters.resets == 1, "and it ends"
    field.at_rest()


def test_cursor_from_the_future(field):
    phone, *_ = field.phones
    field.district.correct(HOME, "9栋")
    field.settle()
    phone.sync()
    field.district.store["feed_scopes"].update_one({"_id": field.district.lists[0]}, {"$inc": {"seq": 50}})
    field.district.correct(HOME, "8栋")
    field.settle()
    phone.sync()
    later = phone.store.get("cursor")
    field.district.begin()
    phone.store.put("cursor", later)
    phone.sync()
    assert phone.counters.resets == 1
    field.at_rest()


def test_cursor_forged(field):
    phone, *_ = field.phones
    op, _ = field.interview(phone)
    request, _ = phone._request()
    forged = request | {"cursor": request["cursor"][:-2] + "AA"}
    answer = field.post(phone, gzip.compress(json.dumps(forged).encode()))
    assert answer.status == 400
    assert json.loads(answer.body)["type"].endswith("bad-cursor")
    assert field.ops() == [], "nothing was stored"
    phone.store.put("cursor", forged["cursor"])
    phone.sync()
    assert [each["_id"] for each in field.ops()] == [op]
    field.at_rest()


def test_restore_from_a_backup(field):
    phone, _, colleague = field.phones
    before, _ = field.interview(phone)
    phone.sync()
    saved = field.district.save()
    lost = [field.interview(phone)[0], field.interview(colleague, OTHER)[0]]
    phone.sync()
    colleague.sync()
    field.settle()
    field.district.restore(saved, from_file=True)
    assert [each["_id"] for each in field.ops()] == [before]
    phone.sync()
    colleague.sync()
    assert sorted(each["_id"] for each in field.ops()) == sorted([before, *lost])
    assert phone.counters.resets > 0, "another epoch"
    field.at_rest()


def test_bulk_reassignment_while_phones_pull(field):
    phone, _, colleague = field.phones
    for turn in range(6):
        for home in HOMES:
            target = field.district.lists[turn % 2]
            field.district.store.interlude = lambda: [each.exchange() for each in (phone, colleague)]
            field.district.assign(home, target)
            phone.exchange()
            colleague.exchange()
    field.district.store.interlude = None
    field.at_rest()


# --- the database


def test_primary_stepped_down_mid_batch(field):
    phone, *_ = field.phones
    ops = [field.interview(phone)[0] for _ in range(10)]
    request, _ = phone._request()
    raw = gzip.compress(json.dumps(request).encode())
    admin = field.district.store.client.admin
    seen: list[int] = []
    stop = threading.Event()

    def push() -> None:
        while not stop.is_set():
            answer = field.post(phone, raw)
            seen.append(answer.status)
            if answer.status == 200:
                statuses = {each["status"] for each in json.loads(answer.content())["results"]}
                assert statuses <= {"stored", "duplicate", "retry"}
            else:
                assert json.loads(answer.body)["retryable"] is True

    pushing = threading.Thread(target=push)
    pushing.start()
    before = len(seen)
    with suppress(DatabaseError):  # the connection may end with the primary
        admin.command({"replSetStepDown": 1, "force": True})
    deadline = time.monotonic() + 60
    while seen[before + 2 :].count(200) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    pushing.join()
    assert set(seen) <= {200, 503}
    assert seen[-1] == 200, "it goes on by itself"
    phone.sync()
    assert sorted(each["_id"] for each in field.ops()) == sorted(ops), "exactly once"
    field.at_rest()


# --- people


def test_reinstall_with_unsent_ops(field):
    phone, *_ = field.phones
    sent, _ = field.interview(phone)
    phone.sync()
    for _ in range(3):
        field.interview(phone)
    request, _ = phone._request()
    told = request | {"ops": []}
    assert field.post(phone, gzip.compress(json.dumps(told).encode())).status == 200
    install = phone.install
    again = field.phone(uuid7(), phone.token or "")
    again.sync()
    device = field.district.services.store["devices"].find_one({"install": install})
    assert device["outbox"] == {"max_n": 4, "pending": 3, "blobs": 0}
    assert Device.from_document(device).missing == ((2, 4),)
    assert [each["_id"] for each in field.ops()] == [sent]
    again.close()
