"""Passwords: which are taken (OWASP ASVS 5, V6.2), Argon2id, and the same work for a login that does not exist."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

SHORTEST, LONGEST = 12, 200
"""Bounds of a password's length in characters. What it is made of is nobody's business."""

_LEAST_SCORE = 3  # of zxcvbn: at least 10^8 guesses by one who knows the lists of common passwords
_LOOKED_AT = 48  # its work grows with the square of the length; what is common is shorter
_LEAST_OWN = 8
_CONTEXT = (
    "ruhu", "入户", "ordos", "eerduosi", "鄂尔多斯", "台账", "taizhang", "admin", "mima", "密码",
    "woaini", "我爱你", "5201314", "1314520", "1314", "zhongguo", "中国", "neimenggu", "内蒙古", "mongol",
    "qwerty", "123456789", "12345678", "123456", "112233", "888888", "666666", "000000", "147258369", "1qaz2wsx",
)  # fmt: skip
"""Words of this house, and favourites of its country that lists made elsewhere lack."""

# OWASP's smallest advised cost for Argon2id: 19 MiB, two passes; two dozen sign-ins at once fit into half a gigabyte.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def new_password() -> str:
    """Make a password that can be read out: 16 characters, about 79 bits, without look-alikes."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    parts = ["".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4)]
    return "-".join(parts)


def fault_of(password: str, about: Iterable[str] = ()) -> str | None:
    """Return why a password is not taken, or None.

    Args:
        password: as it was typed.
        about: words of its owner: login, name.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return f"{SHORTEST} to {LONGEST} characters"
    words = sorted({word.lower() for word in (*_CONTEXT, *about) if len(word) > 1}, key=len, reverse=True)
    looked_at = _prepared(password)[:_LOOKED_AT].lower()
    own = re.sub("|".join(map(re.escape, words)), "", looked_at)
    if len(own) < min(_LEAST_OWN, len(looked_at)):
        return "little but words that are known here: take another"
    if zxcvbn(looked_at, user_inputs=words)["score"] < _LEAST_SCORE:
        return (
            "easily guessed (common passwords, repetitions, sequences): take another, such as four odd words"
        )
    return None


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
