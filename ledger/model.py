"""The ledger's frozen types: household, person, site; their tracks, spells and records; contradictions.

Evidence about a spell kind is three-valued: a day is in `Track.covered`, in `Track.absent`, or unknown. What was said
on day T holds up to T; only cover that was paid ahead reaches beyond T.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from typing import NamedTuple

from core.spans import FOREVER, NO_DAYS, Span, Spans
from forms.facts import Row
from ledger.reading import Facts, InterviewedEntry

Value = str | int | float | bool | date | tuple[str, ...]


class Grade(IntEnum):
    """How strong the evidence is; the stronger statement prevails, then the later one."""

    SELF_REPORT = 1
    DOCUMENT = 2  # card, receipt, app screen
    AGENCY = 3  # extract of the agency that runs the scheme, or the banner's register
    OFFICE = 4  # correction by the office

    @classmethod
    def of_evidence(cls, code: object) -> "Grade":
        """Return the grade of a spell's `evidence` code."""
        if code == "agency_extract":
            return cls.AGENCY
        return cls.DOCUMENT if code in {"card", "receipt", "app_screen"} else cls.SELF_REPORT


class Said(NamedTuple):
    """Who said something: op, day, strength."""

    op: str
    on: date
    grade: Grade


class Statement(NamedTuple):
    """One head revision's (or roster row's, or correction's) rows, ready to be folded."""

    said: Said
    row: Row


class Fact(NamedTuple):
    """A point value and the statement it comes from."""

    value: Value
    said: Said


@dataclass(frozen=True, slots=True)
class Record(Facts):
    """A thing that is no state over days: a dwelling, an old house, a plot, a subsidy of a year, a training.

    Attributes:
        kind: such as `old_house`.
        id: one identity across rounds: the key of the row that first named it in the log; of a kind of which its owner
            has but one, `<kind>` in an entry, `<person id>/<kind>` in a person.
        facts: its facts by name; the latest statement holds, of constants the strongest.
        changes: of facts with a history, see `history()`.
        said: every statement that spoke of it, weakest first.
    """

    kind: str
    id: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    changes: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    said: tuple[Said, ...] = ()

    @property
    def ops(self) -> tuple[str, ...]:
        """Ids of the ops that spoke of it."""
        return tuple(dict.fromkeys(said.op for said in self.said))


@dataclass(frozen=True, slots=True)
class Spell:
    """A person's or household's state over days, one continuous stretch.

    Attributes:
        kind: such as `insurance.medical`.
        key: stable id across rounds.
        start: first day.
        end: stated last day; None while open.
        days: the days known to lie in it (from start, to the last day anyone vouched for).
        fields: the spell's other facts by name (`scheme`, `place`, `transfer.state`, …); dates are `date`.
        said: every statement that spoke of it, weakest first; the last one prevailed.
    """

    kind: str
    key: str
    start: date
    end: date | None
    days: Span
    fields: Mapping[str, Value]
    said: tuple[Said, ...]

    def text(self, name: str) -> str | None:
        """Return a field as text, or None when it was not stated."""
        value = self.fields.get(name)
        return None if value is None else str(value)

    def day(self, name: str) -> date | None:
        """Return a date field, or None when it was not stated."""
        value = self.fields.get(name)
        return value if isinstance(value, date) else None

    @property
    def stated_end(self) -> date:
        """The stated last day; FOREVER while open."""
        return self.end or FOREVER

    @property
    def ops(self) -> tuple[str, ...]:
        """Ids of the ops that spoke of it."""
        return tuple(said.op for said in self.said)


@dataclass(frozen=True, slots=True)
class Track:
    """All that is known of one kind of spell of one person, or of a household.

    Attributes:
        spells: sorted by start, then key.
        covered: days known to lie in a spell.
        absent: days known to lie in none.
        asked: the latest statement about this kind, None when nobody asked.
        now: the latest answer to 'now?': yes, no or unknown.
    """

    kind: str
    spells: tuple[Spell, ...] = ()
    covered: Spans = NO_DAYS
    absent: Spans = NO_DAYS
    asked: Said | None = None
    now: str | None = None
    ops: tuple[str, ...] = ()

    def unknown(self, within: Spans) -> Spans:
        """Return the days of `within` of which nothing is known."""
        return within - self.covered - self.absent


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements that cannot both hold. Both stay in the log; `held` is what the ledger shows.

    Attributes:
        subject: id of the person, record or entry.
        fact: fact name, or spell kind; of spells and records also `<kind>.<fact name>`.
        held, other: the values as text.
        held_by, other_by: who said so.
        days: for spells, the days in question.
    """

    subject: str
    fact: str
    held: str
    other: str
    held_by: Said
    other_by: Said
    days: Spans = NO_DAYS


class InterviewState(StrEnum):
    """What settling decided about an interview."""

    HEAD = "head"
    FORKED = "forked"
    CONTESTED = "contested"
    PARENTLESS = "parentless"
    HELD = "held"
    VOID = "void"


class Returned(NamedTuple):
    """An interview was returned for correction: by which op, when, by whom, why."""

    op: str
    on: date
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview of the household: which revision counts, and what else there is.

    Attributes:
        id, form, form_id, round: the interview, its form version and form, and its round.
        op, user, said_on: the revision that counts, who sent it, on which day it was said.
        state: see `InterviewState`.
        stale: it was made under an assignment that was no more when it came.
        other_ops: revisions, and rival interviews, that do not count instead.
        waits_until: the day on which a revision that waits for its parent counts without it.
        returned: its head was returned for correction, and no later revision has come.
    """

    id: str
    form: str
    form_id: str
    round: str | None
    op: str
    user: str
    said_on: date
    state: InterviewState
    stale: bool = False
    other_ops: tuple[str, ...] = ()
    waits_until: date | None = None
    returned: Returned | None = None


class Flag(NamedTuple):
    """What a check of the data measured (DOMAIN §5): of an interview, a person, or an enumerator.

    Attributes:
        check: `Q5`, `Q10` to `Q19`; what a site is to a household (`validators/surroundings.py`).
        subject: interview, person, user, or the entry itself, as the check says.
        op: the revision that was measured; empty when it is about no interview.
        values: what was measured, and against what.
        by: the flag's own op.
        on: the day of the measurement.
    """

    check: str
    subject: str
    op: str
    values: Mapping[str, Value]
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Person(Facts):
    """A member of the household, past or present.

    Attributes:
        id: one identity across rounds (`x-key`).
        facts: point facts by name.
        tracks: by spell kind; use `track()`.
        joined: first day in the household; None: since before anyone asked.
        left: last day in the household; None: still there.
        changes: of facts with a history, see `history()`.
        records_by_kind: use `records()`.
    """

    id: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    tracks: Mapping[str, Track] = field(default_factory=dict)
    joined: date | None = None
    left: date | None = None
    changes: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    records_by_kind: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)

    def track(self, kind: str) -> Track:
        """Return what is known of a kind of spell; an empty track when nobody asked."""
        return self.tracks.get(kind) or Track(kind)

    def records(self, kind: str) -> tuple[Record, ...]:
        """Return the records of a kind, in the order in which they were first named."""
        return self.records_by_kind.get(kind, ())

    @property
    def birth_date(self) -> date | None:
        """Date of birth."""
        return self.day("birth_date")

    @property
    def name(self) -> str:
        """The name, or the id when nobody stated one."""
        return self.text("name") or self.id

    @property
    def life(self) -> Spans:
        """The days of membership, from birth at the earliest."""
        start = max(filter(None, (self.joined, self.birth_date)), default=date.min)
        return Spans.between(start, self.left or FOREVER)


@dataclass(frozen=True, slots=True)
class Household(Facts, InterviewedEntry):
    """The ledger entry of a household.

    Attributes:
        id: household id.
        region: region code (banner 6, sumu 9, gacha 12 digits), from the register.
        facts: point facts by name.
        persons: sorted by id; those who left stay.
        contradictions: what was said twice and differently.
        interviews: sorted by id.
        visits: failed visits, (op id, day, outcome), sorted.
        changes: of facts with a history, see `history()`.
        tracks: of the spells that are the household's own, by kind; use `track()`.
        records_by_kind: its own records; use `records()`.
        flags: what checks of the data measured, sorted.
    """

    id: str
    region: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    persons: tuple[Person, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    interviews: tuple[Interview, ...] = ()
    visits: tuple[tuple[str, date, str], ...] = ()
    changes: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    tracks: Mapping[str, Track] = field(default_factory=dict)
    records_by_kind: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()

    def track(self, kind: str) -> Track:
        """Return what is known of a kind of spell of the household itself; an empty track when nobody asked."""
        return self.tracks.get(kind) or Track(kind)

    def records(self, kind: str) -> tuple[Record, ...]:
        """Return the household's own records of a kind, in the order in which they were first named."""
        return self.records_by_kind.get(kind, ())

    def record(self, record_id: str) -> Record | None:
        """Return a record of the household or of a member by id."""
        return next((record for record in self.all_records() if record.id == record_id), None)

    def all_records(self) -> Iterator[Record]:
        """Yield every record, the household's own and then the members'."""
        for kept in (self.records_by_kind, *(person.records_by_kind for person in self.persons)):
            for records in kept.values():
                yield from records

    @property
    def move_in(self) -> date | None:
        """The day the household moved into its dwelling (搬迁入住)."""
        return self.day("move_in")

    def person(self, person_id: str) -> Person | None:
        """Return a member by id."""
        return next((person for person in self.persons if person.id == person_id), None)


@dataclass(frozen=True, slots=True)
class Site(Facts, InterviewedEntry):
    """The ledger entry of a site (安置点) or of a banner (旗区): what is asked of the place, and not of its households.

    Attributes:
        kind: `site` or `banner`.
        id: `site:<code>` or `banner:<six digits>`, see `core.ids`.
        region: region code, from the register; of a banner its own.
        facts, changes, records_by_kind, contradictions, interviews, visits, flags: as of a household.
    """

    kind: str
    id: str
    region: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    changes: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    records_by_kind: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    contradictions: tuple[Contradiction, ...] = ()
    interviews: tuple[Interview, ...] = ()
    visits: tuple[tuple[str, date, str], ...] = ()
    flags: tuple[Flag, ...] = ()

    @property
    def name(self) -> str:
        """The name, or the id when nobody stated one."""
        fact = self.facts.get("name")
        return self.id if fact is None else str(fact.value)

    def records(self, kind: str) -> tuple[Record, ...]:
        """Return the records of a kind, in the order in which they were first named."""
        return self.records_by_kind.get(kind, ())

    def record(self, record_id: str) -> Record | None:
        """Return a record by id."""
        return next((record for record in self.all_records() if record.id == record_id), None)

    def all_records(self) -> Iterator[Record]:
        """Yield every record."""
        for records in self.records_by_kind.values():
            yield from records


Folded = Household | Site
"""What the ops of one ledger entry are folded into."""
