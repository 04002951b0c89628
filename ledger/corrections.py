"""Corrections by the office, merged three-way by field (PROTOCOL §4). Pure.

A correction names, for each field, the value it saw (`base`) and the value it sets. Corrections of different fields
merge. The same value again changes nothing. A correction that saw an earlier correction replaces it. One that did not,
and sets another value, is kept in the log and flagged; the earlier stands.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.jsonvalue import Json
from forms.facts import Row
from forms.op import Op
from ledger.model import Contradiction, Grade, Said, Statement

_Field = tuple[str | None, str]  # person id, or None for the household; name of the fact


@dataclass(frozen=True, slots=True)
class _Change:
    field: _Field
    base: Json
    value: Json
    said: Said


def merge(
    household_id: str, ops: Iterable[Op], persons: Collection[str]
) -> tuple[list[Statement], list[Contradiction]]:
    """Return what the office's corrections state, an op a statement, and the corrections that lost.

    Args:
        household_id: the household's id.
        ops: correction ops, in the order of the log.
        persons: the keys of persons that exist; corrections of others are left out.
    """
    held: dict[_Field, _Change] = {}
    lost: list[Contradiction] = []
    for op in ops:
        for change in _changes(op):
            person, name = change.field
            if person is not None and person not in persons:
                continue
            before = held.get(change.field)
            if before is None or change.base == before.value != change.value:
                held[change.field] = change
            elif change.value != before.value:
                values = str(before.value), str(change.value)
                lost.append(Contradiction(person or household_id, name, *values, before.said, change.said))
    by_op: dict[Said, list[_Change]] = {}
    for change in held.values():
        by_op.setdefault(change.said, []).append(change)
    return [Statement(said, _row(changes)) for said, changes in by_op.items()], lost


def _changes(op: Op) -> Iterable[_Change]:
    said = Said(op.id, op.said_on, Grade.OFFICE)
    changes = op.body.get("changes")
    for change in changes if isinstance(changes, list) else ():
        match change:
            case {"path": [], "fact": str(name), "value": value}:
                yield _Change((None, name), change.get("base"), value, said)
            case {"path": ["person", str(person)], "fact": str(name), "value": value}:
                yield _Change((person, name), change.get("base"), value, said)


def _row(changes: Iterable[_Change]) -> Row:
    facts: dict[str, Json] = {}
    persons: dict[str, dict[str, Json]] = {}
    for change in changes:
        person, name = change.field
        (facts if person is None else persons.setdefault(person, {}))[name] = change.value
    return Row("household", None, facts, tuple(Row("person", key, stated) for key, stated in persons.items()))
