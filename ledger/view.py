"""A household as phones pull it: what an enumerator needs at the door, and no more. Pure.

Small, because 300 of them travel over a bad line: no numbers that identify a person, no statements, no empty values.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from forms.facts import FactType
from ledger.dictionary import dictionary
from ledger.model import Fact, Household, Interview, InterviewState, Person, Spell, Track, Value

_OWN = {"name", "sex", "birth_date", "relation"}
_PERSONAL_TEXT = {"phone"}
_EVIDENCE = {"evidence", "evidence_on", "paid_on", "paid_for", "amount", "document"}
_VISITS = 5
_NO_HEAD = frozenset({InterviewState.HELD, InterviewState.VOID})


def worklist_row(household: Household) -> dict[str, Any]:
    """Return the row of one household in a work list, of JSON values.

    `{"id", "region", "facts": {name: value}, "members": [{"id", "name", "sex", "birth_date", "relation", "state",
    "joined", "left", "facts": {name: value}, "spells": {kind: [{"key", "start", "end", field: value}]}}],
    "interviews": {form_id: {"id", "on", "round", "state"}}, "visits": [[day, outcome]]}`

    - `state` is `member`, or the code of `exit.event` for one who left; of those only who they were is told.
    - Of each kind of spell the open ones, or else the most recent.
    - Of each form the latest interview; the last five failed visits, newest first.
    - What is not known is not there.
    """
    return {
        "id": household.id,
        "region": household.region,
        "facts": _facts("household", household.facts),
        "members": [
            _member(person) for person in household.persons if person.text("exit.event") != "mistaken"
        ],
        "interviews": _latest(household.interviews),
        "visits": [
            [day.isoformat(), outcome]
            for _, day, outcome in sorted(
                household.visits, key=lambda visit: (visit[1], visit[0]), reverse=True
            )
        ][:_VISITS],
    }


def _member(person: Person) -> dict[str, Any]:
    member: dict[str, Any] = {"id": person.id}
    for name in ("name", "sex", "birth_date", "relation"):
        fact = person.facts.get(name)
        if fact is not None:
            member[name] = _json(fact.value)
    member["state"] = "member" if person.left is None else person.text("exit.event") or "left"
    if person.left is not None:
        member["left"] = person.left.isoformat()
        return member
    if person.joined is not None:
        member["joined"] = person.joined.isoformat()
    facts = _facts("person", {name: fact for name, fact in person.facts.items() if name not in _OWN})
    spells = {kind: rows for kind, track in sorted(person.tracks.items()) if (rows := _spells(track))}
    return member | ({"facts": facts} if facts else {}) | ({"spells": spells} if spells else {})


def _facts(level: str, facts: Mapping[str, Fact]) -> dict[str, Any]:
    hidden = _hidden(level)
    return {name: _json(fact.value) for name, fact in sorted(facts.items()) if name not in hidden}


@cache
def _hidden(level: str) -> frozenset[str]:
    """Return the names of a level's facts that do not travel: identifiers, telephones, how somebody came or left."""
    return frozenset(
        name
        for (at, name), spec in dictionary().facts.items()
        if at == level
        and (
            spec.type is FactType.IDENTIFIER
            or name in _PERSONAL_TEXT
            or name in _EVIDENCE
            or name.startswith(("entry.", "exit."))
        )
    )


def _spells(track: Track) -> list[dict[str, Any]]:
    chosen = [spell for spell in track.spells if spell.end is None]
    if not chosen and track.spells:
        chosen = [max(track.spells, key=lambda spell: (spell.stated_end, spell.start, spell.key))]
    return [_spell(spell) for spell in chosen]


def _spell(spell: Spell) -> dict[str, Any]:
    row: dict[str, Any] = {"key": spell.key, "start": spell.start.isoformat()}
    if spell.end is not None:
        row["end"] = spell.end.isoformat()
    hidden = _hidden(f"spell:{spell.kind}")
    return row | {name: _json(value) for name, value in sorted(spell.fields.items()) if name not in hidden}


def _latest(interviews: Iterable[Interview]) -> dict[str, dict[str, Any]]:
    counting = sorted((i for i in interviews if i.state not in _NO_HEAD), key=lambda i: (i.said_on, i.id))
    return {
        each.form_id: {
            "id": each.id,
            "on": each.said_on.isoformat(),
            "round": each.round,
            "state": each.state.value,
        }
        for each in counting
    }


def _json(value: Value) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
