"""One kind of spell of one person, combined from everything that was said about it. Pure.

Each statement paints days: the days of its listed spells *covered*, the other days of its window *absent*. Statements
are painted in ascending strength (grade, day, op), so the stronger and then the later lies on top. A day that two
statements painted differently is a `Contradiction`: the top is what the ledger shows, and both stay known.

The window, in which a listing is complete, is `[history_from, T]`; without `history_from` it is `[earliest listed
start, T]` if something was listed and `now` is yes or no; else the day T alone. T is the day of the statement.
"""

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from core.spans import NO_DAYS, Span, Spans, next_day, previous_day
from ledger.model import Contradiction, Grade, Said, Track
from ledger.spells import Listed, Rank, Seen, spells_of, strength


class TrackStatement(NamedTuple):
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


_SHOWN = frozenset({"receipt", "app_screen", "agency_extract"})
"""Evidence that shows until when cover is paid."""
_NOTHING: tuple[Sequence[Seen], Sequence[Listed]] = ((), ())
# Days that one statement paints: rank, whether it lies over its own listing, first and last day, who said so. The
# strokes of absent days are kept apart from those of covered days.
_Stroke = tuple[Rank, bool, date, date, Said]


def combine(
    subject: str, kind: str, statements: Sequence[TrackStatement]
) -> tuple[Track, list[Contradiction]]:
    """Combine all statements about one kind of spell of one person; their order does not matter.

    Args:
        subject: the person's id, for contradictions.
        kind: the kind of spell.
        statements: all of this kind.
    """
    if not statements:
        return Track(kind), []
    if len(statements) > 1:
        statements = sorted(statements, key=lambda each: (each.said.on, each.said.grade, each.said.op))
    painted: tuple[list[_Stroke], list[_Stroke]] = ([], [])  # absent, covered
    listings: list[Sequence[Seen]] = []
    not_spans: list[Contradiction] = []
    now: str | None = None
    for statement in statements:
        seen, odd = _read(statement) if statement.listed else _NOTHING
        listings.append(seen)
        _paint(statement, seen, odd, painted)
        if odd:
            not_spans.extend(_not_a_span(subject, statement, row) for row in odd)
        now = statement.now or now
    covered, absent, disputes = _view(painted)
    spells, flaws = spells_of(subject, kind, listings)
    if disputes:
        disputed = Spans(span for *_, days in disputes for span in days)
        flaws = [flaw for flaw in flaws if not flaw.days & disputed]  # another start or end shows in the days
        for held_by, other_by, held, days in disputes:
            other = "absent" if held == "covered" else "covered"
            flaws.append(Contradiction(subject, kind, held, other, held_by, other_by, days))
    ops = tuple(sorted({each.said.op for each in statements}))
    return Track(kind, spells, covered, absent, statements[-1].said, now, ops), flaws + not_spans


def _not_a_span(subject: str, statement: TrackStatement, row: Listed) -> Contradiction:
    text = f"{row.start or ''}…{row.end or ''}"
    return Contradiction(subject, statement.kind, "not a span", text, statement.said, statement.said)


# --- reading one statement


def _read(statement: TrackStatement) -> tuple[Sequence[Seen], Sequence[Listed]]:
    """Return the spells a statement vouches for, and the rows that are no span of days."""
    seen: list[Seen] = []
    odd: list[Listed] = []
    on = statement.said.on
    rank = strength(statement.said)
    for row in statement.listed:
        start, end = row.start, row.end
        if start is not None and start > on and _next_year(row, start, on):
            continue
        if start is None or (end is not None and end < start) or (start > on and not _paid_ahead(row, on)):
            odd.append(row)
        else:
            seen.append(_see(statement, rank, row, start))
    return seen, odd


def _paid_ahead(row: Listed, on: date) -> bool:
    """Tell whether a listed spell is known to last beyond the day on which it was listed: paid, or seen on record."""
    if row.end is None or row.end <= on:
        return False
    paid_on = row.fields.get("paid_on")
    return (isinstance(paid_on, date) and paid_on <= on) or row.fields.get("evidence") in _SHOWN


def _next_year(row: Listed, start: date, on: date) -> bool:
    """Tell whether a listed spell is next year's, and nothing shows that it was paid: so far nothing is known of it."""
    return start.year == on.year + 1 and row.end is not None and row.end >= start and not _paid_ahead(row, on)


def _see(statement: TrackStatement, rank: Rank, row: Listed, start: date) -> Seen:
    """Return how far a statement vouches for a listed spell.

    - An open spell holds up to the day T; cover paid ahead, to its end.
    - What an agency says is suspended (or ended, without a day) is absent from the day of the evidence.
    - An open spell of which one says that there is none now, or that it was suspended while another goes on, has ended,
      nobody knows when: only its first day is sure.
    """
    said, end, fields = statement.said, row.end, row.fields
    on = said.on
    stated = fields.get("evidence")
    grade = said.grade
    if stated is not None and (evidence := Grade.of_evidence(stated)) > grade:
        grade = evidence
        said = Said(said.op, on, evidence)
        rank = strength(said)
    last = end if end is not None and (end < on or _paid_ahead(row, on)) else on
    state = fields.get("state")
    if (state == "suspended" or (state == "ended" and end is None)) and grade >= Grade.AGENCY:
        since = fields.get("evidence_on")
        first_off = since if isinstance(since, date) and since <= on else on
        if first_off <= last:
            return Seen(rank, said, row, start, previous_day(first_off), end or on, True, False)
    over = end is None and (statement.now == "no" or state == "ended" or _replaced(statement, row))
    return Seen(rank, said, row, start, start if over else last, end or on, False, over)


def _replaced(statement: TrackStatement, row: Listed) -> bool:
    """Tell whether a spell was suspended by one's own word, and another one is listed that goes on."""
    on = statement.said.on
    return row.fields.get("state") == "suspended" and any(
        other is not row
        and other.fields.get("state") not in {"suspended", "ended"}
        and other.start is not None
        and other.start <= on <= (other.end or on)
        for other in statement.listed
    )


def _paint(
    statement: TrackStatement,
    seen: Sequence[Seen],
    odd: Sequence[Listed],
    painted: tuple[list[_Stroke], list[_Stroke]],
) -> None:
    """Add what a statement paints, to the absent and to the covered days."""
    absent, covered = painted
    said, on, now = statement.said, statement.said.on, statement.now
    rank = strength(said)
    today = False
    taken: list[tuple[date, date]] = []  # days of the window that are not absent
    for each in seen:
        start, last = each.start, each.last
        if start <= last:
            covered.append((each.rank, False, start, last, each.said))
            today = today or start <= on <= last
        if each.off:
            first_off = max(start, next_day(last))
            if first_off <= on:
                absent.append((each.rank, True, first_off, on, each.said))
            last = on
        elif each.over:
            last = max(last, previous_day(on) if now == "no" else on)
        taken.append((start, last))
    if now == "yes" and not today:
        covered.append((rank, False, on, on, said))
    vague = bool(odd) and any(row.start is None or row.start <= on for row in odd)
    window = None if vague else _window(statement, seen, today=today)
    if window is not None:
        absent.extend([(rank, False, first, last, said) for first, last in _holes(window, taken)])
    elif now == "no" and not today:
        absent.append((rank, False, on, on, said))


def _window(statement: TrackStatement, seen: Sequence[Seen], *, today: bool) -> tuple[date, date] | None:
    """Return the first and last day in which the listing is complete, or None."""
    on, now = statement.said.on, statement.now
    if statement.history_from is not None and statement.history_from <= on:
        if not seen and now == "unknown":
            return None
        start = statement.history_from
    elif seen and now in {"yes", "no"}:
        start = min([each.start for each in seen])
        if start > on:
            return (on, on) if now == "no" else None
    else:
        return None
    if now == "yes" and not today:  # there is a spell now that is not listed, and nobody said since when
        last = max((each.last for each in seen if each.last < on), default=None)
        return (start, last) if last is not None and last >= start else None
    return start, on


def _holes(window: tuple[date, date], taken: list[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    """Yield the parts of the window that are not taken."""
    start, end = window
    taken.sort()
    for first, last in taken:
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


# --- looking at all of them from above

_Dispute = tuple[Said, Said, str, Spans]


def _view(painted: tuple[list[_Stroke], list[_Stroke]]) -> tuple[Spans, Spans, list[_Dispute]]:
    """Return the days covered, the days absent, and the disputes (held by, denied by, what is held, days)."""
    if not painted[False]:
        return _days({(start, end) for _, _, start, end, _ in painted[True]}), NO_DAYS, []
    ranked = sorted([(*stroke, covered) for covered in (False, True) for stroke in painted[covered]])
    edges = []
    for rank, (_, _, start, end, _, covered) in enumerate(ranked):
        edges.append((start, rank, 1, covered))
        edges.append((next_day(end), rank, -1, covered))
    edges.sort()
    seen: tuple[set[tuple[date, date]], set[tuple[date, date]]] = (set(), set())  # days absent, days covered
    disputed: dict[tuple[int, int], list[Span]] = {}
    lying: list[int] = []  # ranks of the strokes over the present day
    covering = 0
    before = edges[0][0]
    for day, rank, step, covered in edges:
        if lying and before < day:
            days = (before, previous_day(day))
            top = ranked[lying[-1]][-1]
            seen[top].add(days)
            if 0 < covering < len(lying):
                rival = next(each for each in reversed(lying) if ranked[each][-1] != top)
                disputed.setdefault((lying[-1], rival), []).append(Span(*days))
        before = day
        if step == 1:
            insort(lying, rank)
        else:
            lying.remove(rank)
        covering += step * covered
    return _days(seen[True]), _days(seen[False]), _merge(ranked, disputed) if disputed else []


def _days(pairs: set[tuple[date, date]]) -> Spans:
    """Return the days of spans given as pairs."""
    if len(pairs) == 1:
        return Spans([Span(*pairs.pop())])
    merged: list[Span] = []
    start = end = None
    for first, last in sorted(pairs):
        if end is None or start is None:
            start, end = first, last
        elif first <= next_day(end):
            end = max(end, last)
        else:
            merged.append(Span(start, end))
            start, end = first, last
    if start is not None and end is not None:
        merged.append(Span(start, end))
    return Spans(merged) if merged else NO_DAYS


def _merge(
    ranked: Sequence[tuple[Rank, bool, date, date, Said, bool]],
    disputed: Mapping[tuple[int, int], list[Span]],
) -> list[_Dispute]:
    """Join the disputes of the same two statements."""
    joined: dict[tuple[Said, Said, str], list[Span]] = {}
    for (top, rival), spans in disputed.items():
        held_by, covered = ranked[top][-2:]
        held = "covered" if covered else "absent"
        joined.setdefault((held_by, ranked[rival][-2], held), []).extend(spans)
    return [(*who, Spans(spans)) for who, spans in joined.items()]
