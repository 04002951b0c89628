"""A loopback TCP proxy that cuts, breaks or pauses what goes through it, by the byte."""

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Self

_CHUNK = 64 * 1024
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER 0: the other side sees a reset, as when a radio link dies


@dataclass
class Cut:
    """Cut a connection after so many bytes upstream (to the server) or downstream, whatever connection it is in.

    Args:
        up: bytes towards the server that still pass, or None for no limit.
        down: bytes towards the client that still pass, or None for no limit.
        again: how often it cuts; after each cut the same number of bytes may pass again.
    """

    up: int | None = None
    down: int | None = None
    again: int = 1

    def __post_init__(self) -> None:
        self._limits = {"up": self.up, "down": self.down}
        self._left = dict(self._limits)
        self._lock = threading.Lock()
        self.made = 0

    def allow(self, way: str, size: int) -> tuple[int, bool]:
        """Return how many of `size` bytes pass, and whether the connection is cut after them."""
        with self._lock:
            left = self._left[way]
            if left is None or self.made >= self.again:
                return size, False
            if size < left:
                self._left[way] = left - size
                return size, False
            self.made += 1
            self._left = dict(self._limits)
            return left, True

    @property
    def cuts_at_once(self) -> bool:
        """Tell whether a connection is cut before its first byte goes to the server."""
        return self.made < self.again and self._left["up"] == 0


class Proxy:
    """Passes connections on to one server, as a context manager.

    Args:
        target: port of the server on loopback.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._flowing = threading.Event()
        self._flowing.set()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.cut = Cut()
        self.up = self.down = self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._flowing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def pause(self) -> None:
        """Let nothing through until `go_on`."""
        self._flowing.clear()

    def go_on(self) -> None:
        self._flowing.set()

    def hang_up(self) -> int:
        """Reset every open connection; return how many sockets that were."""
        with self._lock:
            sockets = list(self._open)
        for each in sockets:
            _break(each)
        return len(sockets)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._flowing.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
        except OSError:
            _break(client)
            client.close()
            return
        server.settimeout(None)
        pair = {client, server}
        for each in pair:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open |= pair
        if self.cut.cuts_at_once:
            self.cut.allow("up", 0)
            self._end(pair)
        else:
            back = threading.Thread(target=self._pump, args=(server, client, "down", pair), daemon=True)
            back.start()
            self._pump(client, server, "up", pair)
            back.join()
        with self._lock:
            self._open -= pair
        for each in pair:
            each.close()

    def _pump(self, source: socket.socket, sink: socket.socket, way: str, pair: set[socket.socket]) -> None:
        try:
            while data := source.recv(_CHUNK):
                self._flowing.wait()
                passing, cut = self.cut.allow(way, len(data))
                sink.sendall(data[:passing])
                self._count(way, passing)
                if cut:
                    self._end(pair)
                    return
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # one side was reset, so the other is
            self._end(pair)

    def _count(self, way: str, size: int) -> None:
        with self._lock:
            if way == "up":
                self.up += size
            else:
                self.down += size

    @staticmethod
    def _end(pair: set[socket.socket]) -> None:
        for each in pair:
            _break(each)


def _break(each: socket.socket) -> None:
    """Wake whoever waits on a socket, and let its closing be a reset."""
    with contextlib.suppress(OSError):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        each.shutdown(socket.SHUT_RDWR)
