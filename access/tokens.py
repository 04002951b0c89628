"""Opaque tokens and one-time codes: 256 random bits or short and typable; only their hashes are stored."""

import hashlib
import secrets
from datetime import datetime, timedelta

SESSION_LIFE = timedelta(hours=12)
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


def code_id(code: str) -> str:
    """Return the name under which a code is stored; case, spaces and hyphens do not matter."""
    typed = "".join(code.split()).replace("-", "").upper()
    return token_id("enrolment:" + typed)


def entry(token: str, kind: str, user: str, expires_at: datetime, **more: str) -> dict[str, object]:
    """Return the document of `tokens` for a token: `kind` is `session` or `device`."""
    return {"_id": token_id(token), "kind": kind, "user": user, "expires_at": expires_at, **more}
