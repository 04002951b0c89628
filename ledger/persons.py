"""The statements of a household taken apart: its own facts, and each person's facts, tracks and membership. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from stdnum.cn import ric

from core.spans import FOREVER, next_day
from forms.facts import Row
from ledger.model import Contradiction, Fact, Grade, Person, Said, Statement, Track, Value
from ledger.spells import Listed
from ledger.tracks import TrackStatement, combine
from ledger.values import constants, read, read_person

_NO_ANSWERS: Mapping[str, Value] = {}
_RESIDENT_ID = 18  # digits of a number of GB 11643-1999


@dataclass(slots=True)
class Claims:
    """What was stated about one subject's point facts, gathered weakest first.

    Attributes:
        level: `household` or `person`.
        held: the strongest so far, by name.
        rivals: of facts that never change: what was stated before and differs, weakest first.
    """

    level: str
    held: dict[str, tuple[Value, Said]] = field(default_factory=dict)
    rivals: dict[str, list[Fact]] = field(default_factory=dict)

    def state(self, said: Said, values: Mapping[str, Value]) -> None:
        """Take in what a statement at least as strong as all before it says.

        Of a fact that never changes the strongest statement holds; of one that changes with time, the latest.
        """
        fixed, held, day = constants(self.level), self.held, recency(said)
        for name, value in values.items():
            before = held.get(name)
            if before is not None:
                if name not in fixed:
                    if recency(before[1]) > day:
                        continue
                elif before[0] != value:
                    self.rivals.setdefault(name, []).append(Fact(*before))
            held[name] = (value, said)

    def facts(self) -> dict[str, Fact]:
        """Return what prevails, by name."""
        return {name: Fact(value, said) for name, (value, said) in self.held.items()}

    def contradictions(self, subject: str) -> Iterator[Contradiction]:
        """Yield the different values of facts that never change, each once.

        A correction by the office settles what was said up to its day.
        """
        for name, rivals in self.rivals.items():
            held = Fact(*self.held[name])
            settled = held.said.on if held.said.grade is Grade.OFFICE else date.min
            told = {held.value}
            for rival in reversed(rivals):
                if rival.value not in told and rival.said.on > settled:
                    told.add(rival.value)
                    yield differs(subject, name, held, rival)


def recency(said: Said) -> tuple[date, Grade, str]:
    """Return what statements about a changing fact are ordered by, oldest first: day, grade, op."""
    return (said.on, said.grade, said.op)


def differs(subject: str, name: str, held: Fact, other: Fact) -> Contradiction:
    """Return the contradiction of two facts of one name."""
    return Contradiction(subject, name, str(held.value), str(other.value), held.said, other.said)


@dataclass(slots=True)
class _Draft:
    claims: Claims = field(default_factory=lambda: Claims("person"))
    tracks: dict[str, list[TrackStatement]] = field(default_factory=dict)


def persons_of(
    statements: Sequence[Statement], ranked: Sequence[Statement]
) -> tuple[tuple[Person, ...], list[Contradiction]]:
    """Return every person of a household, by id, and what was said of them twice and differently.

    Args:
        statements: in the order of the log: the first to name a person lends the id.
        ranked: the same, weakest first.
    """
    ids = _identities(statements)
    drafts: dict[str, _Draft] = {}
    for statement in ranked:
        for row in statement.row.rows:
            if row.entity == "person" and row.key is not None:
                person = ids.get(row.key, row.key)
                _state(drafts.setdefault(person, _Draft()), statement.said, row)
    flaws: list[Contradiction] = []
    return tuple(_person(person, drafts[person], flaws) for person in sorted(drafts)), flaws


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


# --- one person


def _state(draft: _Draft, said: Said, row: Row) -> None:
    """Take in one person row: point facts, and a track statement for each kind of spell it speaks of."""
    values, asked = read_person(row.facts)
    if values:
        draft.claims.state(said, values)
    listed: dict[str, list[Listed]] = {}
    for spell in row.rows:
        if spell.entity.startswith("spell:") and spell.key is not None:
            listed.setdefault(spell.entity[6:], []).append(_listed(spell))
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


def _person(person_id: str, draft: _Draft, flaws: list[Contradiction]) -> Person:
    facts = draft.claims.facts()
    flaws.extend(draft.claims.contradictions(person_id))
    flaws.extend(_derive(person_id, facts))
    tracks: dict[str, Track] = {}
    for kind, statements in draft.tracks.items():
        tracks[kind], differing = combine(person_id, kind, statements)
        flaws.extend(differing)
    joined, left = _membership(facts)
    return Person(person_id, facts, tracks, joined, left)


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
    - An exit without its day: the day on which it was told. An entry after an exit: the person came back.
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
        elif joined is not None and joined > left:
            left = None
    return joined, left
