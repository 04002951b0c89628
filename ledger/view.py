"""An entry as phones pull it: what an enumerator needs at the door, and no more. Pure.

Small, because 300 of them travel over a bad line: no numbers that identify a person, no statements, no empty values.
The household's own telephone is there: whoever is to visit calls first.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from forms.facts import FactType
from ledger.dictionary import dictionary
from ledger.model import (
    Fact,
    Folded,
    Household,
    Interview,
    InterviewState,
    Person,
    Record,
    Site,
    Spell,
    Track,
    Value,
)

_OWN = {"name", "sex", "birth_date", "relation"}
_DATES = ("on", "lost_on", "start", "opened_on", "allotted_on")
_DAYS_OF_A_YEAR = 365
# What travels of a household, its members and their spells: where the visit goes, what our forms start from
# (`x-prefill`), and what an enumerator knows them by. A fact that is not named does not travel: it is asked.
_AT_DOOR: Mapping[str, frozenset[str]] = {
    "household": frozenset({
        "registry_no", "site", "address", "phone", "move_in", "cause", "cause_other", "adaptation.received",
        "adaptation.on",
    }),
    "person": frozenset({
        "nation", "education", "in_school", "skill_class", "skill_certificate", "health", "hukou.kind",
        "school.language_wanted", "wg.seeing", "wg.hearing", "wg.walking", "wg.remembering", "wg.self_care",
        "wg.communicating",
    }),
    "spell:insurance.medical": frozenset({"scheme"}),
    "spell:insurance.pension": frozenset({"scheme"}),
    "spell:hukou": frozenset({"place"}),
    "spell:schooling": frozenset({"school_name", "grade"}),
    "spell:job": frozenset({"employer"}),
    "spell:family_doctor": frozenset(),
    "spell:dibao": frozenset(),
    "spell:measure": frozenset({"kind"}),
}  # fmt: skip
# Of these a spell that is over says nothing to whoever is at the door.
_OPEN_ONLY = frozenset({"job", "family_doctor", "dibao", "measure", "hukou"})
# What of a record no visit begins with: it is asked anew each time, or is for the office alone. "*": nothing travels.
_ASKED_ANEW: Mapping[str, tuple[str, ...]] = {
    "record:dwelling": (
        "asset_id", "in_asset_ledger", "owner", "manager", "cost", "fund_source", "use_*", "transfer_*", "lease_*",
        "special_mode", "cert_obstacle", "decision*",
    ),
    "record:old_house": ("lived_in_by",),
    "record:plot": ("mode", "own_will", "rent_*", "compensation_to", "idle_seasons", "wants_help"),
    "record:right": ("held", "lost_on"),
    "record:subsidy": ("*",),
    "record:training": ("*",),
    "record:training_plan": ("*",),
    "record:job_loss": ("*",),
    "record:service": ("solved", "days"),
    "record:infrastructure": ("asset_id", "in_asset_ledger", "manager", "use_approved", "use_permit"),
    "record:facility": ("asset_id", "in_asset_ledger", "manager", "use_approved", "use_permit"),
    "record:link": ("year", "promised", "due_on", "received"),
}  # fmt: skip
_VISITS = 5
_NO_HEAD = frozenset({InterviewState.HELD, InterviewState.VOID})


def worklist_row(household: Household) -> dict[str, Any]:
    """Return the row of one household in a work list, of JSON values.

    `{"region", "facts": {name: value}, "members": [{"id", "name", "sex", "birth_date", "relation", "joined", "left",
    "event", "facts": {name: value}, "spells": {kind: [{"key", "start", "end", field: value}]}, "records": …}],
    "spells": …, "records": {kind: [{"key", field: value}]}, "interviews": {form_id: {"on", "round", "state"}},
    "visits": [[day, outcome]]}`

    - The household's id is in the row's key.
    - `event` is the code of `exit.event` of one who left; of those only who they were is told.
    - Facts of the household and its members, and kinds of spells with their fields, are those that are named for it:
      what forms start from, and what leads to the door.
    - Of each kind of spell the open ones, or else the most recent, unless one that is over says nothing at the door.
      `key` is there only where another spell starts on the same day; else the spell is answered about under
      `core.ids.spell_name`. Without `start` it began at birth.
      `spells` beside the members are the household's own; of those the name is made with the household's id.
    - Of the records those that are not past: what is dated a year or more before the last interview is. `key` is there
      where nothing else tells one record from another. Sensitive fields do not travel, nor records that are sensitive.
    - Of each form the latest interview: `round` if it has one, `state` unless it is `head`.
    - The last five failed visits, newest first.
    - What is not known is not there.
    """
    past = _past(household) if any(household.all_records()) else date.min
    row = {
        "region": household.region,
        "facts": _facts("household", household.facts),
        "members": [
            _member(person, past) for person in household.persons if person.text("exit.event") != "mistaken"
        ],
        "spells": _kinds_of_spells(household.tracks, None),
        "records": _records(household.records_by_kind, past),
        "interviews": _latest(household.interviews),
        "visits": [[day.isoformat(), outcome] for _, day, outcome in _newest(household.visits)],
    }
    return {name: value for name, value in row.items() if value or name == "members"}


def site_row(site: Site) -> dict[str, Any]:
    """Return the row of a site or banner in a work list, of JSON values.

    `{"region", "facts", "records", "interviews", "visits"}`, each as in the row of a household.
    """
    row = {
        "region": site.region,
        "facts": _facts(site.kind, site.facts),
        "records": _records(site.records_by_kind, _past(site)),
        "interviews": _latest(site.interviews),
        "visits": [[day.isoformat(), outcome] for _, day, outcome in _newest(site.visits)],
    }
    return {name: value for name, value in row.items() if value or name == "facts"}


def _newest(visits: Iterable[tuple[str, date, str]]) -> list[tuple[str, date, str]]:
    return sorted(visits, key=lambda visit: (visit[1], visit[0]), reverse=True)[:_VISITS]


def _member(person: Person, past: date) -> dict[str, Any]:
    member: dict[str, Any] = {"id": person.id}
    for name in ("name", "sex", "birth_date", "relation"):
        fact = person.facts.get(name)
        if fact is not None:
            member[name] = _json(fact.value)
    if person.left is not None:
        member["left"] = person.left.isoformat()
        event = person.text("exit.event")
        return member | ({"event": event} if event else {})
    if person.joined is not None:
        member["joined"] = person.joined.isoformat()
    facts = _facts("person", {name: fact for name, fact in person.facts.items() if name not in _OWN})
    born = person.birth_date
    spells, records = _kinds_of_spells(person.tracks, born), _records(person.records_by_kind, past)
    more = {"facts": facts, "spells": spells, "records": records}
    return member | {name: value for name, value in more.items() if value}


def _kinds_of_spells(tracks: Mapping[str, Track], born: date | None) -> dict[str, Any]:
    told = {kind: track for kind, track in sorted(tracks.items()) if f"spell:{kind}" in _AT_DOOR}
    return {kind: rows for kind, track in told.items() if (rows := _spells(track, born))}


# --- records


def _past(entry: Folded) -> date:
    """Return the day before which what is dated is past: a year before the last that was said of any record."""
    days = [said.on for record in entry.all_records() for said in record.said]
    last = max([*days, *(interview.said_on for interview in entry.interviews)], default=date.max)
    return last - timedelta(days=_DAYS_OF_A_YEAR)


def _records(records: Mapping[str, tuple[Record, ...]], past: date) -> dict[str, Any]:
    """Return the rows of the records that travel, by kind."""
    told: dict[str, Any] = {}
    for kind, listed in sorted(records.items()):
        spec = dictionary().records.get(kind)
        if spec is None or spec.pii == "sensitive" or "*" in _ASKED_ANEW.get(f"record:{kind}", ()):
            continue
        rows = [_record(each, keyed=spec.identity is None) for each in listed if _dated(each) >= past]
        if rows := [row for row in rows if row]:
            told[kind] = rows
    return told


def _record(record: Record, *, keyed: bool) -> dict[str, Any]:
    return ({"key": record.id} if keyed else {}) | _facts(f"record:{record.kind}", record.facts)


def _dated(record: Record) -> date:
    """Return the day by which a record is past or not; those that last have none."""
    year = record.number("year")
    if year is not None:
        return date(min(max(int(year), 1), 9999), 12, 31)
    days = (*(record.day(name) for name in _DATES), _month(record.text("month")))
    return next((day for day in days if day is not None), date.max)


def _month(text: str | None) -> date | None:
    """Return the first day of a month that is written YYYY-MM; None if it is not."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _facts(level: str, facts: Mapping[str, Fact]) -> dict[str, Any]:
    hidden = _hidden(level)
    return {name: _json(fact.value) for name, fact in sorted(facts.items()) if name not in hidden}


def travels(level: str, name: str) -> bool:
    """Tell whether a fact of a level of the dictionary travels to phones, when it is known.

    `<kind>.now` of a spell is told by its spells: an open one that is in the row.
    """
    if level == "person" and name in _OWN:
        return True
    if name.endswith(".now") and f"spell:{name.removesuffix('.now')}" in _AT_DOOR:
        return True
    return name not in _hidden(level)


@cache
def _hidden(level: str) -> frozenset[str]:
    """Return the names of a level's facts that do not travel: identifiers, and what no visit begins with.

    Nor does what is sensitive in a record, such as a sale that somebody suspects.
    """
    named = _AT_DOOR.get(level, frozenset() if level.startswith("spell:") else None)
    anew = _ASKED_ANEW.get(level, ())
    return frozenset(
        name
        for (at, name), spec in dictionary().facts.items()
        if at == level
        and (
            spec.type is FactType.IDENTIFIER
            or (spec.pii == "sensitive" and level.startswith("record:"))
            or name == "region"
            or (named is not None and name not in named)
            or any(fnmatchcase(name, pattern) for pattern in anew)
        )
    )


def _spells(track: Track, born: date | None) -> list[dict[str, Any]]:
    chosen = [spell for spell in track.spells if spell.end is None]
    if not chosen and track.spells and track.kind not in _OPEN_ONLY:
        chosen = [max(track.spells, key=lambda spell: (spell.stated_end, spell.start, spell.key))]
    starts = [spell.start for spell in track.spells]
    return [_spell(spell, born, alone=starts.count(spell.start) == 1) for spell in chosen]


def _spell(spell: Spell, born: date | None, *, alone: bool) -> dict[str, Any]:
    row: dict[str, Any] = {} if alone else {"key": spell.key}
    if spell.start != born:
        row["start"] = spell.start.isoformat()
    if spell.end is not None:
        row["end"] = spell.end.isoformat()
    hidden = _hidden(f"spell:{spell.kind}")
    return row | {name: _json(value) for name, value in sorted(spell.fields.items()) if name not in hidden}


def _latest(interviews: Iterable[Interview]) -> dict[str, dict[str, Any]]:
    counting = sorted((i for i in interviews if i.state not in _NO_HEAD), key=lambda i: (i.said_on, i.id))
    return {each.form_id: _interview(each) for each in counting}


def _interview(interview: Interview) -> dict[str, Any]:
    row: dict[str, Any] = {"on": interview.said_on.isoformat()}
    if interview.round is not None:
        row["round"] = interview.round
    if interview.state is not InterviewState.HEAD:
        row["state"] = interview.state.value
    return row


def _json(value: Value) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
