"""A ledger entry as it is shown: plain values, masked."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from api.masking import mask_fact
from core.spans import FOREVER, Span, Spans
from ledger.model import Contradiction, Fact, Household, Person, Spell, Track, Value
from ledger.repository import Entry, head_name


def item(entry: Entry) -> dict[str, Any]:
    """Return a household as a list shows it."""
    household = entry.household
    return {
        "id": household.id,
        "region": household.region,
        "registry_no": household.text("registry_no"),
        "site": household.text("site"),
        "head": head_name(household),
        "members": sum(person.left is None for person in household.persons),
        "version": entry.version,
        "as_of": entry.as_of,
    }


def whole(entry: Entry) -> dict[str, Any]:
    """Return everything about a household."""
    household = entry.household
    return {
        "id": household.id,
        "region": household.region,
        "version": entry.version,
        "as_of": entry.as_of,
        "next_due": entry.next_due,
        "facts": _facts("household", household.facts),
        "persons": [_person(person) for person in household.persons],
        "contradictions": [_contradiction(household, each) for each in household.contradictions],
        "interviews": household.interviews,
        "visits": [{"op": op, "on": day, "outcome": outcome} for op, day, outcome in household.visits],
    }


def in_clear(household: Household) -> dict[str, Any]:
    """Return the values of a household in full, where pointers of an unmasking lead."""
    return {
        "facts": _values(household.facts),
        "persons": {
            person.id: {
                "facts": _values(person.facts),
                "spells": {
                    spell.key: {name: _plain(value) for name, value in spell.fields.items()}
                    for track in person.tracks.values()
                    for spell in track.spells
                },
            }
            for person in household.persons
        },
    }


def _values(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {name: _plain(fact.value) for name, fact in facts.items()}


def _facts(level: str, facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {
        name: {"value": mask_fact(level, name, _plain(fact.value)), "said": fact.said}
        for name, fact in sorted(facts.items())
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "joined": person.joined,
        "left": person.left,
        "facts": _facts("person", person.facts),
        "tracks": [_track(track) for _, track in sorted(person.tracks.items())],
    }


def _track(track: Track) -> dict[str, Any]:
    return {
        "kind": track.kind,
        "now": track.now,
        "spells": [_spell(spell) for spell in track.spells],
        "covered": _days(track.covered),
        "absent": _days(track.absent),
    }


def _spell(spell: Spell) -> dict[str, Any]:
    level = f"spell:{spell.kind}"
    values = {name: mask_fact(level, name, _plain(value)) for name, value in sorted(spell.fields.items())}
    return {
        "key": spell.key,
        "start": spell.start,
        "end": spell.end,
        "days": _ends(spell.days),
        "fields_": values,
        "said": spell.said,
    }


def _contradiction(household: Household, each: Contradiction) -> dict[str, Any]:
    level = "household" if each.subject == household.id else "person"
    return {
        "subject": each.subject,
        "fact": each.fact,
        "held": mask_fact(level, each.fact, each.held),
        "other": mask_fact(level, each.fact, each.other),
        "held_by": each.held_by,
        "other_by": each.other_by,
        "days": _days(each.days),
    }


def _plain(value: Value) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _days(spans: Spans | Iterable[Span]) -> list[list[date | None]]:
    return [_ends(span) for span in spans]


def _ends(span: Span) -> list[date | None]:
    """Return first and last day; the open ends of time are None."""
    return [None if day in (date.min, FOREVER) else day for day in (span.start, span.end)]
