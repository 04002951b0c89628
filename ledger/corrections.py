"""Corrections by the office, merged three-way by field (PROTOCOL §4). Pure.

A correction names, for each field, the value it saw (`base`) and the value it sets. Its `path` is `[]` for a fact of
the entry, else `["person", id]`, `["record", kind, id]` or `["person", id, "record", kind, id]`. Corrections of
different fields merge. The same value again changes nothing. A correction that saw an earlier correction replaces it.
One that did not, and sets another value, is kept in the log and flagged; the earlier stands.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.jsonvalue import Json
from forms.facts import Row
from forms.op import Op
from ledger.model import Contradiction, Grade, Said, Statement
from ledger.records import only_id

# Person id, or None for the entry itself; kind and key of a record, or None; name of the fact.
_Field = tuple[str | None, tuple[str, str] | None, str]


@dataclass(frozen=True, slots=True)
class _Change:
    field: _Field
    base: Json
    value: Json
    said: Said


def merge(
    kind: str, entry_id: str, ops: Iterable[Op], persons: Collection[str]
) -> tuple[list[Statement], list[Contradiction]]:
    """Return what the office's corrections state, an op a statement, and the corrections that lost.

    Args:
        kind: `household`, `site` or `banner`.
        entry_id: the entry's id.
        ops: correction ops, in the order of the log.
        persons: the keys of persons that exist; corrections of others are left out.
    """
    held: dict[_Field, _Change] = {}
    lost: list[Contradiction] = []
    for op in ops:
        for change in _changes(op):
            person, record, name = change.field
            if person is not None and person not in persons:
                continue
            before = held.get(change.field)
            if before is None or change.base == before.value != change.value:
                held[change.field] = change
            elif change.value != before.value:
                values = str(before.value), str(change.value)
                subject = record[1] if record is not None else person or entry_id
                fact = f"{record[0]}.{name}" if record is not None else name
                lost.append(Contradiction(subject, fact, *values, before.said, change.said))
    by_op: dict[Said, list[_Change]] = {}
    for change in held.values():
        by_op.setdefault(change.said, []).append(change)
    return [Statement(said, _row(kind, changes)) for said, changes in by_op.items()], lost


def _changes(op: Op) -> Iterable[_Change]:
    said = Said(op.id, op.said_on, Grade.OFFICE)
    changes = op.body.get("changes")
    for change in changes if isinstance(changes, list) else ():
        match change:
            case {"path": list(path), "fact": str(name), "value": value} if (
                where := _where(path)
            ) is not None:
                yield _Change((*where, name), change.get("base"), value, said)


def _where(path: list[Json]) -> tuple[str | None, tuple[str, str] | None] | None:
    """Return the person and the record that a path names; None if it leads nowhere."""
    match path:
        case []:
            return None, None
        case ["person", str(person)]:
            return person, None
        case ["record", str(kind), str(key)]:
            return None, (kind, only_id("entry", "", kind) or key)
        case ["person", str(person), "record", str(kind), str(key)]:
            return person, (kind, only_id("person", person, kind) or key)
    return None


def _row(kind: str, changes: Iterable[_Change]) -> Row:
    stated: dict[tuple[str | None, tuple[str, str] | None], dict[str, Json]] = {}
    for change in changes:
        person, record, name = change.field
        stated.setdefault((person, record), {})[name] = change.value
    inside: dict[str | None, list[Row]] = {}
    for (person, record), facts in stated.items():
        if record is not None:
            inside.setdefault(person, []).append(Row(f"record:{record[0]}", record[1], facts))
    persons = dict.fromkeys(person for person, _ in stated if person is not None)
    rows = [
        Row("person", each, stated.get((each, None), {}), tuple(inside.get(each, ()))) for each in persons
    ]
    return Row(kind, None, stated.get((None, None), {}), (*rows, *inside.get(None, ())))
