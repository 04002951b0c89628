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
_PERSONAL_TEXT = {("person", "phone")}
_EVIDENCE = {"evidence", "evidence_on", "paid_on", "paid_for", "amount", "document"}
_DATES = ("on", "lost_on", "start", "opened_on", "allotted_on")
_DAYS_OF_A_YEAR = 365
# What no visit begins with: it is asked anew each time, or is for the office alone. Of a kind with "*" nothing travels.
_ASKED_ANEW: Mapping[str, tuple[str, ...]] = {
    "household": (
        "consent", "food.*", "clothing.*", "water.*", "medical.*", "housing.*", "income.*", "dibao.[ar]*",
        "grid_worker.*", "adaptation.topics", "publicity.*", "sales.*", "stable_since",
    ),
    "person": (
        "hukou.own_will", "hukou.asked_to_give_up", "hukou.fee_charged", "hukou.wants_move", "equal.*", "party.*",
        "icls.*", "work.[!n]*", "train.*", "startup.*", "hard_to_employ*", "public_post.*",
    ),
    "spell:job": ("occupation", "industry", "status", "hours_week", "pay_month", "arrears", "employer_insures"),
    "spell:dibao": ("stop_reason",),
    "spell:measure": ("benefit",),
    "spell:family_doctor": ("team",),
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
    - Of each kind of spell the open ones, or else the most recent. `key` is there only where another spell starts on
      the same day; else the spell is answered about under `core.ids.spell_name`. Without `start` it began at birth.
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
    return {kind: rows for kind, track in sorted(tracks.items()) if (rows := _spells(track, born))}


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


def asked_anew(level: str, name: str) -> bool:
    """Tell whether no visit begins with a fact: it does not travel to phones, and no form of ours starts from it."""
    return any(fnmatchcase(name, pattern) for pattern in _ASKED_ANEW.get(level, ()))


@cache
def _hidden(level: str) -> frozenset[str]:
    """Return the names of a level's facts that do not travel: identifiers, persons' telephones, comings and goings.

    Nor does what is asked anew each time, nor what is sensitive in a record, such as a sale that somebody suspects.
    """
    return frozenset(
        name
        for (at, name), spec in dictionary().facts.items()
        if at == level
        and (
            spec.type is FactType.IDENTIFIER
            or (at, name) in _PERSONAL_TEXT
            or (spec.pii == "sensitive" if level.startswith("record:") else name in _EVIDENCE)
            or name == "region"
            or name.startswith(("entry.", "exit."))
            or asked_anew(level, name)
        )
    )


def _spells(track: Track, born: date | None) -> list[dict[str, Any]]:
    chosen = [spell for spell in track.spells if spell.end is None]
    if not chosen and track.spells:
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
