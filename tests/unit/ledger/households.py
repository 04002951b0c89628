"""Builders of ops, statements and forms; valid by default, override one thing."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from forms.definition import FormVersion
from forms.facts import Row
from forms.op import Op, OpKind
from ledger.model import Grade, Said, Statement

HOME = "h-1"
REGION = "150625101201"
MEDICAL = "insurance.medical"
_NOON = datetime(2020, 1, 1, 4, tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def said(on: str, op: str | None = None, grade: Grade = Grade.SELF_REPORT) -> Said:
    return Said(op or f"op-{on}", day(on), grade)


def spell(kind: str = MEDICAL, key: str = "s1", **fields: Any) -> Row:
    return Row(f"spell:{kind}", key, {name.replace("__", "."): value for name, value in fields.items()})


def person(key: str = "p1", *spells: Row, **facts: Any) -> Row:
    return Row("person", key, {name.replace("__", "."): value for name, value in facts.items()}, spells)


def state(said_by: Said, *persons: Row, **facts: Any) -> Statement:
    return Statement(said_by, Row("household", None, facts, persons))


def _text(fact: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "x-fact": fact, **more}


def form(form_id: str = "household") -> FormVersion:
    """Return a form that asks for the move-in day, members and their medical cover."""
    cover = {
        "key": {"type": "string"},
        "scheme": _text("scheme"),
        "place": _text("place"),
        "start": _text("start"),
        "end": _text("end"),
        "state": _text("state"),
    }
    member = {
        "id": {"type": "string"},
        "name": _text("person.name"),
        "resident_id": _text("person.resident_id"),
        "birth_date": _text("person.birth_date"),
        "exit": _text("person.exit.event"),
        "exit_date": _text("person.exit.date"),
        "now": _text("person.insurance.medical.now"),
        "since": _text("person.insurance.medical.history_from"),
        "covers": {
            "type": "array",
            "x-entity": f"spell:{MEDICAL}",
            "x-repeat": {"x-key": "key"},
            "items": {"type": "object", "properties": cover},
        },
    }
    document = {
        "x-form": {"form_id": form_id, "version": "1", "languages": ["zh-Hans"]},
        "type": "object",
        "properties": {
            "moved_in": _text("household.move_in"),
            "members": {
                "type": "array",
                "x-entity": "person",
                "x-repeat": {"x-key": "id"},
                "items": {"type": "object", "properties": member},
            },
        },
    }
    return FormVersion.from_bytes(json.dumps(document).encode())


FORM = form()
OTHER_FORM = form("insurance")
FORMS = {version.sha256: version for version in (FORM, OTHER_FORM)}


def op(kind: OpKind, number: int, body: Mapping[str, Any], *, on: str = "2020-03-01", **more: Any) -> Op:
    """Return the op that came as the `number`-th into the log."""
    received = _NOON + timedelta(minutes=number)
    return Op(f"op-{number:02}", kind, HOME, received, day(on), "u1", {"household": HOME, **body}, **more)


def registry(
    number: int = 1, *persons: Row, region: str = REGION, on: str = "2020-01-01", **facts: Any
) -> Op:
    row = Row("household", None, {"registry_no": "HJ-1", **facts}, persons)
    return op(OpKind.REGISTRY, number, {"region": region, "row": row.to_json()}, on=on)


def interview(  # noqa: PLR0913 - a builder, all by keyword
    number: int,
    answers: Mapping[str, Any] | None = None,
    *,
    interview: str = "i1",
    revision: str | None = None,
    parent: str | None = None,
    version: FormVersion = FORM,
    visit_round: str | None = "r1",
    **more: Any,
) -> Op:
    return op(
        OpKind.INTERVIEW,
        number,
        {"answers": answers or {}},
        form=version.sha256,
        round=visit_round,
        interview=interview,
        revision=revision or f"v{number}",
        parent=parent,
        **more,
    )


def record(kind: str, key: str | None = None, **facts: Any) -> Row:
    return Row(f"record:{kind}", key, facts)


def correction(
    number: int, *changes: tuple[str | list[str] | None, str, Any, Any], on: str = "2020-04-01"
) -> Op:
    """Return a correction by the office of (person, path or None, fact, base, value)."""
    listed = [
        {
            "path": [] if who is None else ["person", who] if isinstance(who, str) else who,
            "fact": fact,
            "base": base,
            "value": value,
        }
        for who, fact, base, value in changes
    ]
    return op(OpKind.CORRECTION, number, {"changes": listed, "reason": "核实"}, on=on)


def void(number: int, **what: str) -> Op:
    return op(OpKind.VOID, number, {**what, "reason": "误录"})
