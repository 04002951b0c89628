"""From an interview in the log to what checks of the data read of it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from core.jsonvalue import Json
from forms.canonical import canonical
from forms.definition import FormVersion, Question
from forms.log import Logged
from validators.fieldwork import Paradata, Position

_UNSURE = frozenset({"unknown", "dont_know", "not_known"})
_REFUSED = frozenset({"refused"})
_OTHER = frozenset({"other"})
_BATTERY, _STEPS = 6, 3  # questions of a battery, and steps of a scale
_KINDS = frozenset({"number", "integer", "boolean"})
_OWN_STATE = "WG-SS"  # healthy people answer "no difficulty" all the way down, and rightly so

Known = dict[str, str]
"""What was answered last, by the ledger's name of it: fact, and the row's key."""


@dataclass(frozen=True, slots=True)
class Told:
    """Where an interview stands.

    Attributes:
        region, site: of the household.
        newest: its form version was the newest when it began.
    """

    region: str
    site: str
    newest: bool


class _Answer(NamedTuple):
    """One answer: where, to which question, what, and the row it stands in."""

    path: str
    question: Question
    value: Json
    row: str


def read(logged: Logged, version: FormVersion, told: Told, known: Known) -> Paradata:
    """Return what checks read of an interview; `known` takes in what it answered.

    Args:
        logged: the interview's revision that counts.
        version: its form version.
        told: where it stands.
        known: answers of earlier interviews of the household; changed.
    """
    op, body = logged.op, logged.op.body
    answers = list(_walk(version.questions, body.get("answers"), "", ""))
    shown = confirmed = 0
    items: dict[str, str] = {}
    counts = {"unsure": 0, "refused": 0, "other": 0}
    for answer in answers:
        text = canonical(answer.value).decode()
        name = _fact(answer)
        if _confirms(answer.question) and name in known:
            shown += 1
            confirmed += known[name] == text
        elif answer.question.entries or answer.question.kind in _KINDS:
            items[answer.path] = text
            for kind in _says_nothing(answer):
                counts[kind] += 1
        if name:
            known[name] = text
    started, finished = _times(logged)
    return Paradata(
        op.id, op.interview or op.id, op.household, told.region, op.user, version.form_id, op.received_at,
        site=told.site, install=str(body.get("install") or ""), round=op.round or "", started=started,
        finished=finished, clock_off=_clock_off(logged), newest=told.newest, position=_position(answers),
        persons=sum(1 for _ in _rows(version.questions, body.get("answers"))), items=items,
        scales=tuple(_scales(answers)), shown=shown, confirmed=confirmed, **counts,
    )  # fmt: skip


def _walk(questions: Sequence[Question], answers: Json, at: str, row: str) -> Iterator[_Answer]:
    """Yield every answer that stands at a question, rows by their place."""
    if not isinstance(answers, Mapping):
        return
    for question in questions:
        value, path = answers.get(question.name), f"{at}/{question.name}"
        if value is None:
            continue
        if question.kind == "array" and question.children:
            for number, each in enumerate(value if isinstance(value, list) else ()):
                key = each.get(question.key) if question.key and isinstance(each, Mapping) else None
                yield from _walk(question.children, each, f"{path}/{number}", f"{row}/{key or number}")
        elif question.children:
            yield from _walk(question.children, value, path, row)
        else:
            yield _Answer(path, question, value, row)


def _rows(questions: Sequence[Question], answers: Json) -> Iterator[Json]:
    """Yield the rows about persons."""
    for question in questions:
        if question.entity == "person" and isinstance(answers, Mapping):
            rows = answers.get(question.name)
            yield from rows if isinstance(rows, list) else ()


def _confirms(question: Question) -> bool:
    prefill = question.schema.get("x-prefill")
    return isinstance(prefill, Mapping) and prefill.get("confirm") is True


def _fact(answer: _Answer) -> str:
    return f"{answer.row}/{'.'.join(answer.question.fact)}" if answer.question.fact else ""


def _says_nothing(answer: _Answer) -> Iterator[str]:
    said = answer.value if isinstance(answer.value, list) else [answer.value]
    for kind, codes in (("unsure", _UNSURE), ("refused", _REFUSED), ("other", _OTHER)):
        if any(isinstance(each, str) and each in codes for each in said):
            yield kind


def _scales(answers: Sequence[_Answer]) -> Iterator[tuple[str, ...]]:
    """Yield the answers to each battery: questions side by side, with the same choices."""
    alike = groupby(
        (each for each in answers if each.question.entries and isinstance(each.value, str)),
        key=lambda each: (each.path.rpartition("/")[0], tuple(each.question.choices())),
    )
    for _, battery in alike:
        told = [each for each in battery if _is_scale(each.question)]
        if len(told) >= _BATTERY:
            yield tuple(str(each.value) for each in told)


def _is_scale(question: Question) -> bool:
    """Tell whether a question offers a scale: who says no to six hardships has ticked no straight line."""
    codes = set(question.choices()) - question.missing - _UNSURE - _REFUSED
    return len(codes) >= _STEPS and question.schema.get("x-standard") != _OWN_STATE


def _times(logged: Logged) -> tuple[datetime | None, datetime | None]:
    """Return start and end in server time: the end as the log corrected it, the start by the phone's own difference."""
    finished, body = logged.finished_at, logged.op.body
    one, other = body.get("started"), body.get("finished")
    if finished is None or not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return None, finished
    same = one.get("boot") is not None and one.get("boot") == other.get("boot")
    took = _less(other, one, "mono") if same else _less(other, one, "wall")
    return (None if took is None else finished - timedelta(milliseconds=took)), finished


def _less(other: Mapping[str, Any], one: Mapping[str, Any], name: str) -> float | None:
    end, start = other.get(name), one.get(name)
    if not isinstance(end, (int, float)) or not isinstance(start, (int, float)):
        return None
    took = float(end) - float(start)
    return took if abs(took) < timedelta(days=366) / timedelta(milliseconds=1) else None


def _clock_off(logged: Logged) -> float | None:
    """Return the minutes by which the phone's own word of the end differs from server time; None when not measured."""
    other = logged.op.body.get("finished")
    wall = other.get("wall") if isinstance(other, Mapping) else None
    if logged.finished_at is None or logged.clock == "C" or not isinstance(wall, (int, float)):
        return None
    try:
        own = datetime.fromtimestamp(wall / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return (own - logged.finished_at).total_seconds() / 60


def _position(answers: Sequence[_Answer]) -> Position | None:
    for answer in answers:
        value = answer.value
        if answer.question.schema.get("x-widget") == "gps" and isinstance(value, Mapping):
            lat, lon, doubt = value.get("lat"), value.get("lon"), value.get("acc")
            if isinstance(lat, (int, float)) and isinstance(lon, (int, float)):
                accuracy = float(doubt) if isinstance(doubt, (int, float)) else None
                return Position(float(lat), float(lon), accuracy, value.get("mock") is True)
    return None
