"""One byte string for one JSON value: RFC 8785 (JCS), and the SHA-256 that names it.

The standard library's encoder writes the same bytes as JCS except where a float is integral or has an exponent, where
an integer leaves ±(2^53 − 1), and where keys hold characters beyond the Basic Multilingual Plane (JCS orders keys by
UTF-16). Its output is searched for signs of these; only then the slow `rfc8785` decides.
"""

import hashlib
import json
import re

import rfc8785

from core.jsonvalue import Json

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
# Signs of what JCS may write differently or refuse. A string may hold one too: that costs time, no more.
_WHOLE_OR_ASTRAL = (b".0,", b".0]", b".0}", *(bytes([lead]) for lead in range(0xF0, 0xF5)))
_exponent = re.compile(rb"e[-+]\d{2,3}[,\]}]").search
_DIGITS = bytes.maketrans(b"0123456789:[", b"0" * 10 + b",,")
_LONG = (b"," + b"0" * 16, b",-" + b"0" * 16)


class NotCanonical(ValueError):  # noqa: N818 - says what the value is
    """The value has no canonical form: a lone surrogate, NaN, an integer beyond 2^53 − 1, a key that is no text."""


def _is_plain(raw: bytes) -> bool:
    """Tell whether the encoder's bytes are those of JCS; a needless no is possible."""
    if any(sign in raw for sign in _WHOLE_OR_ASTRAL):
        return False
    if (b"e-" in raw or b"e+" in raw) and _exponent(raw):
        return False
    digits = raw.translate(_DIGITS)
    return not any(long in digits for long in _LONG)


def canonical(value: Json) -> bytes:
    """Return the canonical UTF-8 bytes of a JSON value whose object keys are all text.

    Raises:
        NotCanonical: the value has no canonical form.
    """
    try:
        if isinstance(value, (dict, list)):
            raw = _encode(value).encode()
            if _is_plain(raw):
                return raw
        return rfc8785.dumps(value)
    except (UnicodeEncodeError, rfc8785.CanonicalizationError, TypeError) as error:
        raise NotCanonical(str(error)) from error
    except RecursionError:
        raise NotCanonical("nested too deeply") from None
    except ValueError as error:  # the encoder refuses NaN and the infinities
        raise NotCanonical(str(error)) from error


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical bytes, in lower-case hexadecimal.

    Raises:
        NotCanonical: the value has no canonical form.
    """
    return hashlib.sha256(canonical(value)).hexdigest()
