"""The statements of a household taken apart: facts, tracks and records, its own and each person's. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from stdnum.cn import ric

from core.spans import FOREVER, next_day
from forms.facts import Row
from ledger.claims import Claims, differs
from ledger.dictionary import dictionary
from ledger.model import Contradiction, Fact, Grade, Person, Said, Statement, Track, Value
from ledger.records import records_of
from ledger.spells import Listed
from ledger.tracks import TrackStatement, combine
from ledger.values import read, read_tracked

_NO_ANSWERS: Mapping[str, Value] = {}
_RESIDENT_ID = 18  # digits of a number of GB 11643-1999


@dataclass(slots=True)
class Draft:
    """What was stated about one person, or about the household itself, gathered weakest first.

    Attributes:
        claims: its point facts.
        tracks: what was said of its spells, by kind.
        things: rows of its records.
    """

    claims: Claims
    tracks: dict[str, list[TrackStatement]] = field(default_factory=dict)
    things: list[tuple[Said, Row]] = field(default_factory=list)

    def combined(self, subject: str, flaws: list[Contradiction]) -> dict[str, Track]:
        """Return the tracks by kind; add to `flaws` what was said of them twice and differently."""
        tracks: dict[str, Track] = {}
        for kind, statements in self.tracks.items():
            tracks[kind], differing = combine(subject, kind, statements)
            flaws.extend(differing)
        return tracks


def persons_of(
    statements: Sequence[Statement], ranked: Sequence[Statement]
) -> tuple[tuple[Person, ...], list[Contradiction]]:
    """Return every person of a household, by id, and what was said of them twice and differently.

    Args:
        statements: in the order of the log: the first to name a person lends the id.
        ranked: the same, weakest first.
    """
    ids = _identities(statements)
    drafts: dict[str, Draft] = {}
    for statement in ranked:
        for row in statement.row.rows:
            if row.entity == "person" and row.key is not None:
                person = ids.get(row.key, row.key)
                if person not in drafts:
                    drafts[person] = Draft(Claims("person"))
                state(drafts[person], statement.said, row)
    flaws: list[Contradiction] = []
    return tuple(_person(person, drafts[person], statements, flaws) for person in sorted(drafts)), flaws


# --- identity


def resident_id(value: object) -> str | None:
    """Return a resident ID number if its length, date and check digit are right (GB 11643), else None."""
    text = value.strip().upper() if isinstance(value, str) else ""
    if len(text) != _RESIDENT_ID or not text[:-1].isascii() or not text[:-1].isdigit():
        return None
    return text if ric.calc_check_digit(text) == text[-1] and _born(text) is not None else None


def _born(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _identities(statements: Sequence[Statement]) -> dict[str, str]:
    """Return the row keys that stand for a person known by another: key → person id.

    A key seen for the first time is a person already known if its resident ID number is that person's and the same
    statement does not list that person apart. A name alone identifies nobody.
    """
    ids: dict[str, str] = {}
    known: set[str] = set()
    holders: dict[str, str] = {}
    for statement in statements:
        rows = [row for row in statement.row.rows if row.entity == "person" and row.key is not None]
        listed = {row.key for row in rows}
        for row in rows:
            key = row.key or ""
            stated = row.facts.get("resident_id")
            if stated is not None and (number := resident_id(stated)) is not None:
                holder = holders.setdefault(number, ids.get(key, key))
                if key not in known and holder != key and holder not in listed:
                    ids[key] = holder
            known.add(key)
    return ids


# --- one person, or the household itself


def state(draft: Draft, said: Said, row: Row) -> None:
    """Take in one row: point facts, a track statement for each kind of spell it speaks of, rows of records."""
    level = draft.claims.level
    values, asked = read_tracked(level, row.facts)
    if values:
        draft.claims.state(said, values)
    listed: dict[str, list[Listed]] = {}
    for part in row.rows:
        if part.entity.startswith("spell:"):
            kind = part.entity[6:]
            if part.key is not None and dictionary().spell_levels.get(kind, level) == level:
                listed.setdefault(kind, []).append(_listed(part))
        elif part.entity.startswith("record:"):
            draft.things.append((said, part))
    for kind in {**asked, **listed} if listed else asked:
        answers = asked.get(kind, _NO_ANSWERS)
        now, since = answers.get("now"), answers.get("history_from")
        statement = TrackStatement(
            said,
            kind,
            tuple(listed.get(kind, ())),
            now if isinstance(now, str) else None,
            since if isinstance(since, date) else None,
        )
        if kind in draft.tracks:
            draft.tracks[kind].append(statement)
        else:
            draft.tracks[kind] = [statement]


def _listed(row: Row) -> Listed:
    fields = read(row.entity, row.facts)
    start, end = fields.pop("start", None), fields.pop("end", None)
    first = start if isinstance(start, date) else None
    last = end if isinstance(end, date) and end != FOREVER else None
    return Listed(row.key or "", first, last, fields)


def _person(
    person_id: str, draft: Draft, statements: Sequence[Statement], flaws: list[Contradiction]
) -> Person:
    facts = draft.claims.facts()
    flaws.extend(draft.claims.contradictions(person_id))
    flaws.extend(_derive(person_id, facts))
    tracks = draft.combined(person_id, flaws)
    joined, left = _membership(facts)
    changes = draft.claims.changes()
    if not draft.things:
        return Person(person_id, facts, tracks, joined, left, changes)
    records, differing = records_of("person", person_id, draft.things, statements)
    flaws.extend(differing)
    return Person(person_id, facts, tracks, joined, left, changes, records)


def _derive(person_id: str, facts: dict[str, Fact]) -> Iterator[Contradiction]:
    """Add date of birth and sex, where nobody stated them, from the resident ID number (GB 11643: digits 7–14, 17).

    What was stated prevails; if it differs from the number, that is a contradiction.
    """
    fact = facts.get("resident_id")
    number = resident_id(fact.value) if fact is not None else None
    born = _born(number) if number is not None else None
    if fact is None or number is None or born is None:
        return
    for name, value in (("birth_date", born), ("sex", "1" if int(number[16]) % 2 else "2")):
        derived = Fact(value, fact.said)
        held = facts.setdefault(name, derived)
        if held.value != value and held.said.grade is not Grade.OFFICE:
            yield differs(person_id, name, held, derived)


def _membership(facts: Mapping[str, Fact]) -> tuple[date | None, date | None]:
    """Return the first and last day in the household, as `Person.joined` and `Person.left`.

    - Nobody told of an entry: joined is None. Born: joined on the day of birth. An entry without its day, or a person
      omitted before: since before anyone asked for the omitted, else from the day on which it was told.
    - An exit without its day: the day on which it was told. An entry after an exit, or on the same day and told later:
      the person came back.
    - Entered by mistake: the person never was a member, so `joined` is the day after `left` and `life` has no days.
    """
    joined: date | None = None
    left: date | None = None
    entry, exit_ = facts.get("entry.event"), facts.get("exit.event")
    entered = facts.get("entry.date")
    if entered is not None and isinstance(entered.value, date):
        joined = entered.value
    elif entry is not None and entry.value != "omitted":
        joined = entry.said.on
    born = facts.get("birth_date")
    if entry is not None and entry.value == "birth" and born is not None and isinstance(born.value, date):
        joined = born.value
    if exit_ is not None:
        gone = facts.get("exit.date")
        left = gone.value if gone is not None and isinstance(gone.value, date) else exit_.said.on
        if exit_.value == "mistaken":
            joined = next_day(left)
        elif joined is not None and (joined > left or (joined == left and _told_later(entry, exit_))):
            left = None
    return joined, left


def _told_later(entry: Fact | None, exit_: Fact) -> bool:
    return entry is not None and entry.said.on > exit_.said.on
