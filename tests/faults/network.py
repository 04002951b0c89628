"""A network between phones and the application that loses, doubles, delays and cuts what travels over it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO

from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from ruhu_phone import Answer, NoAnswerError


class Fault(StrEnum):
    """What happens to one request."""

    NONE = "none"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    TWICE = "twice"
    LATE = "late"
    REQUEST_CUT = "request cut"
    ANSWER_CUT = "answer cut"
    PORTAL = "portal"
    FOREIGN = "foreign JSON"
    BUSY = "busy"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


PORTAL = Answer(
    200, {"content-type": "text/html"}, b"<html>Welcome. Please sign in to the guest network.</html>"
)
FOREIGN = Answer(200, {"content-type": "application/json"}, b'{"v":1,"status":"ok","results":[]}')
BUSY = Answer(
    503,
    {"content-type": "application/problem+json", "retry-after": "5"},
    b'{"type":"urn:ruhu:problem:unavailable","status":503,"retryable":true}',
)
_STAND_INS = {Fault.PORTAL: PORTAL, Fault.FOREIGN: FOREIGN, Fault.BUSY: BUSY}


@dataclass
class Network:
    """Carries requests to the application; keeps those that are to be delivered late."""

    app: Flask
    tick: Callable[[], None]
    late: list[Request] = field(default_factory=list)

    def carry(self, request: Request, cut: int | None = None) -> Answer:
        """Deliver a request; `cut`: only so many bytes of its body arrive."""
        self.tick()
        stream = BytesIO(request.body[:cut])
        environ = create_environ(request.path, "http://ruhu.test", method=request.method, input_stream=stream)
        environ["CONTENT_LENGTH"] = str(len(request.body))
        for name, value in request.headers.items():
            environ[_environ_name(name)] = value
        content, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        named = {name.lower(): value for name, value in headers}
        return Answer(int(status.split(" ", 1)[0]), named, b"".join(content))

    def deliver_late(self, which: int) -> None:
        """Deliver a delayed request; its answer reaches nobody."""
        self.carry(self.late.pop(which % len(self.late)))


@dataclass
class Link:
    """A phone's link to the network: each request meets the next of `faults`; without any it passes.

    Args:
        fetching: only what is fetched meets them.
    """

    network: Network
    faults: list[tuple[Fault, float]] = field(default_factory=list)
    fetching: bool = False

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        request = Request(method, path, dict(headers), body)
        meets = self.faults and (method == "GET" or not self.fetching)
        fault, where = self.faults.pop(0) if meets else (Fault.NONE, 0.0)
        if fault in _STAND_INS:
            return _STAND_INS[fault]
        if fault is Fault.LATE:
            self.network.late.append(request)
        if fault in {Fault.LATE, Fault.REQUEST_LOST}:
            raise NoAnswerError(fault)
        if fault is Fault.REQUEST_CUT:
            self.network.carry(request, cut=int(len(body) * where))
            raise NoAnswerError(fault)
        if fault is Fault.TWICE:
            self.network.carry(request)
        answer = self.network.carry(request)
        if fault is Fault.ANSWER_LOST:
            raise NoAnswerError(fault)
        if fault is Fault.ANSWER_CUT:
            return Answer(
                answer.status, answer.headers, answer.body[: int(len(answer.body) * where)], cut=True
            )
        return answer

    def close(self) -> None:
        """Nothing is held open."""


def _environ_name(name: str) -> str:
    plain = name.upper().replace("-", "_")
    return plain if plain in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{plain}"
