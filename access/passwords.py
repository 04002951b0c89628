"""Passwords: Argon2id, and the same work for a login that does not exist."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
"""Bounds of a password's length in characters."""

# OWASP's smallest advised cost for Argon2id: 19 MiB, two passes; two dozen sign-ins at once fit into half a gigabyte.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def _prepared(password: str) -> str:
    """Return one spelling for what different keyboards send (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody() -> str:
    return _hasher.hash("the account that is not there")


def hash_password(password: str) -> str:
    """Return the Argon2id hash to store."""
    return _hasher.hash(_prepared(password))


def verify(stored: str | None, password: str) -> bool:
    """Tell whether a password fits a stored hash; with None the same work is done and the answer is no."""
    try:
        return _hasher.verify(stored or _nobody(), _prepared(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Tell whether a stored hash was made at another cost and should be made anew at sign-in."""
    return _hasher.check_needs_rehash(stored)
