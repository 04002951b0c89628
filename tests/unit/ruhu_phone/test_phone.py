"""The phone against a server that is made up: every answer it may ever get, and what it must keep through it."""

import base64
import gzip
import hashlib
import json
from collections import deque
from dataclasses import dataclass, field

import pytest

from ruhu_phone import Answer, Moment, NoAnswerError, Phone, PhotoState, RefusedError, State, Store
from ruhu_phone.photos import Pace

DAY_MS = 24 * 3600 * 1000
JSON = {"content-type": "application/json"}
PROBLEM = {"content-type": "application/problem+json"}


@dataclass
class Clock:
    wall: int = 1_700_000_000_000
    mono: int = 5_000
    boot: str = "b1"
    paused: list = field(default_factory=list)

    def moment(self):
        return Moment(self.wall, self.mono, self.boot)

    def pause(self, seconds):
        self.paused.append(seconds)
        self.mono += int(seconds * 1000)


@dataclass
class Line:
    """Answers with the next of `answers`, and keeps what was sent."""

    answers: deque = field(default_factory=deque)
    sent: list = field(default_factory=list)

    def send(self, method, path, headers, body):
        self.sent.append((method, path, headers, body))
        answer = self.answers.popleft()
        if callable(answer):
            answer = answer(method, path, headers, body)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def request(self, which=-1):
        return json.loads(gzip.decompress(self.sent[which][3]))

    def close(self):
        pass


@pytest.fixture
def phone():
    made = Phone(Line(), Store(), Clock())
    made.store.put("token", "t")
    return made


def visit(**more):
    return {"household": "h", "round": None, "outcome": "nobody_home", "note": "", **more}


def told(results=(), **more):
    answer = {
        "v": 1, "t1": 0, "t2": 0, "results": list(results), "have": [[1, 99]], "drop": [], "add": [], "reset": [],
        "rows": [], "more": False, "check": {}, "cursor": "c1.x",
    }  # fmt: skip
    return Answer(200, JSON, json.dumps(answer | more).encode())


def problem(status, slug, *, retryable=False, **headers):
    body = {"type": f"urn:ruhu:problem:{slug}", "status": status, "retryable": retryable}
    return Answer(status, PROBLEM | headers, json.dumps(body).encode())


def results_of(phone, status="stored", **more):
    """Return an answer that says the same of every op of the request it answers."""

    def answer(_method, _path, _headers, body):
        ops = json.loads(gzip.decompress(body))["ops"]
        echoed = [{name: op[name] for name in ("id", "n", "sha256")} for op in ops]
        return told(
            [each | {"status": status} | more.get("result", {}) for each in echoed], **more.get("answer", {})
        )

    phone.transport.answers.append(answer)


def answers(phone, *made):
    phone.transport.answers.extend(made)


def counts(phone):
    return tuple(phone.ops.count(state) for state in (State.PENDING, State.ACKNOWLEDGED, State.REJECTED))


@pytest.mark.parametrize(
    "answer",
    [
        NoAnswerError("nothing"),
        Answer(200, {"content-type": "text/html"}, b"<html>sign in</html>"),
        Answer(200, JSON, b'{"v": 1, "results": []}'),
        Answer(200, JSON, b"[]"),
        Answer(200, JSON | {"content-encoding": "gzip"}, b"\x1f\x8b\x08\x00half"),
        Answer(302, {"location": "http://portal"}, b""),
        Answer(403, {"content-type": "text/html"}, b"blocked"),
        Answer(401, JSON, b"{}"),
        problem(503, "unavailable", retryable=True),
        told([], v=2),
    ],
)
def test_what_is_no_answer_of_the_server_ticks_nothing_and_is_tried_again(phone, answer):
    phone.record("visit", visit())
    answers(phone, answer)
    outcome = phone.exchange()
    assert (outcome.heard, outcome.refused) == (False, False)
    assert counts(phone) == (1, 0, 0)
    results_of(phone)
    assert phone.sync() == 1
    assert counts(phone) == (0, 1, 0)


def test_half_an_answer_ticks_nothing(phone):
    op = phone.record("visit", visit())
    whole = told([{"id": op, "n": 1, "sha256": phone.ops.outbox(1, 1)[0]["sha256"], "status": "stored"}])
    answers(phone, Answer(200, whole.headers, whole.body, cut=True))
    assert not phone.exchange().heard
    assert counts(phone) == (1, 0, 0)


@pytest.mark.parametrize(
    "wrong", [{"sha256": "0" * 64}, {"id": "other"}, {"status": "retry"}, {"status": "ok"}]
)
def test_only_a_durable_result_with_id_and_digest_ticks(phone, wrong):
    phone.record("visit", visit())
    results_of(phone, result=wrong)
    outcome = phone.exchange()
    assert counts(phone) == (1, 0, 0)
    assert outcome.again
    assert outcome.wait_s > 0


def test_a_rejected_op_is_kept_and_shown_and_hinders_no_other(phone):
    op = phone.record("visit", visit())
    results_of(phone, "rejected", result={"code": "not-permitted"})
    phone.sync()
    assert phone.ops.told(State.REJECTED)[op]["code"] == "not-permitted"
    answers(phone, told(have=[]))
    assert phone.sync() == 1
    assert counts(phone) == (0, 0, 1)


def test_what_the_log_lacks_is_offered_again(phone):
    phone.record("visit", visit())
    phone.record("visit", visit())
    results_of(phone)
    answers(phone, told(have=[[2, 2]]))
    phone.sync()
    assert phone.exchange().again
    assert [op["n"] for op in phone.ops.outbox(9, 9999)] == [1]


def test_an_acknowledged_op_is_held_thirty_days_by_the_clock_of_the_server(phone):
    phone.record("visit", visit())
    results_of(phone, answer={"t1": DAY_MS, "t2": DAY_MS})
    phone.sync()
    phone.clock.wall += 4000 * DAY_MS
    for day, held in ((31, 1), (32, 0)):
        answers(phone, told(t1=day * DAY_MS, t2=day * DAY_MS))
        phone.sync()
        assert counts(phone) == (0, held, 0)


def test_a_copied_phone_takes_another_install_id_and_counts_anew(phone):
    first = phone.record("visit", visit())
    results_of(phone)
    phone.sync()
    second, install = phone.record("visit", visit(note="second")), phone.install
    results_of(phone, "rejected", result={"code": "device-forked"})
    assert phone.exchange().again
    assert phone.install != install
    assert [(op["id"], op["n"]) for op in phone.ops.outbox(9, 9999)] == [(second, 1)]
    results_of(phone, answer={"have": [[1, 1]]})
    phone.sync()
    assert phone.ops.ids() == [first, second]
    assert counts(phone) == (0, 2, 0)


def test_a_duplicate_that_the_log_holds_under_another_number_is_offered_again_only_after_a_reset(phone):
    phone.record("visit", visit())
    results_of(phone, "duplicate", answer={"have": []})
    phone.sync()
    answers(phone, told(have=[]))
    assert phone.sync() == 1
    answers(phone, told(have=[], reset=["g"]))
    assert phone.exchange().again
    assert counts(phone) == (1, 0, 0)


def test_a_request_that_is_too_large_is_halved_and_one_op_alone_is_put_aside(phone):
    for number in range(4):
        phone.record("visit", visit(note=str(number)))
    answers(phone, problem(413, "too-large"), problem(413, "too-large"), problem(413, "too-large"))
    for _ in range(3):
        phone.exchange()
    assert [len(phone.transport.request(which)["ops"]) for which in (-3, -2, -1)] == [4, 2, 1]
    assert counts(phone) == (3, 0, 1)


def test_without_a_valid_token_everything_is_kept_until_there_is_another(phone):
    phone.record("visit", visit())
    answers(phone, problem(401, "not-authenticated"))
    with pytest.raises(RefusedError, match="not-authenticated"):
        phone.sync(60)
    assert counts(phone) == (1, 0, 0)
    answers(phone, Answer(201, JSON, b'{"token": "new"}'))
    phone.enrol("code")
    results_of(phone)
    phone.sync()
    assert phone.transport.sent[-1][2]["Authorization"] == "Bearer new"


def test_a_busy_server_is_left_alone_as_long_as_it_asks(phone):
    answers(phone, problem(503, "unavailable", retryable=True, **{"retry-after": "7"}), told())
    assert phone.sync(60) == 2
    assert phone.clock.paused == [7.0]


def test_a_cursor_that_the_server_does_not_know_begins_all_again(phone):
    answers(phone, told(add=[{"scope": "g"}, {"scope": "w-1"}], rows=[["w-1", "k", ["put", {"a": 1}]]]))
    phone.sync()
    answers(phone, problem(400, "bad-cursor"), told(add=[{"scope": "g"}]))
    phone.sync()
    assert phone.transport.request()["cursor"] is None
    assert phone.rows.scopes() == ["g"]


def test_rows_stay_while_a_scope_is_read_again_and_go_when_its_check_comes(phone):
    old = [["g", "a", ["put", {"v": 1}]], ["g", "b", ["put", {"v": 1}]]]
    answers(phone, told(add=[{"scope": "g"}], rows=old))
    phone.sync()
    answers(phone, told(reset=["g"], rows=[["g", "a", ["put", {"v": 2}]]], more=True))
    phone.exchange()
    assert phone.rows.of("g") == {"a": {"v": 2}, "b": {"v": 1}}
    text = hashlib.sha256(b'{"v":2}').hexdigest()[:16]
    total = int.from_bytes(hashlib.sha256(f"a\0{text}".encode()).digest()[:8], "big") % 2**53
    answers(phone, told(check={"g": [1, total]}))
    phone.exchange()
    assert phone.rows.of("g") == {"a": {"v": 2}}
    assert (phone.counters.mismatches, phone.counters.resets) == (0, 1)


def test_a_scope_whose_check_fails_is_named_in_the_next_request_until_it_is_begun_again(phone):
    answers(phone, told(add=[{"scope": "g"}], check={"g": [1, 7]}))
    assert phone.exchange().again
    answers(phone, NoAnswerError("lost"), told(reset=["g"], check={"g": [0, 0]}))
    phone.exchange()
    phone.exchange()
    assert phone.transport.request(-2)["mismatch"] == phone.transport.request(-1)["mismatch"] == ["g"]
    answers(phone, told())
    phone.exchange()
    assert "mismatch" not in phone.transport.request()


def test_the_order_to_wipe_is_followed_at_once_for_rows_and_for_ops_when_all_are_kept(phone):
    answers(phone, told(add=[{"scope": "g"}], rows=[["g", "a", ["put", {"v": 1}]]]))
    phone.sync()
    phone.store.keep_draft("d", {"half": "done"})
    phone.record("visit", visit())
    results_of(phone, "retry", answer={"wipe": True})
    phone.exchange()
    assert (phone.rows.count(), counts(phone), phone.wiped) == (0, (1, 0, 0), False)
    results_of(phone, "quarantined", answer={"wipe": True})
    phone.sync()
    assert (phone.wiped, phone.token, phone.store.drafts(), phone.ops.ids()) == (True, None, {}, [])


def test_a_dropped_scope_takes_its_rows_and_nothing_else(phone):
    rows = [["w-1", "a", ["put", {"v": 1}]], ["w-2", "a", ["put", {"v": 1}]]]
    answers(phone, told(add=[{"scope": "w-1"}, {"scope": "w-2"}], rows=rows))
    phone.sync()
    phone.store.keep_draft("d", 1)
    phone.record("visit", visit())
    answers(phone, told(drop=["w-1"]))
    phone.exchange()
    assert (phone.rows.scopes(), phone.store.drafts(), counts(phone)) == (["w-2"], {"d": 1}, (1, 0, 0))


def test_a_snapshot_is_resumed_where_it_broke_off_and_joined(phone):
    last = {"scope": "g", "cursor": "c1.snap", "check": [0, 0], "rows": 0}
    raw = gzip.compress(json.dumps(last).encode())
    headers = {"content-encoding": "gzip", "etag": '"e1"'}
    add = [{"scope": "g", "snapshot": "/api/v1/scopes/g/snapshot"}]
    answers(phone, told(add=add), Answer(200, headers, raw[:9], cut=True))
    assert not phone.exchange().heard
    rest = Answer(206, headers | {"content-range": f"bytes 9-{len(raw) - 1}/{len(raw)}"}, raw[9:])
    answers(phone, told(add=add), rest, told(), told())
    phone.exchange()
    asked = phone.transport.sent[-1][2]
    assert (asked["Range"], asked["If-Range"]) == ("bytes=9-", '"e1"')
    phone.exchange()
    assert phone.transport.request()["joined"] == ["c1.snap"]
    phone.exchange()
    assert "joined" not in phone.transport.request()


def test_the_wall_clock_may_be_set_between_two_exchanges(phone):
    server = 1_000
    answers(phone, told(t1=server, t2=server), told())
    phone.exchange()
    phone.clock.wall += 1000 * DAY_MS
    phone.exchange()
    assert phone.clock.wall + phone.transport.request()["clock"]["off"] == server


# --- photos


@dataclass
class Blobs:
    """A server that takes photos as the protocol says; `fails` lists what it does instead, by request."""

    fails: deque = field(default_factory=deque)
    content: bytes = b""
    complete: bool = False
    sizes: list = field(default_factory=list)

    def send(self, method, path, headers, body):
        offset = {"upload-offset": str(len(self.content))}
        if method == "HEAD":
            done = {"upload-complete": "?1" if self.complete else "?0"}
            return Answer(200 if self.content else 404, offset | done, b"")
        self.sizes.append(len(body))
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        assert headers["Content-Digest"] == f"sha-256=:{digest}:"
        if self.fails and (failure := self.fails.popleft()) is not None:
            raise failure
        if int(headers["Upload-Offset"]) != len(self.content):
            return Answer(409, PROBLEM | offset, b"{}")
        self.content += body
        self.complete = headers["Upload-Complete"] == "?1"
        if self.complete and not path.endswith(hashlib.sha256(self.content).hexdigest()):
            self.content, self.complete = b"", False
            return Answer(422, PROBLEM | {"upload-offset": "0"}, b"{}")
        return Answer(201 if self.complete else 204, {"upload-offset": str(len(self.content))}, b"")

    def close(self):
        pass


def photographed(phone, size):
    name = phone.photos.keep(b"p" * size)
    phone.record("visit", visit(blobs=[{"sha256": name}]))
    results_of(phone, result={"missing": [name]})
    phone.sync()
    return name


def test_photos_go_after_the_ops_in_chunks_that_grow(phone):
    name = photographed(phone, 300_000)
    phone.transport = Blobs()
    assert phone.upload()
    assert phone.transport.sizes == [32 * 1024, 64 * 1024, 128 * 1024, 300_000 - 224 * 1024]
    assert (phone.transport.complete, phone.photos.names(PhotoState.COMPLETE)) == (True, [name])
    phone.record("visit", visit())
    assert not phone.upload()


def test_after_a_chunk_that_fails_smaller_ones_go_on_from_where_the_server_is(phone):
    photographed(phone, 100_000)
    phone.transport = Blobs(deque([None, NoAnswerError("lost")]))
    assert not phone.upload()
    assert phone.upload()
    first, lost, *rest = phone.transport.sizes
    assert (first, lost) == (32 * 1024, 64 * 1024)
    assert set(rest[:-1]) == {8 * 1024}, "the line carried 32 kB before it broke"
    assert first + sum(rest) == 100_000
    assert phone.transport.complete


def test_chunks_double_while_they_are_quick_and_halve_each_time_one_fails():
    pace, sizes = Pace(), []
    for _ in range(8):
        sizes.append(pace.size)
        pace.went(100)
    assert sizes == [32 * 1024 * 2**n for n in range(6)] + [1024 * 1024] * 2
    pace = Pace()
    pace.went(9000)
    assert pace.size == 32 * 1024, "a slow one is not doubled"
    pace = Pace()
    sizes = []
    for _ in range(10):
        pace.failed()
        sizes.append(pace.size)
    assert sizes[:3] == [16 * 1024, 8 * 1024, 4 * 1024]
    assert sizes[-1] == 1024, "and no smaller"


def test_a_photo_of_which_the_server_has_other_bytes_begins_again(phone):
    photographed(phone, 40_000)
    phone.transport = Blobs(content=b"x" * 10_000)
    assert not phone.upload()
    assert phone.upload()
    assert phone.transport.content == b"p" * 40_000
