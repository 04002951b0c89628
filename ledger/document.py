"""An entry of the ledger as a document of plain values and back: what the database keeps. Pure.

Compact: statements are said once, in `said`, and named by their place there. Safe for any database: days are ISO
text, and names of facts, which hold dots, are values and not keys. A fact is `[name, value, statement]`, a field of a
spell `[name, value]`; a day among the values is marked as `{"day": "2020-01-31"}`. What there is none of is left out
where later versions of the ledger added it, so entries without it keep their digests.
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
    Flag,
    Folded,
    Grade,
    Household,
    Interview,
    InterviewState,
    Person,
    Record,
    Returned,
    Said,
    Site,
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


def to_document(entry: Folded) -> _Document:
    """Return an entry as a document; equal entries give equal documents."""
    return _of_site(entry) if isinstance(entry, Site) else _of_household(entry)


def _of_household(household: Household) -> _Document:
    said = _Sayings()
    document = {
        "id": household.id,
        "region": household.region,
        "facts": said.facts(household.facts),
        "persons": [said.person(person) for person in household.persons],
        "contradictions": [said.contradiction(each) for each in household.contradictions],
        "interviews": [_interview(each) for each in household.interviews],
        "visits": _visits(household.visits),
        "said": said.rows,
    }
    if household.tracks:
        document["tracks"] = [said.track(track) for _, track in sorted(household.tracks.items())]
    return document | said.added(household) | _flags(household)


def _of_site(site: Site) -> _Document:
    said = _Sayings()
    document = {
        "kind": site.kind,
        "id": site.id,
        "region": site.region,
        "facts": said.facts(site.facts),
        "contradictions": [said.contradiction(each) for each in site.contradictions],
        "interviews": [_interview(each) for each in site.interviews],
        "visits": _visits(site.visits),
        "said": said.rows,
    }
    return document | said.added(site) | _flags(site)


def from_document(document: Mapping[str, Any]) -> Folded:
    """Return the entry that `to_document` wrote."""
    return site_from(document) if "kind" in document else household_from(document)


def household_from(document: Mapping[str, Any]) -> Household:
    """Return the household that `to_document` wrote."""
    reader = _Reader.of(document)
    return Household(
        document["id"],
        document["region"],
        reader.facts(document["facts"]),
        tuple([reader.person(each) for each in document["persons"]]),
        tuple([reader.contradiction(each) for each in document["contradictions"]]),
        tuple([_interview_of(each) for each in document["interviews"]]),
        _visits_of(document),
        changes=reader.changes(document),
        tracks={each["kind"]: reader.track(each) for each in document.get("tracks", ())},
        records_by_kind=reader.records(document),
        flags=_flags_of(document),
    )


def site_from(document: Mapping[str, Any]) -> Site:
    """Return the site or banner that `to_document` wrote."""
    reader = _Reader.of(document)
    return Site(
        document["kind"],
        document["id"],
        document["region"],
        reader.facts(document["facts"]),
        reader.changes(document),
        reader.records(document),
        tuple([reader.contradiction(each) for each in document["contradictions"]]),
        tuple([_interview_of(each) for each in document["interviews"]]),
        _visits_of(document),
        _flags_of(document),
    )


class _Sayings:
    """Writes parts of an entry, and numbers the statements they rest on."""

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

    def added(self, owner: Household | Site | Person | Record) -> _Document:
        """Return `changes` and `records` of what has any."""
        document: _Document = {}
        if owner.changes:
            document["changes"] = [
                [name, [[_write(fact.value), self.place(fact.said)] for fact in facts]]
                for name, facts in sorted(owner.changes.items())
            ]
        if not isinstance(owner, Record) and owner.records_by_kind:
            document["records"] = [
                [kind, [self.record(record) for record in records]]
                for kind, records in sorted(owner.records_by_kind.items())
            ]
        return document

    def record(self, record: Record) -> _Document:
        said = [self.place(said) for said in record.said]
        return {"id": record.id, "facts": self.facts(record.facts), "said": said} | self.added(record)

    def person(self, person: Person) -> _Document:
        document = {
            "id": person.id,
            "joined": _iso(person.joined),
            "left": _iso(person.left),
            "facts": self.facts(person.facts),
            "tracks": [self.track(track) for _, track in sorted(person.tracks.items())],
        }
        return document | added if (added := self.added(person)) else document

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
    """Reads parts of an entry whose statements are known by number."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._said = said

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "_Reader":
        return cls([Said(op, date.fromisoformat(on), Grade(grade)) for op, on, grade in document["said"]])

    def changes(self, document: Mapping[str, Any]) -> dict[str, tuple[Fact, ...]]:
        return {
            name: tuple([Fact(_read(value), self._said[place]) for value, place in facts])
            for name, facts in document.get("changes", ())
        }

    def records(self, document: Mapping[str, Any]) -> dict[str, tuple[Record, ...]]:
        return {
            kind: tuple([self.record(kind, each) for each in records])
            for kind, records in document.get("records", ())
        }

    def record(self, kind: str, document: Mapping[str, Any]) -> Record:
        return Record(
            kind,
            document["id"],
            self.facts(document["facts"]),
            self.changes(document),
            tuple([self._said[place] for place in document["said"]]),
        )

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
            self.changes(document),
            self.records(document),
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


def _visits(visits: Iterable[tuple[str, date, str]]) -> list[list[str]]:
    return [[op, day.isoformat(), outcome] for op, day, outcome in visits]


def _visits_of(document: Mapping[str, Any]) -> tuple[tuple[str, date, str], ...]:
    return tuple([(op, date.fromisoformat(day), outcome) for op, day, outcome in document["visits"]])


def _flags(entry: Household | Site) -> _Document:
    """Return `flags` of what has any."""
    rows = [[*flag[:3], dict(flag.values), flag.by, flag.on.isoformat()] for flag in entry.flags]
    return {"flags": rows} if rows else {}


def _flags_of(document: Mapping[str, Any]) -> tuple[Flag, ...]:
    return tuple(
        [
            Flag(row[0], row[1], row[2], row[3], row[4], date.fromisoformat(row[5]))
            for row in document.get("flags", ())
        ]
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
