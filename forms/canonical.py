"""One byte string for one JSON value: RFC 8785 (JCS), and the SHA-256 that names it.

`orjson` writes the same bytes as JCS except where a float is integral or has an exponent, and where keys hold
characters beyond the Basic Multilingual Plane (JCS orders keys by UTF-16). Its output is searched for signs of these.
It also writes what is no JSON value (NaN as `null`, a time as text): that does not come back when it is read again.
Where there is a sign, where another value comes back, or where it refuses, the slow `rfc8785` decides.
"""

import hashlib
import re

import orjson
import rfc8785

from core.jsonvalue import Json

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
# Signs of what JCS may write differently. A string may hold one too: that costs time, no more.
_WHOLE_OR_ASTRAL = (b".0,", b".0]", b".0}", *(bytes([lead]) for lead in range(0xF0, 0xF5)))
_exponent = re.compile(rb"e[-+]?\d{1,3}[,\]}]").search


class NotCanonical(ValueError):  # noqa: N818 - says what the value is
    """The value has no canonical form: a lone surrogate, NaN, an integer beyond 2^53 − 1, a key that is no text."""


def _is_plain(raw: bytes, value: Json) -> bool:
    """Tell whether the bytes made of a value are those of JCS; a needless no is possible."""
    if any(map(raw.__contains__, _WHOLE_OR_ASTRAL)) or _exponent(raw):
        return False
    return bool(orjson.loads(raw) == value)


def _written(value: Json) -> bytes | None:
    """Return the bytes of an object or array if they are surely those of JCS."""
    if not isinstance(value, (dict, list)):
        return None
    try:
        raw = orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError:
        return None
    return raw if _is_plain(raw, value) else None


def canonical(value: Json) -> bytes:
    """Return the canonical UTF-8 bytes of a JSON value whose object keys are all text.

    Raises:
        NotCanonical: the value has no canonical form.
    """
    try:
        return _written(value) or rfc8785.dumps(value)
    except (UnicodeEncodeError, rfc8785.CanonicalizationError, TypeError) as error:
        raise NotCanonical(str(error)) from error
    except RecursionError:
        raise NotCanonical("nested too deeply") from None
    except ValueError as error:
        raise NotCanonical(str(error)) from error


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical bytes, in lower-case hexadecimal.

    Raises:
        NotCanonical: the value has no canonical form.
    """
    return hashlib.sha256(canonical(value)).hexdigest()
