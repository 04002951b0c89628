"""Sending to an address that somebody else named: only where that is allowed, and never longer than ten seconds.

The name is resolved once; every address it resolves to must be one that may be reached, and the connection goes to the
one that was looked at, so a name that resolves otherwise a moment later (DNS rebinding) gains nothing. Redirects are
not followed, proxies of the environment are not used, and of the answer only its status is read.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_S = 10.0
_TIMEOUT_S = 5.0
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))
"""IPv6 networks whose addresses stand for IPv4 ones: what is private there would pass for public here."""


class RefusedError(Exception):
    """An address may not be sent to; the message says why."""


class FailedError(Exception):
    """Nothing was answered; the message is one word."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send.

    Attributes:
        host, port, path: of the URL.
        secure: over TLS.
        address: the address that was looked at.
    """

    host: str
    port: int
    path: str
    secure: bool
    address: str


def target_of(url: str, networks: Sequence[Network]) -> Target:
    """Resolve a URL to where it may be sent.

    Args:
        url: https, or http to a loopback address that the networks allow.
        networks: private networks that may be reached.

    Raises:
        RefusedError: it is no such URL, or a private address that is not allowed.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise RefusedError("it is no URL") from error
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise RefusedError("it must begin with https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise RefusedError("it must have neither a user, a password nor a fragment")
    if not url.isascii() or any(ord(letter) <= ord(" ") for letter in url):
        raise RefusedError("it must be plain ASCII without spaces")
    found = _resolved(parts.hostname, port)
    for address in found:
        if not _may_reach(address, networks):
            raise RefusedError("it leads to a private address (RUHU_WEBHOOK_NETWORKS can allow it)")
        if parts.scheme == "http" and not address.is_loopback:
            raise RefusedError("it must be https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port, path, parts.scheme == "https", str(found[0]))


def _resolved(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RefusedError("its host is not known") from error
    addresses = [_plain(ip_address(str(entry[4][0]).partition("%")[0])) for entry in found]
    return list(dict.fromkeys(addresses))


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one is written for, else the address itself."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped if mapped is not None else address


def _may_reach(address: Address, networks: Sequence[Network]) -> bool:
    if any(address.version == network.version and address in network for network in networks):
        return True
    translated = any(address.version == network.version and address in network for network in _TRANSLATED)
    return address.is_global and not address.is_multicast and not translated


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body and return the status of the answer.

    Raises:
        FailedError: there was none: `timeout`, `tls`, `connection` or `answer`.
    """
    connection = _Connection(target)
    watch = threading.Timer(LONGEST_S, connection.cut)  # who drips a byte a second is cut off, too
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", target.path, body, {**headers, "Connection": "close"})
        return connection.getresponse().status
    except TimeoutError as error:
        raise FailedError("timeout") from error
    except ssl.SSLError as error:
        raise FailedError("tls") from error
    except http.client.HTTPException as error:
        raise FailedError("timeout" if connection.was_cut else "answer") from error
    except OSError as error:
        raise FailedError("timeout" if connection.was_cut else "connection") from error
    finally:
        watch.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to the address that was looked at, in the name of the host."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=_TIMEOUT_S)
        self._target = target
        self.default_port = 443 if target.secure else 80  # else the Host header names the port
        self.was_cut = False

    def connect(self) -> None:
        """Connect, and begin TLS with a certificate for the host's name."""
        self.sock = socket.create_connection((self._target.address, self._target.port), _TIMEOUT_S)
        if self._target.secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def cut(self) -> None:
        """End it, from another thread."""
        self.was_cut = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                self.sock.close()
