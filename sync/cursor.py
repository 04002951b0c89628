"""The cursor: where a phone is in each of its scopes, and what that means for the next answer (PROTOCOL §5). Pure.

`c1.` and unpadded base64url of: 12 bytes of HMAC-SHA-256, 8 bytes of the epoch's SHA-256, then for each scope, in order
of name: prefix byte, length and name, seq, and base. Numbers are LEB128. Only the server reads it.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.ids import is_uuid
from core.problems import BadCursor

_PREFIX = "c1."
_MAC = 12
_EPOCH = 8
_LIMIT = 100_000
_UUID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a phone is in a scope: it has all up to `seq`; `base` is the head when it began from nothing."""

    seq: int
    base: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Fingerprint of the epoch, and place by scope."""

    epoch: bytes
    places: Mapping[str, Place] = field(default_factory=dict)


def epoch_mark(epoch: str) -> bytes:
    """Return the fingerprint of an epoch that a cursor carries."""
    return hashlib.sha256(epoch.encode()).digest()[:_EPOCH]


def encode(cursor: Cursor, key: bytes) -> str:
    """Return the text of a cursor, signed."""
    body = bytearray(cursor.epoch)
    for scope, place in sorted(cursor.places.items()):
        body += _pack_scope(scope) + _pack_number(place.seq) + _pack_number(place.base)
    raw = _sign(bytes(body), key) + bytes(body)
    return _PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str, key: bytes) -> Cursor:
    """Read the text of a cursor.

    Raises:
        BadCursor: it was not made by `encode` with this key.
    """
    if not text.startswith(_PREFIX) or len(text) > _LIMIT:
        raise BadCursor
    encoded = text[len(_PREFIX) :]
    try:
        raw = base64.b64decode(encoded.encode("ascii") + b"=" * (-len(encoded) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadCursor from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != encoded:  # two texts would mean one cursor
        raise BadCursor
    mac, body = raw[:_MAC], raw[_MAC:]
    if len(body) < _EPOCH or not hmac.compare_digest(mac, _sign(body, key)):
        raise BadCursor
    places, at = {}, _EPOCH
    while at < len(body):
        scope, at = _unpack_scope(body, at)
        seq, at = _unpack_number(body, at)
        base, at = _unpack_number(body, at)
        places[scope] = Place(seq, base)
    return Cursor(body[:_EPOCH], places)


def join(cursor: Cursor | None, snapshots: Iterable[Cursor]) -> Cursor | None:
    """Return a phone's cursor with the places of the snapshots that it has taken in since.

    What the cursor itself says of a scope prevails, and so does its epoch: a snapshot of another epoch is not joined.
    """
    for each in snapshots:
        if cursor is None:
            cursor = each
        elif each.epoch == cursor.epoch:
            cursor = Cursor(cursor.epoch, {**each.places, **cursor.places})
    return cursor


@dataclass(frozen=True, slots=True)
class Plan:
    """What an answer must do.

    Attributes:
        drop: scopes to be forgotten.
        add: scopes to be begun.
        reset: scopes to be begun again.
        apart: scopes, of those in `add`, that the phone is to fetch as a snapshot; the answer has no rows of them.
        start: where to read each other scope from.
    """

    drop: tuple[str, ...]
    add: tuple[str, ...]
    reset: tuple[str, ...]
    apart: tuple[str, ...]
    start: Mapping[str, Place]


def plan(
    cursor: Cursor | None,
    epoch: str,
    heads: Mapping[str, tuple[int, int]],
    mismatch: Iterable[str] = (),
    large: Container[str] = (),
) -> Plan:
    """Compare where a phone is with what it is granted now.

    Args:
        cursor: the phone's; None when it has nothing.
        epoch: the database's, which a restore from a backup changes.
        heads: (seq, floor) of each scope that is granted.
        mismatch: scopes whose check failed on the phone.
        large: scopes that are fetched as a snapshot by who has nothing of them.

    A scope begins again iff the epoch differs, or its seq lies beyond the head, or rows that the phone needs may have
    been purged (0 < seq and max(seq, base) < floor), or its check failed.
    """
    places = cursor.places if cursor is not None else {}
    other_epoch = cursor is not None and cursor.epoch != epoch_mark(epoch)
    failed, add, reset, apart = set(mismatch), [], [], []
    start: dict[str, Place] = {}
    for scope, (head, floor) in sorted(heads.items()):
        place = places.get(scope)
        if place is not None and (
            other_epoch or scope in failed or place.seq > head or _purged(place, floor)
        ):
            reset.append(scope)
        elif place is not None and place.seq > 0:
            start[scope] = place
            continue
        if scope in large:
            apart.append(scope)
        else:
            start[scope] = Place(0, head)
        if scope in large or place is None:
            add.append(scope)
    drop = tuple(sorted(scope for scope in places if scope not in heads))
    return Plan(drop, tuple(add), tuple(reset), tuple(apart), start)


def _purged(place: Place, floor: int) -> bool:
    return place.seq > 0 and max(place.seq, place.base) < floor


def _sign(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_MAC]


_KINDS: Sequence[str] = ("", "u-", "w-")  # a prefix byte: kind, and whether the rest is a UUID
_IS_UUID = 0x80


def _pack_scope(scope: str) -> bytes:
    kind = next(number for number in (1, 2, 0) if scope.startswith(_KINDS[number]))
    rest = scope[len(_KINDS[kind]) :]
    if is_uuid(rest):
        return bytes([kind | _IS_UUID]) + uuid.UUID(rest).bytes
    name = rest.encode()
    return bytes([kind]) + _pack_number(len(name)) + name


def _unpack_scope(body: bytes, at: int) -> tuple[str, int]:
    kind, at = body[at], at + 1
    if kind & _IS_UUID:
        end = at + _UUID_BYTES
        return _KINDS[kind & ~_IS_UUID] + str(uuid.UUID(bytes=body[at:end])), end
    length, at = _unpack_number(body, at)
    return _KINDS[kind] + body[at : at + length].decode(), at + length


def _pack_number(number: int) -> bytes:
    packed = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)
    return bytes(packed)


def _unpack_number(body: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte, at = body[at], at + 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte has no top bit
            return number, at
