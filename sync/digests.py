"""Digests of rows: what the phone computes too, to prove that its store is what was granted. Pure.

`ver` of a row is the first 16 hexadecimal digits of the SHA-256 of its canonical JSON. The check of a scope is how
many rows it has, and the sum of `mix(key, ver)` over them modulo 2^63. On the wire the sum is cut to its low 53 bits,
the whole numbers that JSON readers share (RFC 7493 §2.2); 2^53 divides 2^63, so a phone may add modulo 2^53.
"""

import hashlib

MODULUS = 2**63
WIRE_MODULUS = 2**53


def sha256_hex(raw: bytes) -> str:
    """Return the SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def version_of(text: str) -> str:
    """Return the version of a row, given its canonical JSON text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def mix(key: str, ver: str) -> int:
    """Return 63 bits of the SHA-256 of key, a NUL, and version: the first 8 bytes, big-endian, less the top bit."""
    return int.from_bytes(hashlib.sha256(f"{key}\0{ver}".encode()).digest()[:8], "big") % MODULUS
