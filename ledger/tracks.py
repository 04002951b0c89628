"""One kind of spell of one person, combined from everything that was said about it.

Each statement paints days: the days of its listed spells *covered*, the other days of its window *absent*. Statements
are painted in ascending strength (grade, day, op), so the stronger and then the later lies on top. A day that two
statements painted differently is a `Contradiction`: the top is what the ledger shows, and both stay known.

The window, in which a listing is complete, is `[history_from, T]`; without `history_from` it is `[earliest listed
start, T]` if something was listed and `now` is yes or no; else the day T alone. T is the day of the statement.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core.spans import FOREVER, NO_DAYS, Span, Spans, next_day, previous_day
from ledger.model import Contradiction, Grade, Said, Spell, Track, Value

_MARKS = ("scheme", "category", "ground", "aid", "employer")
_FIXED = ("scheme", "school_code", "school_name")


@dataclass(frozen=True, slots=True)
class Listed:
    """One spell as a statement lists it; `fields` are the rest of its facts."""

    key: str
    start: date | None
    end: date | None
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class TrackStatement:
    """What one statement says about one kind of spell of one person.

    Attributes:
        said: who said so, on the day T.
        kind: the kind of spell.
        listed: the spells it lists.
        now: yes, no or unknown on the day T; None when that was not asked.
        history_from: the listing is complete from this day to T; None when that was not asked.
    """

    said: Said
    kind: str
    listed: tuple[Listed, ...] = ()
    now: str | None = None
    history_from: date | None = None


class _Stroke(NamedTuple):
    """Days that one statement paints; sorts by strength."""

    grade: int
    on: date
    op: str
    on_top: bool  # of one statement, what was switched off lies over what was listed
    start: date
    end: date
    covered: bool
    said: Said


class _Seen(NamedTuple):
    """One listed spell as one statement vouches for it.

    Attributes:
        said: the statement, as strong as the spell's own evidence makes it.
        listed: the row.
        start: first day.
        last: last day it is vouched for.
        until: last day it may reach, as far as the statement knows.
        off: the agency had switched it off on the day after `last`.
        over: it has ended, and nobody said when.
    """

    said: Said
    listed: Listed
    start: date
    last: date
    until: date
    off: bool
    over: bool


def strength(said: Said) -> tuple[int, date, str]:
    """Return what statements are ordered by, weakest first."""
    return (said.grade, said.on, said.op)


def combine(
    subject: str, kind: str, statements: Sequence[TrackStatement]
) -> tuple[Track, tuple[Contradiction, ...]]:
    """Combine all statements about one kind of spell of one person; their order does not matter.

    Args:
        subject: the person's id, for contradictions.
        kind: the kind of spell.
        statements: all of this kind.
    """
    if not statements:
        return Track(kind), ()
    flaws: list[Contradiction] = []
    strokes: list[_Stroke] = []
    seen: list[list[_Seen]] = []
    if len(statements) > 1:
        statements = sorted(statements, key=lambda each: (each.said.on, each.said.grade, each.said.op))
    for statement in statements:
        spells, odd = _read(statement)
        seen.append(spells)
        strokes.extend(
            _strokes(
                statement,
                spells,
                vague=any(row.start is None or row.start <= statement.said.on for row in odd),
            )
        )
        flaws.extend(_not_a_span(subject, statement, row) for row in odd)
    covered, absent, disputes = _paint(strokes)
    flaws.extend(
        Contradiction(subject, kind, held, "absent" if held == "covered" else "covered", by, other, days)
        for by, other, held, days in disputes
    )
    spells_of = []
    for group in _groups(seen):
        spell, differing = _spell(subject, kind, group)
        spells_of.append(spell)
        flaws.extend(differing)
    spells_of.sort(key=lambda spell: (spell.start, spell.key))
    track = Track(
        kind,
        tuple(spells_of),
        covered,
        absent,
        statements[-1].said,
        next((each.now for each in reversed(statements) if each.now is not None), None),
        tuple(sorted({each.said.op for each in statements})),
    )
    return track, tuple(flaws)


def _not_a_span(subject: str, statement: TrackStatement, row: Listed) -> Contradiction:
    text = f"{row.start or ''}…{row.end or ''}"
    return Contradiction(subject, statement.kind, "not a span", text, statement.said, statement.said)


# --- reading one statement


def _read(statement: TrackStatement) -> tuple[list[_Seen], list[Listed]]:
    """Return the spells a statement vouches for, and the rows that are no span of days."""
    seen, odd, on = [], [], statement.said.on
    for row in statement.listed:
        start = row.start
        if (
            start is None
            or (row.end is not None and row.end < start)
            or (start > on and not _paid_ahead(row, on))
        ):
            odd.append(row)
        else:
            seen.append(_see(statement, row, start))
    return seen, odd


def _paid_ahead(row: Listed, on: date) -> bool:
    if row.end is None or row.end <= on:
        return False
    paid_on = row.fields.get("paid_on")
    return (isinstance(paid_on, date) and paid_on <= on) or row.fields.get("evidence") == "receipt"


def _see(statement: TrackStatement, row: Listed, start: date) -> _Seen:
    said, on, fields = statement.said, statement.said.on, row.fields
    evidence = Grade.of_evidence(fields.get("evidence"))
    if evidence > said.grade:
        said = Said(said.op, on, evidence)
    last = row.end if row.end is not None and (row.end < on or _paid_ahead(row, on)) else on
    until = row.end or on
    state = fields.get("state")
    if said.grade >= Grade.AGENCY and (state == "suspended" or (state == "ended" and row.end is None)):
        since = fields.get("evidence_on")
        first_off = since if isinstance(since, date) and since <= on else on
        if first_off <= last:
            return _Seen(said, row, start, previous_day(first_off), until, off=True, over=False)
    over = row.end is None and (statement.now == "no" or state == "ended")
    return _Seen(said, row, start, start if over else last, until, off=False, over=over)


def _strokes(statement: TrackStatement, seen: Sequence[_Seen], *, vague: bool) -> Iterator[_Stroke]:
    """Yield what a statement paints; `vague` if it lists something that is no span, so its list is not complete."""
    said, on, now = statement.said, statement.said.on, statement.now
    today = False
    closed: list[tuple[date, date]] = []  # days of the window that are not absent
    for each in seen:
        if each.start <= each.last:
            yield _Stroke(*strength(each.said), False, each.start, each.last, True, each.said)
            today = today or each.start <= on <= each.last
        if each.off:
            first_off = max(each.start, next_day(each.last))
            if first_off <= on:
                yield _Stroke(*strength(each.said), True, first_off, on, False, each.said)
        stop = each.last
        if each.over or each.off:
            stop = previous_day(on) if now == "no" and each.over else on
        closed.append((each.start, max(each.last, stop)))
    if now == "yes" and not today:
        yield _Stroke(*strength(said), False, on, on, True, said)
    window = None if vague else _window(statement, seen, today=today)
    if window is not None:
        for start, end in _holes(*window, closed):
            yield _Stroke(*strength(said), False, start, end, False, said)
    elif now == "no" and not today:
        yield _Stroke(*strength(said), False, on, on, False, said)


def _window(statement: TrackStatement, seen: Sequence[_Seen], *, today: bool) -> tuple[date, date] | None:
    """Return the first and last day in which the listing is complete, or None."""
    on, now = statement.said.on, statement.now
    if statement.history_from is not None and statement.history_from <= on:
        if not seen and now == "unknown":
            return None
        start = statement.history_from
    elif seen and now in {"yes", "no"}:
        start = min(each.start for each in seen)
        if start > on:
            return (on, on) if now == "no" else None
    else:
        return None
    if now == "yes" and not today:  # there is a spell now that is not listed, and nobody said since when
        lasts = [each.last for each in seen if each.last < on]
        return (start, max(lasts)) if lasts and max(lasts) >= start else None
    return start, on


def _holes(start: date, end: date, closed: Iterable[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    for first, last in sorted(closed):
        if first > end:
            break
        if last < start:
            continue
        if first > start:
            yield start, previous_day(first)
        if last >= end:
            return
        start = next_day(last)
    yield start, end


# --- painting

_Dispute = tuple[Said, Said, str, Spans]


def _paint(strokes: Sequence[_Stroke]) -> tuple[Spans, Spans, list[_Dispute]]:
    """Return the days covered, the days absent, and the disputes (held by, denied by, held, days)."""
    if all(stroke.covered for stroke in strokes):
        return Spans(Span(stroke.start, stroke.end) for stroke in strokes), NO_DAYS, []
    ranked = sorted(strokes)
    edges = []
    for rank, stroke in enumerate(ranked):
        edges.append((stroke.start, rank, True))
        edges.append((next_day(stroke.end), rank, False))
    edges.sort()
    covered: list[Span] = []
    absent: list[Span] = []
    disputed: dict[tuple[int, int], list[Span]] = {}
    lying: list[int] = []  # ranks of the strokes over the present day
    covering = 0
    before = edges[0][0]
    for day, rank, begins in edges:
        if lying and before < day:
            span = Span(before, previous_day(day))
            top = ranked[lying[-1]].covered
            (covered if top else absent).append(span)
            if 0 < covering < len(lying):
                rival = next(each for each in reversed(lying) if ranked[each].covered != top)
                disputed.setdefault((lying[-1], rival), []).append(span)
        before = day
        if begins:
            insort(lying, rank)
        else:
            lying.remove(rank)
        covering += (1 if begins else -1) * ranked[rank].covered
    return Spans(covered), Spans(absent), _merge(ranked, disputed)


def _merge(ranked: Sequence[_Stroke], disputed: Mapping[tuple[int, int], list[Span]]) -> list[_Dispute]:
    """Join the disputes of the same two statements."""
    joined: dict[tuple[Said, Said, str], list[Span]] = {}
    for (top, rival), spans in disputed.items():
        held = "covered" if ranked[top].covered else "absent"
        joined.setdefault((ranked[top].said, ranked[rival].said, held), []).extend(spans)
    return [(*who, Spans(spans)) for who, spans in joined.items()]


# --- one spell over the rounds


def _groups(statements: Iterable[Sequence[_Seen]]) -> list[list[_Seen]]:
    """Return the listings of each spell together; the first said lends its key.

    The same key is the same spell. Else a listing is the spell it is most like: nothing that marks it differs, and it
    starts on the same day, or overlaps, or goes on the day after an open one was last vouched for. Two listings of one
    statement are two spells. Periods that end and begin anew (cover paid by the year) are spells of their own.
    """
    groups: list[list[_Seen]] = []
    by_key: dict[str, list[_Seen]] = {}
    for seen in statements:
        free = [group for group in groups if all(by_key.get(each.listed.key) is not group for each in seen)]
        for each in seen:
            group = by_key.get(each.listed.key)
            if group is None:
                group = max(free, key=lambda other: _likeness(other, each), default=None)
                if group is None or not _likeness(group, each):
                    groups.append(group := [])
                else:
                    free = [other for other in free if other is not group]
                by_key[each.listed.key] = group
            group.append(each)
    return groups


def _likeness(group: Sequence[_Seen], one: _Seen) -> int:
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


def _spell(subject: str, kind: str, group: list[_Seen]) -> tuple[Spell, Iterable[Contradiction]]:
    """Make one spell of its listings, given in the order in which they were said.

    What never changes in a spell (start, end, scheme, school) is as the strongest listing says; what changes with time
    (state, grade, transfer, …) is as the latest says.
    """
    key = group[0].listed.key
    if len(group) == 1:
        only = group[0]
        days = Span(only.start, max(only.start, only.last))
        return Spell(kind, key, only.start, only.listed.end, days, only.listed.fields, (only.said,)), ()
    fields: dict[str, Value] = {}
    for each in group:
        fields.update(each.listed.fields)
    ranked = sorted(group, key=lambda each: strength(each.said))
    start, end, last = ranked[-1].start, None, ranked[0].last
    for each in ranked:
        fields.update((name, each.listed.fields[name]) for name in _FIXED if name in each.listed.fields)
        if each.listed.end is not None:
            end = each.listed.end
        elif end is not None and not each.over and each.said.on > end:
            end = None  # still open, on a later day than the end once stated
        last = each.last if each.off else max(last, each.last)
    days = Span(start, max(start, min(last, end or FOREVER)))
    spell = Spell(kind, key, start, end, days, fields, tuple(each.said for each in ranked))
    return spell, _differing(subject, spell, ranked)


def _differing(subject: str, spell: Spell, ranked: Sequence[_Seen]) -> Iterator[Contradiction]:
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
                yield Contradiction(subject, f"{spell.kind}.{name}", str(held), str(value), by, each.said)
