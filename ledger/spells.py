"""One spell over the rounds: which listings are the same spell, and what the spell is, given all of them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from core.ids import spell_name
from core.spans import FOREVER, NO_DAYS, Span, Spans, next_day, previous_day
from ledger.model import Contradiction, Said, Spell, Value

Rank = tuple[int, date, str]

_MARKS = ("scheme", "category", "ground", "aid", "employer")
_FIXED = ("scheme", "school_code", "school_name")
_BY_RANK = attrgetter("rank")


def strength(said: Said) -> Rank:
    """Return what statements are ordered by, weakest first: grade, day, op."""
    return (said.grade, said.on, said.op)


class Listed(NamedTuple):
    """One spell as a statement lists it; `fields` are the rest of its facts."""

    key: str
    start: date | None
    end: date | None
    fields: Mapping[str, Value]


class Seen(NamedTuple):
    """One listed spell as one statement vouches for it.

    Attributes:
        rank, said: the statement, as strong as the spell's own evidence makes it.
        listed: the row.
        start: first day.
        last: last day it is vouched for.
        until: last day it may reach, as far as the statement knows.
        off: the agency had switched it off on the day after `last`.
        over: it has ended, and nobody said when.
    """

    rank: Rank
    said: Said
    listed: Listed
    start: date
    last: date
    until: date
    off: bool
    over: bool


def spells_of(
    subject: str, kind: str, statements: Sequence[Sequence[Seen]]
) -> tuple[tuple[Spell, ...], list[Contradiction]]:
    """Return the spells of a track, by start, and where their listings cannot all hold.

    Args:
        subject: the person's id.
        kind: the kind of spell.
        statements: the listings of each statement, in the order in which they were said.
    """
    flaws: list[Contradiction] = []
    found: list[Spell] = []
    if not any(statements):
        return (), flaws
    for group in _groups(subject, kind, statements):
        if len(group) == 1:
            found.append(_single(kind, group[0]))
        else:
            found.append(_joined(subject, kind, group, flaws))
    if len(found) > 1:
        found.sort(key=lambda spell: (spell.start, spell.key))
    return tuple(found), flaws


def _groups(subject: str, kind: str, statements: Sequence[Sequence[Seen]]) -> list[list[Seen]]:
    """Return the listings of each spell together; the first said lends its key.

    The same key is the same spell, and so is the name of the day on which it starts (`core.ids.spell_name`). Else a
    listing is the spell it is most like: nothing that marks it differs, and it starts on the same day, or overlaps, or
    goes on the day after an open one was last vouched for. Two listings of one statement are two spells. Periods that
    end and begin anew (cover paid by the year) are spells of their own.
    """
    groups: list[list[Seen]] = []
    by_key: dict[str, list[Seen]] = {}
    for seen in statements:
        new: list[Seen] = []
        taken: list[list[Seen]] = []
        for each in seen:
            group = by_key.get(each.listed.key) or _named(subject, kind, each.listed.key, groups)
            if group is not None:
                by_key[each.listed.key] = group
                group.append(each)
                taken.append(group)
            else:
                new.append(each)
        for each in new:
            free = [other for other in groups if all(other is not mine for mine in taken)]
            group = max(free, key=lambda other: _likeness(other, each), default=None) if free else None
            if group is None or not _likeness(group, each):
                groups.append(group := [])
            by_key[each.listed.key] = group
            group.append(each)
            taken.append(group)
    return groups


def _named(subject: str, kind: str, key: str, groups: Sequence[list[Seen]]) -> list[Seen] | None:
    """Return the spell that a key names by the day it starts, as it was last listed; None if it is a new key."""
    return next(
        (
            group
            for group in reversed(groups)
            for start in {each.start for each in group}
            if spell_name(subject, kind, start) == key
        ),
        None,
    )


def _likeness(group: Sequence[Seen], one: Seen) -> int:
    """Return 2 if a listing starts with the spell, 1 if it shares or continues its days, 0 if it is another."""
    likeness = 0
    for other in group:
        if _alike(other.listed.fields, one.listed.fields):
            if other.start == one.start:
                return 2
            goes_on = other.listed.end is None and not other.off and next_day(other.last) == one.start
            if goes_on or (other.start <= one.until and one.start <= other.until):
                likeness = 1
    return likeness


def _alike(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Tell whether nothing differs that marks a spell. A place may be said more or less exactly."""
    school = "school_code" if one.get("school_code") and other.get("school_code") else "school_name"
    for name in (*_MARKS, school):
        mine, theirs = one.get(name), other.get(name)
        if mine != theirs and mine is not None and theirs is not None:
            return False
    here, there = str(one.get("place", "")), str(other.get("place", ""))
    return here.startswith(there) or there.startswith(here)


def _single(kind: str, seen: Seen) -> Spell:
    row = seen.listed
    days = Span(seen.start, max(seen.start, seen.last))
    return Spell(kind, row.key, seen.start, row.end, days, row.fields, (seen.said,))


def _joined(subject: str, kind: str, group: Sequence[Seen], flaws: list[Contradiction]) -> Spell:
    """Make one spell of its listings, given in the order in which they were said.

    What never changes in a spell (start, end, scheme, school) is as the strongest listing says; what changes with time
    (state, grade, transfer, …) is as the latest says.
    """
    first = group[0]
    ranked = sorted(group, key=_BY_RANK)
    fields = first.listed.fields
    differ = False
    for each in ranked:
        if each.listed != first.listed:
            differ = True
            fields = _fields(group, ranked)
            break
    start, end, last = ranked[-1].start, None, first.start
    for each in ranked:
        if each.listed.end is not None:
            end = each.listed.end
        elif end is not None and not each.over and each.said.on > end:
            end = None  # still open, on a later day than the end once stated
        last = each.last if each.off or each.last > last else last
    days = Span(start, max(start, min(last, end or FOREVER)))
    spell = Spell(kind, first.listed.key, start, end, days, fields, tuple([each.said for each in ranked]))
    if differ:
        flaws.extend(_differing(subject, spell, ranked))
    return spell


def _fields(group: Sequence[Seen], ranked: Sequence[Seen]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for each in group:
        fields.update(each.listed.fields)
    for each in ranked:
        fields.update({name: each.listed.fields[name] for name in _FIXED if name in each.listed.fields})
    return fields


def _differing(subject: str, spell: Spell, ranked: Sequence[Seen]) -> Iterator[Contradiction]:
    """Yield where listings of one spell cannot both hold; each other value once, by whoever said it strongest."""
    held_by: dict[str, Said] = {}
    told: set[tuple[str, Value]] = set()
    for each in reversed(ranked):
        stated = {name: each.listed.fields[name] for name in _FIXED if name in each.listed.fields}
        stated["start"] = each.start
        if each.listed.end is not None and spell.end is not None:
            stated["end"] = each.listed.end
        for name, value in stated.items():
            held = {"start": spell.start, "end": spell.end}.get(name, spell.fields.get(name))
            by = held_by.setdefault(name, each.said)
            if value != held and (name, value) not in told:
                told.add((name, value))
                days = _between(name, held, value)
                yield Contradiction(
                    subject, f"{spell.kind}.{name}", str(held), str(value), by, each.said, days
                )


def _between(name: str, held: object, value: object) -> Spans:
    """Return the days that lie in the spell by one of two starts, or of two ends, alone."""
    if not isinstance(held, date) or not isinstance(value, date):
        return NO_DAYS
    first, last = sorted((held, value))
    return (
        Spans.between(first, previous_day(last)) if name == "start" else Spans.between(next_day(first), last)
    )
