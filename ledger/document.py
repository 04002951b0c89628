"""A household as a document of plain values and back: what the database keeps. Pure.

Compact: statements are said once, in `said`, and named by their place there. Safe for any database: days are ISO
text, and names of facts, which hold dots, are values and not keys. A fact is `[name, value, statement]`, a field of a
spell `[name, value]`; a day among the values is marked as `{"day": "2020-01-31"}`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from core.spans import NO_DAYS, Span, Spans
from ledger.model import (
    Contradiction,
    Fact,
    Grade,
    Household,
    Interview,
    InterviewState,
    Person,
    Returned,
    Said,
    Spell,
    Track,
    Value,
)

_Document = dict[str, Any]
_INTERVIEW = 12
_ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document of `to_document`; equal households have equal digests."""
    return hashlib.sha256(_ENCODE(document).encode("ascii")).hexdigest()


def to_document(household: Household) -> _Document:
    """Return a household as a document; equal households give equal documents."""
    said = _Sayings()
    return {
        "id": household.id,
        "region": household.region,
        "facts": said.facts(household.facts),
        "persons": [said.person(person) for person in household.persons],
        "contradictions": [said.contradiction(each) for each in household.contradictions],
        "interviews": [_interview(each) for each in household.interviews],
        "visits": [[op, day.isoformat(), outcome] for op, day, outcome in household.visits],
        "said": said.rows,
    }


def from_document(document: Mapping[str, Any]) -> Household:
    """Return the household that `to_document` wrote."""
    reader = _Reader([Said(op, date.fromisoformat(on), Grade(grade)) for op, on, grade in document["said"]])
    return Household(
        document["id"],
        document["region"],
        reader.facts(document["facts"]),
        tuple([reader.person(each) for each in document["persons"]]),
        tuple([reader.contradiction(each) for each in document["contradictions"]]),
        tuple([_interview_of(each) for each in document["interviews"]]),
        tuple([(op, date.fromisoformat(day), outcome) for op, day, outcome in document["visits"]]),
    )


class _Sayings:
    """Writes parts of a household, and numbers the statements they rest on."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self._places: dict[Said, int] = {}

    def place(self, said: Said) -> int:
        place = self._places.get(said)
        if place is None:
            place = self._places[said] = len(self.rows)
            self.rows.append([said.op, said.on.isoformat(), int(said.grade)])
        return place

    def facts(self, facts: Mapping[str, Fact]) -> list[list[Any]]:
        return [[name, _write(fact.value), self.place(fact.said)] for name, fact in sorted(facts.items())]

    def person(self, person: Person) -> _Document:
        return {
            "id": person.id,
            "joined": _iso(person.joined),
            "left": _iso(person.left),
            "facts": self.facts(person.facts),
            "tracks": [self.track(track) for _, track in sorted(person.tracks.items())],
        }

    def track(self, track: Track) -> _Document:
        return {
            "kind": track.kind,
            "spells": [self.spell(spell) for spell in track.spells],
            "covered": _days(track.covered),
            "absent": _days(track.absent),
            "asked": None if track.asked is None else self.place(track.asked),
            "now": track.now,
            "ops": list(track.ops),
        }

    def spell(self, spell: Spell) -> _Document:
        return {
            "key": spell.key,
            "start": spell.start.isoformat(),
            "end": _iso(spell.end),
            "days": [spell.days.start.isoformat(), spell.days.end.isoformat()],
            "fields": [[name, _write(value)] for name, value in sorted(spell.fields.items())],
            "said": [self.place(said) for said in spell.said],
        }

    def contradiction(self, each: Contradiction) -> list[Any]:
        by = [self.place(each.held_by), self.place(each.other_by)]
        return [each.subject, each.fact, each.held, each.other, *by, _days(each.days)]


class _Reader:
    """Reads parts of a household whose statements are known by number."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._said = said

    def facts(self, rows: Iterable[Sequence[Any]]) -> dict[str, Fact]:
        said = self._said
        return {name: Fact(_read(value), said[place]) for name, value, place in rows}

    def person(self, document: Mapping[str, Any]) -> Person:
        return Person(
            document["id"],
            self.facts(document["facts"]),
            {each["kind"]: self.track(each) for each in document["tracks"]},
            _date(document["joined"]),
            _date(document["left"]),
        )

    def track(self, document: Mapping[str, Any]) -> Track:
        kind, asked = document["kind"], document["asked"]
        return Track(
            kind,
            tuple([self.spell(kind, each) for each in document["spells"]]),
            _spans(document["covered"]),
            _spans(document["absent"]),
            None if asked is None else self._said[asked],
            document["now"],
            tuple(document["ops"]),
        )

    def spell(self, kind: str, document: Mapping[str, Any]) -> Spell:
        first, last = document["days"]
        return Spell(
            kind,
            document["key"],
            date.fromisoformat(document["start"]),
            _date(document["end"]),
            Span(date.fromisoformat(first), date.fromisoformat(last)),
            {name: _read(value) for name, value in document["fields"]},
            tuple([self._said[place] for place in document["said"]]),
        )

    def contradiction(self, row: Sequence[Any]) -> Contradiction:
        subject, fact, held, other, held_by, other_by, days = row
        said = self._said
        return Contradiction(subject, fact, held, other, said[held_by], said[other_by], _spans(days))


def _interview(each: Interview) -> list[Any]:
    what = [each.id, each.form, each.form_id, each.round, each.op, each.user, each.said_on.isoformat()]
    back = each.returned and [each.returned.op, each.returned.on.isoformat(), *each.returned[2:]]
    return [*what, each.state.value, each.stale, list(each.other_ops), _iso(each.waits_until), back]


def _interview_of(row: Sequence[Any]) -> Interview:
    whole = (*row, None, None)[:_INTERVIEW]  # older ones are shorter
    _id, form, form_id, visit_round, op, user, said_on, state, stale, others, waits, back = whole
    returned = Returned(back[0], date.fromisoformat(back[1]), *back[2:]) if back else None
    return Interview(
        _id,
        form,
        form_id,
        visit_round,
        op,
        user,
        date.fromisoformat(said_on),
        InterviewState(state),
        stale,
        tuple(others),
        _date(waits),
        returned,
    )


def _write(value: Value) -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def _read(value: Any) -> Value:
    if isinstance(value, dict):
        return date.fromisoformat(value["day"])
    return tuple(value) if isinstance(value, list) else value


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _days(spans: Spans) -> list[str]:
    return [day.isoformat() for span in spans for day in (span.start, span.end)]


def _spans(texts: Sequence[str]) -> Spans:
    if not texts:
        return NO_DAYS
    days = [date.fromisoformat(text) for text in texts]
    return Spans([Span(days[place], days[place + 1]) for place in range(0, len(days), 2)])
