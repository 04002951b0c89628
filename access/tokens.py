"""Opaque tokens and one-time codes: 256 random bits or short and typable; only their hashes are stored."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=1)
"""A session ends when nothing came with its token for so long (NIST SP 800-63B-4, AAL2)."""
TOUCH_EVERY = timedelta(minutes=1)
KEY_LIFE = timedelta(days=366)
"""The longest life of an API key."""
DEVICE_LIFE = timedelta(days=400)
ROTATION_GRACE = timedelta(days=7)
"""How long a device's old token still works after a new one was made: the answer may be lost on the way."""
CODE_LIFE = timedelta(minutes=10)

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O 1 I L U
_HALF = 5


def new_token() -> str:
    """Make a token of 256 random bits, in URL-safe text."""
    return secrets.token_urlsafe(32)


def token_id(token: str) -> str:
    """Return the name under which a token is stored: SHA-256, in hex. A token is random, so it needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_code() -> str:
    """Make an enrolment code of ten characters (49 bits), such as `7KQ2M-XR4TD`."""
    letters = [secrets.choice(_ALPHABET) for _ in range(2 * _HALF)]
    return "".join(letters[:_HALF]) + "-" + "".join(letters[_HALF:])


def new_recovery_code() -> str:
    """Make a recovery code of 24 characters (117 bits): enough to be stored under a plain digest."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(6)) for _ in range(4))


def recovery_id(code: str) -> str:
    """Return the name under which a recovery code is stored; case, spaces and hyphens do not matter."""
    return token_id("recovery:" + _plain(code))


def csrf_of(token: str) -> str:
    """Return what a browser must show in a header beside a session's cookie: who cannot read answers cannot make it."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"ruhu csrf", hashlib.sha256).hexdigest()


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()


def code_id(code: str) -> str:
    """Return the name under which a code is stored; case, spaces and hyphens do not matter."""
    return token_id("enrolment:" + _plain(code))


def entry(token: str, kind: str, user: str, expires_at: datetime, **more: object) -> dict[str, object]:
    """Return the document of `tokens` for a token: `kind` is `session`, `device` or `key`."""
    return {"_id": token_id(token), "kind": kind, "user": user, "expires_at": expires_at, **more}
