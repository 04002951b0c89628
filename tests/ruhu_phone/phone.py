"""A phone: it enrols, records ops, exchanges them for rows, begins large scopes from snapshots, and sends its photos.

It ticks an op off only on that op's own durable result with its id and digest. Whatever else comes back (nothing, half
of an answer, a portal's page, a problem) changes nothing but when it tries again.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from ruhu_phone.answers import (
    Exchanged,
    Trouble,
    read_exchange,
    read_json,
    read_trouble,
)
from ruhu_phone.clock import Clock, Moment, Sample, SystemClock, measured, offset
from ruhu_phone.digests import content_digest, uuid7
from ruhu_phone.oplog import OpLog, State
from ruhu_phone.patience import Patience
from ruhu_phone.photos import Pace, Photos, PhotoState, blob_path
from ruhu_phone.rows import Rows
from ruhu_phone.snapshots import Snapshots
from ruhu_phone.store import Store
from ruhu_phone.transport import Answer, NoAnswerError, Transport

_BATCH, _BATCH_BYTES = 50, 512 * 1024
_SAMPLES = 8
_STUCK_S = 1.0
_MOST = 10_000


class RefusedError(Exception):
    """The server answered with a problem that sending again will not mend."""


@dataclass(slots=True)
class Counters:
    """What a phone did since it was started."""

    exchanges: int = 0
    sent: int = 0
    received: int = 0
    mismatches: int = 0
    resets: int = 0
    photo_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an exchange.

    Attributes:
        heard: the server answered, and the answer was taken.
        again: there is more that can go at once.
        wait_s: how long the server asks to wait.
        trouble: what was wrong; empty when it was heard.
        refused: sending the same again will not mend it.
    """

    heard: bool
    again: bool = False
    wait_s: float = 0.0
    trouble: str = ""
    refused: bool = False


@dataclass
class Phone:
    """One installation of the app.

    Args:
        transport: carries its requests.
        store: its database.
        clock: its clocks.
        new_id: makes ids.
        app: the version it tells.
        max_bytes: how much of rows it takes at once.
        snapshots: whether it begins large scopes from snapshots.
    """

    transport: Transport
    store: Store = field(default_factory=Store)
    clock: Clock = field(default_factory=SystemClock)
    new_id: Callable[[], str] = uuid7
    app: str = "1.0.0"
    max_bytes: int = 49_152
    snapshots: bool = True
    counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        self.ops = OpLog(self.store)
        self.rows = Rows(self.store)
        self.photos = Photos(self.store)
        self._snapshots = Snapshots(self.store)
        self._pace = Pace()
        self._batch = _BATCH

    # --- who it is

    @property
    def install(self) -> str:
        """The id of this installation, made on first use."""
        found = self.store.get("install")
        if found is None:
            found = self.new_id()
            self.store.put("install", found)
        return str(found)

    @property
    def token(self) -> str | None:
        """The device token; None before it is enrolled and after it was wiped."""
        found: str | None = self.store.get("token")
        return found

    @property
    def wiped(self) -> bool:
        """Whether the server gave the order to wipe, and it was followed to the end."""
        return bool(self.store.get("wiped"))

    def enrol(self, code: str) -> None:
        """Trade a one-time code for a token; what the phone holds stays.

        Raises:
            NoAnswerError: the server could not be heard.
            RefusedError: the code is not good, or the install belongs to somebody else.
        """
        told = self._ask_json("/api/v1/devices", {"code": code, "install": self.install, "app": self.app})
        self.store.put("token", str(told["token"]))

    def rotate(self) -> None:
        """Trade the token for a new one; the old one works as long as the new one may be lost on the way.

        Raises:
            NoAnswerError, RefusedError: see `enrol`.
        """
        self.store.put("token", str(self._ask_json("/api/v1/devices/rotate", {})["token"]))

    def _ask_json(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._send("POST", path, *_packed(body))
        if answer.status != HTTPStatus.CREATED:
            trouble = read_trouble(answer)
            raise RefusedError(trouble.slug)
        told = read_json(answer)
        if not isinstance(told.get("token"), str):
            raise NoAnswerError("an answer without a token")
        return told

    # --- what it records

    def record(self, kind: str, body: Mapping[str, Any]) -> str:
        """Put an op into the outbox and return its id."""
        op_id = self.new_id()
        self.ops.record(op_id, kind, body)
        return op_id

    def now(self) -> Moment:
        """Return what the clocks show: an op's `started` and `finished`."""
        return self.clock.moment()

    # --- exchanging

    def sync(self, patience: float = 0.0) -> int:
        """Exchange until the outbox is empty and there is no more; return the number of exchanges.

        Args:
            patience: seconds to go on trying while the server cannot be heard, or keeps nothing of what is sent.

        Raises:
            NoAnswerError: patience has ended.
            RefusedError: sending again will not mend it: a person is needed (no valid token, a phone marked as stolen).
        """
        trying = Patience(self.clock, patience)
        for count in range(1, _MOST):
            outcome = self.exchange()
            if outcome.refused:
                raise RefusedError(outcome.trouble)
            if outcome.heard and not outcome.again:
                return count
            if outcome.heard and not outcome.wait_s:
                trying.renew()
            else:
                trying.wait(outcome.trouble or "the server keeps nothing of what is sent", outcome.wait_s)
        raise NoAnswerError(f"{_MOST} exchanges did not come to an end")

    def exchange(self) -> Outcome:
        """Send one request, take its answer, fetch the snapshots it named; never raises for what the network does."""
        request, told = self._request()
        before = self.clock.moment()
        headers, body = _packed(request)
        if not request["ops"] and request["cursor"] is not None:
            headers["If-None-Match"] = f'"{request["cursor"]}"'
        try:
            answer = self._send("POST", "/api/v1/sync", headers, body)
            self.counters.exchanges += 1
            if answer.status == HTTPStatus.NOT_MODIFIED:
                return self._fetch_snapshots(again=False)
            if answer.status != HTTPStatus.OK:
                return self._stumble(read_trouble(answer), request)
            exchanged = read_exchange(answer)
            sample = measured(before, self.clock.moment(), exchanged.t1, exchanged.t2)
            outcome = self._take(exchanged, request, told, sample)
            return outcome if outcome.wait_s else self._fetch_snapshots(again=outcome.again)
        except NoAnswerError as error:
            return Outcome(heard=False, trouble=str(error))

    def _request(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return a request, and the joined cursors in it by scope."""
        joined = self._snapshots.joined()
        now = self.clock.moment()
        clock: dict[str, Any] = now.to_json()
        found = offset((Sample(*each) for each in self.store.get("samples") or ()), now)
        if found is not None:
            clock["off"], clock["rtt"] = found
        waiting = len(self.photos.names(PhotoState.KEPT)) + len(self.photos.names(PhotoState.WANTED))
        request = {
            "v": 1, "install": self.install, "app": self.app, "clock": clock, "cursor": self.store.get("cursor"),
            "outbox": {"max_n": self.ops.max_n, "pending": self.ops.count(State.PENDING), "blobs": waiting},
            "max_bytes": self.max_bytes, "ops": self.ops.outbox(self._batch, _BATCH_BYTES),
        }  # fmt: skip
        if self.snapshots:
            request["snapshots"] = True
        if joined:
            request["joined"] = sorted(joined.values())
        if failed := self.rows.failed():
            request["mismatch"] = failed
        return request, joined

    def _take(
        self, answer: Exchanged, request: Mapping[str, Any], told: Mapping[str, str], sample: Sample | None
    ) -> Outcome:
        """Take an answer: all of it or, if the phone dies meanwhile, nothing."""
        with self.store.transaction():
            ticked = self.ops.take(answer, request["ops"])
            self.photos.take(ticked.wanted, ticked.complete)
            failed = self.rows.take(answer, from_nothing=request["cursor"] is None)
            self._snapshots.take(answer, told.keys())
            self.store.put("cursor", answer.cursor)
            if sample is not None:
                samples = [*(self.store.get("samples") or ()), list(asdict(sample).values())]
                self.store.put("samples", samples[-_SAMPLES:])
            if ticked.forked:
                self.store.put("install", self.new_id())
                self.ops.move()
            if answer.wipe:
                self._wipe()
        self.counters.mismatches += len(failed)
        self.counters.resets += len(answer.reset)
        pending = self.ops.count(State.PENDING) > 0 and not self.wiped
        stuck = pending and request["ops"] and not ticked.ops and not ticked.forked
        again = answer.more or pending or bool(failed)
        return Outcome(heard=True, again=again, wait_s=_STUCK_S if stuck and not answer.more else 0.0)

    def _stumble(self, trouble: Trouble, request: Mapping[str, Any]) -> Outcome:
        """Do what a problem asks for; keep everything."""
        if trouble.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and request["ops"]:
            if len(request["ops"]) == 1:
                self.ops.put_aside(request["ops"][0]["id"], trouble.slug)
            self._batch = max(1, len(request["ops"]) // 2)
            return Outcome(heard=True, again=True)
        if trouble.slug == "bad-cursor":
            with self.store.transaction():
                self.store.put("cursor", None)
                self._snapshots.forget_joined()
                self.ops.offer_all()
            return Outcome(heard=True, again=True)
        refused = not trouble.retryable and trouble.status < HTTPStatus.INTERNAL_SERVER_ERROR
        refused = refused and trouble.status != HTTPStatus.TOO_MANY_REQUESTS
        return Outcome(heard=False, wait_s=trouble.wait_s, trouble=trouble.slug, refused=refused)

    def _wipe(self) -> None:
        """Follow the order to wipe: what can be had again goes at once, the rest when the server has every op."""
        self.rows.forget_all()
        self.store.put("cursor", None)
        if self.ops.count(State.PENDING) == 0:
            self.photos.forget_all()
            self.store.run("DELETE FROM ops")
            self.store.run("DELETE FROM drafts")
            self.store.put("token", None)
            self.store.put("wiped", value=True)

    def _fetch_snapshots(self, *, again: bool) -> Outcome:
        for scope, path in self._snapshots.wanted():
            answer = self._send("GET", path, self._snapshots.headers(scope), b"")
            snapshot = self._snapshots.receive(scope, answer)
            if snapshot is not None:
                with self.store.transaction():
                    holds = self.rows.take_snapshot(scope, snapshot.rows, snapshot.check)
                    self._snapshots.done(snapshot)
                self.counters.mismatches += not holds
            again = True
        return Outcome(heard=True, again=again)

    # --- photos

    def upload(self) -> bool:
        """Send the photos that the server wants, once no op waits; tell whether all are there.

        What fails is tried again at the next call, from the byte that the server has.
        """
        if self.ops.count(State.PENDING):
            return False
        try:
            whole = [self._upload(name) for name in self.photos.names(PhotoState.WANTED)]
            return all(whole)
        except NoAnswerError:
            self._pace.failed()
            return False

    def _upload(self, name: str) -> bool:
        asked = self._send("HEAD", blob_path(name), {}, b"")
        if asked.headers.get("upload-complete") == "?1" and asked.status == HTTPStatus.OK:
            self.photos.complete(name)
            return True
        self.photos.move(name, _place(asked) if asked.status == HTTPStatus.OK else 0)
        while True:
            chunk = self.photos.chunk(name, self._pace.size)
            began = self.clock.moment().mono
            answer = self._send("PATCH", chunk.path, chunk.headers(), chunk.body)
            if answer.status == HTTPStatus.CREATED:
                self.photos.complete(name)
            elif answer.status == HTTPStatus.NO_CONTENT:
                self.photos.move(name, _place(answer))
            else:
                return self._stumble_upload(name, answer)
            self._pace.went(self.clock.moment().mono - began)
            self.counters.photo_bytes += len(chunk.body)
            if answer.status == HTTPStatus.CREATED:
                return True

    def _stumble_upload(self, name: str, answer: Answer) -> bool:
        """Go on from where the server is; what it found to be another photo begins again."""
        if answer.status == HTTPStatus.CONFLICT:
            self.photos.move(name, _place(answer))
        elif answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            self.photos.move(name, 0)
        else:
            self._pace.failed()
        return False

    # --- travelling

    def read(self, path: str, patience: float = 0.0) -> dict[str, Any]:
        """Return a resource that is read with the phone's token; `patience` as in `sync`.

        Raises:
            NoAnswerError: the server could not be heard.
            RefusedError: it answered with a problem.
        """
        trying = Patience(self.clock, patience)
        while True:
            try:
                answer = self._send("GET", path, {"Accept-Encoding": "gzip"}, b"")
                if answer.status == HTTPStatus.OK:
                    return read_json(answer)
                trouble = read_trouble(answer)
                if not trouble.retryable:
                    raise RefusedError(trouble.slug)
                trying.wait(trouble.slug, trouble.wait_s)
            except NoAnswerError as error:
                trying.wait(str(error))

    def close(self) -> None:
        """Put the phone away: its connection and its database are closed."""
        self.transport.close()
        self.store.close()

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.token is not None:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        self.counters.sent += len(body)
        answer = self.transport.send(method, path, headers, body)
        self.counters.received += len(answer.body)
        return answer


def _place(answer: Answer) -> int:
    try:
        return int(answer.headers.get("upload-offset", ""))
    except ValueError as error:
        raise NoAnswerError("an answer to an upload without its offset") from error


def _packed(body: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """Return headers and bytes of a JSON body, compressed."""
    raw = gzip.compress(json.dumps(body, ensure_ascii=False).encode(), compresslevel=6, mtime=0)
    headers = {
        "Content-Type": "application/json", "Content-Encoding": "gzip", "Accept-Encoding": "gzip",
        "Content-Digest": content_digest(raw),
    }  # fmt: skip
    return headers, raw
