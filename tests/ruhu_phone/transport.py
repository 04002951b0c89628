"""How a phone's requests travel: a protocol, so that a faulty network can stand in, and HTTP itself."""

import gzip
import http.client
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class NoAnswerError(Exception):
    """Nothing came back, or not enough to know what: the request may or may not have arrived."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `cut`: the connection ended before the body did. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    def content(self) -> bytes:
        """Return the body without its content encoding.

        Raises:
            NoAnswerError: the body is not whole.
        """
        if self.cut:
            raise NoAnswerError("the answer was cut off")
        if self.headers.get("content-encoding") != "gzip":
            return self.body
        try:
            return gzip.decompress(self.body)
        except (OSError, EOFError, zlib.error) as error:
            raise NoAnswerError(f"the answer cannot be decompressed: {error}") from error


class Transport(Protocol):
    """Sends one request and returns what came back."""

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request.

        Raises:
            NoAnswerError: no status came back.
        """
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...


class Http:
    """HTTP over one connection that is kept open.

    Args:
        url: address of the server.
        timeout: seconds to wait for a byte.
    """

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        self.url = url
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; see `Transport`."""
        if self._connection is None:
            parts = urlsplit(self.url)
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(parts.netloc, timeout=self._timeout)
        try:
            self._connection.request(method, path, body, dict(headers))
            return self._read(self._connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoAnswerError(f"{type(error).__name__}: {error}") from error

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        headers = {name.lower(): value for name, value in response.getheaders()}
        parts: list[bytes] = []
        try:
            while part := response.read1():
                parts.append(part)
            whole = response.length in (None, 0)
        except (OSError, http.client.HTTPException):
            whole = False
        if whole:
            response.close()  # for http.client it is not read to its end, and bars the connection to the next
        else:
            self.close()
        return Answer(response.status, headers, b"".join(parts), cut=not whole)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
