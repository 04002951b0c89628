"""Digests as the protocol defines them, computed apart from the server: canonical JSON, row versions, checks, ids."""

import base64
import hashlib
import secrets
import time
import uuid
from typing import Any

import rfc8785

_MODULUS = 1 << 53
_VERSION = 16


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value (RFC 8785)."""
    return rfc8785.dumps(value)


def sha256_hex(raw: bytes) -> str:
    """Return the SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def content_digest(raw: bytes) -> str:
    """Return the value of a Content-Digest header (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(raw).digest()).decode()}:"


def version_of(row: Any) -> str:
    """Return the version of a row: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON."""
    return sha256_hex(canonical(row))[:_VERSION]


def mix(key: str, version: str) -> int:
    """Return what a row adds to the sum of its scope."""
    return int.from_bytes(hashlib.sha256(f"{key}\0{version}".encode()).digest()[:8], "big") % _MODULUS


def added(*parts: int) -> int:
    """Return a sum as the check of a scope counts it: modulo 2^53."""
    return sum(parts) % _MODULUS


def uuid7() -> str:
    """Return a new UUIDv7 (RFC 9562 §5.7); its time is for finding one's way in a log and orders nothing."""
    bits = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return str(uuid.UUID(int=bits | 0b10 << 62 | secrets.randbits(62)))
