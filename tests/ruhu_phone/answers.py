"""Reading answers: what does not look like Ruhu's is no answer, whatever its status (a captive portal says 200)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruhu_phone.transport import Answer, NoAnswerError

DURABLE = frozenset({"stored", "duplicate", "quarantined"})
REJECTED = "rejected"
FORKED = "device-forked"
_PROBLEM = "urn:ruhu:problem:"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one op: its own words, kept whole in `told`."""

    id: str
    sha256: str
    status: str
    code: str | None
    missing: tuple[str, ...]
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row to put, or to delete (`content` is None)."""

    scope: str
    key: str
    content: Any


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An answer of `/sync`. `add` holds the path of a snapshot by scope, or None when its rows come in pages."""

    t1: int
    t2: int
    results: tuple[Result, ...]
    have: tuple[tuple[int, int], ...]
    drop: tuple[str, ...]
    add: Mapping[str, str | None]
    reset: tuple[str, ...]
    rows: tuple[Row, ...]
    more: bool
    check: Mapping[str, tuple[int, int]]
    cursor: str
    wipe: bool

    def has(self, n: int) -> bool:
        """Tell whether the log holds number `n` of this install."""
        return any(first <= n <= last for first, last in self.have)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem that the server told (RFC 9457)."""

    status: int
    slug: str
    retryable: bool
    wait_s: float


def read_json(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Raises:
        NoAnswerError: there is none.
    """
    try:
        value = json.loads(answer.content())
    except ValueError as error:
        raise NoAnswerError(f"HTTP {answer.status} without JSON: {error}") from error
    if not isinstance(value, dict):
        raise NoAnswerError(f"HTTP {answer.status} with JSON that is no object")
    return value


def read_trouble(answer: Answer) -> Trouble:
    """Return the problem of an answer that is none of 2xx.

    Raises:
        NoAnswerError: it is not Ruhu's: a proxy or a portal said so.
    """
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        raise NoAnswerError(f"HTTP {answer.status} from somebody else")
    told = read_json(answer)
    slug = str(told.get("type", ""))
    if not slug.startswith(_PROBLEM):
        raise NoAnswerError(f"HTTP {answer.status} with a strange problem")
    try:
        wait = max(0.0, float(answer.headers.get("retry-after", 0)))
    except ValueError:
        wait = 0.0
    return Trouble(answer.status, slug.removeprefix(_PROBLEM), told.get("retryable") is True, wait)


def read_exchange(answer: Answer) -> Exchanged:
    """Return an answer of `/sync`.

    Raises:
        NoAnswerError: it is not one.
    """
    told = read_json(answer)
    try:
        if told["v"] != 1:
            raise NoAnswerError("an answer of another version")
        return Exchanged(
            int(told["t1"]),
            int(told["t2"]),
            tuple(_result(each) for each in told["results"]),
            tuple((int(first), int(last)) for first, last in told["have"]),
            tuple(map(str, told["drop"])),
            {str(each["scope"]): each.get("snapshot") for each in told["add"]},
            tuple(map(str, told["reset"])),
            tuple(map(_row, told["rows"])),
            bool(told["more"]),
            {str(scope): (int(count), int(total)) for scope, (count, total) in told["check"].items()},
            str(told["cursor"]),
            told.get("wipe") is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NoAnswerError(f"JSON that is no answer of sync: {error!r}") from error


def _result(told: Mapping[str, Any]) -> Result:
    missing = tuple(map(str, told.get("missing") or ()))
    code = told.get("code")
    return Result(str(told["id"]), str(told["sha256"]), str(told["status"]), code, missing, dict(told))


def _row(told: Sequence[Any]) -> Row:
    scope, key, (what, content) = told
    if what not in {"put", "del"}:
        raise ValueError(what)
    return Row(str(scope), str(key), content if what == "put" else None)
