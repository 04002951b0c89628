"""A ledger entry as it is shown: plain values, masked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from api.masking import mask_fact
from core.spans import FOREVER, Span, Spans
from ledger.model import (
    Contradiction,
    Fact,
    Folded,
    Household,
    Person,
    Record,
    Site,
    Spell,
    Track,
    Value,
)
from ledger.repository import AnyEntry, Entry, head_name
from validators.life import Finding


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


def whole(entry: Entry, findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """Return everything about a household; of its findings, those that are about one of its records."""
    household, about = entry.household, _about(findings)
    return shared(entry, about) | {
        "facts": _facts("household", household),
        "tracks": [_track(track) for _, track in sorted(household.tracks.items())],
        "persons": [_person(person, about) for person in household.persons],
    }


def whole_site(entry: AnyEntry, findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """Return everything about a site or banner."""
    site = entry.household
    level = site.kind if isinstance(site, Site) else "household"
    return shared(entry, _about(findings)) | {"kind": level, "facts": _facts(level, site)}


def shared(entry: AnyEntry, about: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return what is shown of every kind of entry."""
    of = entry.household
    return {
        "id": of.id,
        "region": of.region,
        "version": entry.version,
        "as_of": entry.as_of,
        "next_due": entry.next_due,
        "records": _records(of.records_by_kind, about),
        "contradictions": [_contradiction(of, each) for each in of.contradictions],
        "interviews": of.interviews,
        "visits": [{"op": op, "on": day, "outcome": outcome} for op, day, outcome in of.visits],
    }


def _about(findings: Sequence[Finding]) -> Mapping[str, Sequence[str]]:
    """Return the ids of findings by whom or what they are about."""
    about: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        about[finding.subject].append(finding.id)
    return about


def in_clear(household: Household) -> dict[str, Any]:
    """Return the values of a household in full, where pointers of an unmasking lead."""
    return _owned(household) | {"persons": {person.id: _owned(person) for person in household.persons}}


def _owned(owner: Household | Person) -> dict[str, Any]:
    return {
        "facts": _values(owner.facts),
        "spells": {
            spell.key: {name: _plain(value) for name, value in spell.fields.items()}
            for track in owner.tracks.values()
            for spell in track.spells
        },
        "records": {
            record.id: _values(record.facts)
            for records in owner.records_by_kind.values()
            for record in records
        },
    }


def _values(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {name: _plain(fact.value) for name, fact in facts.items()}


def _facts(level: str, of: Household | Person | Site | Record) -> dict[str, Any]:
    return {
        name: _fact(level, name, fact) | _history(level, name, of.changes.get(name, ()))
        for name, fact in sorted(of.facts.items())
    }


def _fact(level: str, name: str, fact: Fact) -> dict[str, Any]:
    return {"value": mask_fact(level, name, _plain(fact.value)), "said": fact.said}


def _history(level: str, name: str, changes: Sequence[Fact]) -> dict[str, Any]:
    """Return what a fact was, oldest first; nothing of one that never changed."""
    return {"history": [_fact(level, name, each) for each in changes]} if len(changes) > 1 else {}


def _records(
    records: Mapping[str, Sequence[Record]], about: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "id": record.id,
            "facts": _facts(f"record:{kind}", record),
            "said": record.said,
            "findings": about.get(record.id, ()),
        }
        for kind, listed in sorted(records.items())
        for record in listed
    ]


def _person(person: Person, about: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "id": person.id,
        "joined": person.joined,
        "left": person.left,
        "facts": _facts("person", person),
        "tracks": [_track(track) for _, track in sorted(person.tracks.items())],
        "records": _records(person.records_by_kind, about),
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


def _contradiction(entry: Folded, each: Contradiction) -> dict[str, Any]:
    level, name = "person", each.fact
    if each.subject == entry.id:
        level = entry.kind if isinstance(entry, Site) else "household"
    elif (record := entry.record(each.subject)) is not None:
        level, name = f"record:{record.kind}", each.fact.removeprefix(f"{record.kind}.")
    return {
        "subject": each.subject,
        "fact": each.fact,
        "held": mask_fact(level, name, each.held),
        "other": mask_fact(level, name, each.other),
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
