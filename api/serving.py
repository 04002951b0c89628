"""How gunicorn serves: `gunicorn --config python:api.serving wsgi:app`.

gunicorn itself waits without end for a sender that has begun a request and falls silent, as a phone does that drives
out of reach, and a handful of such senders would hold every thread. Here each request has to come at a least rate.
Against many who send slowly on purpose only more threads help, or a proxy in front that takes in whole requests first,
as nginx does. Where one request ends and the next begins is gunicorn's to judge; from release 22 on it refuses a
request that says it in two ways.
"""

import socket
import time
from typing import Any

from gunicorn.workers.gthread import _DEFER, DEFAULT_WORKER_DATA_TIMEOUT, ThreadWorker

bind = "127.0.0.1:8000"
worker_class = "api.serving.Worker"
workers = 2
threads = 4
keepalive = 30
graceful_timeout = 10
loglevel = "warning"
control_socket_disable = True
forwarded_allow_ips = ""  # whom to believe about addresses and schemes, RUHU_PROXY_HOPS alone says

GRACE_S, LEAST_RATE, SILENCE_S = 20.0, 500, 20.0
"""A request may take so many seconds, and another for each so many bytes; and so long between two of its bytes."""


class Patience:
    """A connection's socket, for the time of one request: who sends too slowly is taken to have hung up."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._began, self._got = time.monotonic(), 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def recv(self, size: int) -> bytes:
        """Return what has come; nothing when patience ends."""
        given = self._sock.gettimeout()
        left = self._began + GRACE_S + self._got / LEAST_RATE - time.monotonic()
        self._sock.settimeout(max(0.001, min(left, SILENCE_S, given or left)))
        try:
            data = self._sock.recv(size)
        except TimeoutError:
            return b""
        finally:
            self._sock.settimeout(given)
        self._got += len(data)
        return data


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn carries no types
    """gunicorn's threads, with patience that ends."""

    def handle(self, conn: Any) -> Any:
        """Serve one request of a connection."""
        if not conn.initialized and not conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT):
            return _DEFER
        conn.init()
        conn.parser.unreader.sock = Patience(conn.sock)
        return super().handle(conn)
