"""Reading a `/sync` request into frozen values (PROTOCOL §2). Pure.

A fault of the envelope is a problem of the whole request; a fault of one op is told of that op alone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from core.ids import is_entry_id, is_uuid
from core.jsonvalue import Json, depth
from core.problems import TooLarge, Unprocessable
from forms.canonical import NotCanonical, canonical
from forms.op import OpKind
from sync.digests import sha256_hex

OPS_LIMIT = 500
DEPTH_LIMIT = 64
OP_BYTES_LIMIT = 1024 * 1024
PAGE_BYTES = 49_152
PAGE_BYTES_RANGE = (4_096, 1_048_576)
BIGGEST = 2**53 - 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PHOTO = re.compile(r"(?:sha-256:)?([0-9a-f]{64})")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME_LIMIT = 128
_POINTERS_LIMIT = 2000
Accepts = Callable[[Json], bool]


@dataclass(frozen=True, slots=True)
class PushedOp:
    """A well-formed op of a request.

    Attributes:
        id: client-made UUIDv7.
        n: its number on the device, from 1.
        kind: see `OpKind`.
        sha256: digest of the canonical body, verified.
        body: the parsed body.
        text: the canonical body.
        household: id of the household it is about.
        blobs: digests of its photos, in the order they are named.
    """

    id: str
    n: int
    kind: OpKind
    sha256: str
    body: Mapping[str, Any]
    text: str
    household: str
    blobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedOp:
    """An op that cannot be parsed: what could be read of its names, and why. Codes are in `messages.yaml`."""

    id: str | None
    n: int | None
    sha256: str | None
    code: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """A `/sync` request.

    Attributes:
        install: id the app made when it was installed.
        app: version of the app.
        clock: the device's clock as it sent the request; read by `sync.clocks`.
        cursor: cursor of the last answer, or None.
        outbox: what the phone says is unsent: `max_n`, `pending`, `blobs`.
        max_bytes: how much of rows the phone takes at once.
        mismatch: scopes whose check failed on the phone.
        snapshots: whether the phone fetches large scopes as snapshots.
        joined: cursors of the snapshots it has taken in since the last answer.
        ops: in the order sent.
    """

    install: str
    app: str
    clock: Mapping[str, Any] = field(default_factory=dict)
    cursor: str | None = None
    outbox: Mapping[str, int] = field(default_factory=dict)
    max_bytes: int = PAGE_BYTES
    mismatch: tuple[str, ...] = ()
    snapshots: bool = False
    joined: tuple[str, ...] = ()
    ops: tuple[PushedOp | RefusedOp, ...] = ()


@cache
def messages() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the catalogue: `rejected` and `quarantined` codes → text by language tag."""
    text = files("sync").joinpath("messages.yaml").read_text(encoding="utf-8")
    catalogue: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(text)
    return catalogue


def parse_request(payload: Json) -> SyncRequest:
    """Read a parsed JSON body.

    Raises:
        Unprocessable: the envelope has a member of the wrong form; `errors` says which.
        TooLarge: more than 500 ops; `limit` says how many are taken.
    """
    if not isinstance(payload, dict):
        raise Unprocessable(errors=[{"at": "/", "message": "an object"}])
    given: dict[str, Any] = {name: payload.get(name) for name in _ENVELOPE}
    errors = [
        {"at": f"/{name}", "message": wanted}
        for name, (accepts, wanted) in _ENVELOPE.items()
        if not accepts(given[name])
    ]
    if errors:
        raise Unprocessable(errors=errors)
    ops = given["ops"] or []
    if len(ops) > OPS_LIMIT:
        raise TooLarge(f"{len(ops)} ops in one request.", limit=OPS_LIMIT)
    low, high = PAGE_BYTES_RANGE
    return SyncRequest(
        given["install"],
        given["app"] or "",
        given["clock"] or {},
        given["cursor"],
        {key: value for key, value in (given["outbox"] or {}).items() if key in _OUTBOX and _count(value)},
        min(max(given["max_bytes"] or PAGE_BYTES, low), high),
        tuple(given["mismatch"] or ()),
        bool(given["snapshots"]),
        tuple(given["joined"] or ()),
        tuple(parse_op(op) for op in ops),
    )


class _Refusal(Exception):  # noqa: N818 - caught in this file alone
    """Why an op cannot be parsed."""

    def __init__(self, code: str, at: str = "") -> None:
        super().__init__(code)
        self.code, self.at = code, at


def parse_op(op: Json) -> PushedOp | RefusedOp:
    """Read one op; never raises."""
    if not isinstance(op, dict):
        return RefusedOp(None, None, None, "unreadable")
    names = (
        op["id"] if is_uuid(op.get("id")) else None,
        op["n"] if _positive(op.get("n")) else None,
        op["sha256"] if _digest(op.get("sha256")) else None,
    )
    try:
        return _read_op(op, *names)
    except _Refusal as why:
        return RefusedOp(*names, why.code, why.at)


def _read_op(op: Mapping[str, Any], op_id: str | None, n: int | None, sha256: str | None) -> PushedOp:
    if op_id is None or n is None or sha256 is None:
        raise _Refusal("unreadable", "/id" if op_id is None else "/n" if n is None else "/sha256")
    body = op.get("body")
    if not isinstance(body, dict):
        raise _Refusal("unreadable", "/body")
    try:
        kind = OpKind(str(op.get("kind")))
    except ValueError:
        raise _Refusal("unreadable", "/kind") from None
    try:
        raw = canonical(body)
    except NotCanonical:
        raise _Refusal("too-deep" if depth(body, DEPTH_LIMIT) > DEPTH_LIMIT else "not-canonical") from None
    brackets = raw.count(b"{") + raw.count(b"[")  # few brackets cannot nest deeply
    if brackets > DEPTH_LIMIT and depth(body, DEPTH_LIMIT) > DEPTH_LIMIT:
        raise _Refusal("too-deep")
    if len(raw) > OP_BYTES_LIMIT:
        raise _Refusal("too-large")
    if sha256_hex(raw) != sha256:
        raise _Refusal("digest-mismatch")
    at = wrong_member(kind, body)
    if at is not None:
        raise _Refusal("unreadable", f"/body{at}")
    blobs = photos_of(kind, body)
    return PushedOp(op_id, n, kind, sha256, body, raw.decode(), body["household"], blobs)


def photos_of(kind: OpKind, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the digests of the photos that an op names: an interview's, and those that a reply shows as evidence."""
    if kind is OpKind.INTERVIEW:
        return tuple(dict.fromkeys(blob["sha256"] for blob in body.get("blobs") or ()))
    evidence = body.get("evidence") if kind is OpKind.REPLY else ()  # elsewhere nobody looked at it
    shown = map(_PHOTO.fullmatch, filter(_text, evidence)) if isinstance(evidence, list) else ()
    return tuple(dict.fromkeys(match[1] for match in shown if match))


def wrong_member(kind: OpKind, body: Mapping[str, Any]) -> str | None:
    """Return the JSON Pointer of a member without which the op cannot be filed, or None if all are there.

    Only names are asked for; whether the content makes sense is judged after it is stored.
    """
    for name, accepts in _BODIES[kind].items():
        if not accepts(body.get(name)):
            return f"/{name}"
    if kind is OpKind.VOID and not (is_uuid(body.get("interview")) or is_uuid(body.get("op"))):
        return "/interview"
    return None


def _text(value: Json) -> bool:
    return isinstance(value, str)


def _count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= BIGGEST


def _positive(value: Json) -> bool:
    return _count(value) and value > 0


def _digest(value: Json) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def _name(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _NAME_LIMIT


def _key(value: Json) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


def _entry(value: Json) -> bool:
    """Tell whether a value is the id of a household, site or banner."""
    return isinstance(value, str) and is_entry_id(value)


def _maybe_key(value: Json) -> bool:
    return value is None or _key(value)


def _maybe_name(value: Json) -> bool:
    return value is None or _name(value)


def _object(value: Json) -> bool:
    return isinstance(value, dict)


def _maybe_object(value: Json) -> bool:
    return value is None or isinstance(value, dict)


def _assignment(value: Json) -> bool:
    return value is None or (
        isinstance(value, dict) and (value.get("epoch") is None or _count(value["epoch"]))
    )


def _blobs(value: Json) -> bool:
    return value is None or (
        isinstance(value, list)
        and all(isinstance(each, dict) and _digest(each.get("sha256")) for each in value)
    )


def _pointers(value: Json) -> bool:
    return value is None or (
        isinstance(value, list)
        and len(value) <= _POINTERS_LIMIT
        and all(isinstance(each, str) and each.startswith("/") for each in value)
    )


def _scopes(value: Json) -> bool:
    return value is None or (isinstance(value, list) and len(value) <= OPS_LIMIT and all(map(_name, value)))


def _cursors(value: Json) -> bool:
    return value is None or (
        isinstance(value, list) and len(value) <= OPS_LIMIT and all(isinstance(each, str) for each in value)
    )


_OUTBOX = ("max_n", "pending", "blobs")

_ENVELOPE: Mapping[str, tuple[Accepts, str]] = {
    "v": (lambda value: value == 1, "1"),
    "install": (is_uuid, "a UUID in lower case"),
    "app": (_maybe_name, f"text of up to {_NAME_LIMIT} characters"),
    "clock": (_maybe_object, "an object"),
    "cursor": (lambda value: value is None or isinstance(value, str), "the last cursor, or null"),
    "outbox": (_maybe_object, "an object"),
    "max_bytes": (lambda value: value is None or _count(value), "a whole number"),
    "mismatch": (_scopes, "a list of scopes"),
    "snapshots": (lambda value: value is None or isinstance(value, bool), "true or false"),
    "joined": (_cursors, "a list of cursors"),
    "ops": (lambda value: value is None or isinstance(value, list), "a list of ops"),
}

_BODIES: Mapping[OpKind, Mapping[str, Accepts]] = {
    OpKind.INTERVIEW: {
        "household": _entry,
        "interview": is_uuid,
        "revision": is_uuid,
        "parent": lambda value: value is None or is_uuid(value),
        "form": _digest,
        "round": _maybe_key,
        "assignment": _assignment,
        "answers": _object,
        "kept": _pointers,
        "blobs": _blobs,
    },
    OpKind.VISIT: {"household": _entry, "round": _maybe_key, "outcome": _name, "assignment": _assignment},
    OpKind.CORRECTION: {"household": _entry, "changes": lambda value: isinstance(value, list)},
    OpKind.REGISTRY: {"household": _entry, "region": _key, "row": _object},
    OpKind.REPLY: {"household": _entry, "finding": _key, "action": _name},
    OpKind.VOID: {"household": _entry},
    OpKind.RETURN: {
        "household": _entry,
        "interview": is_uuid,
        "revision": is_uuid,
        "reason": lambda value: isinstance(value, str) and bool(value.strip()),
    },
    OpKind.FLAG: {"household": _entry, "check": _name, "subject": _name, "values": _maybe_object},
}
