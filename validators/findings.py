"""Findings in the database. What a finding is and how it lives: `validators.life`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bson.binary import Binary
from pymongo import ReplaceOne

from core.spans import Span
from ledger.model import Value
from store import Document, Sealer, Session, Store
from validators.life import LIVE, Event, Finding, State, Why, allowed, finding_id, step
from validators.rule import Severity

__all__ = [
    "LIVE",
    "Event",
    "Filters",
    "Finding",
    "FindingRepository",
    "State",
    "Why",
    "allowed",
    "finding_id",
    "from_document",
    "step",
    "to_document",
]

_LEVELS = (0, 2, 4, 6, 9, 12)
PAGE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """Which findings of a region; None leaves a part open.

    Attributes:
        overdue_on: only findings whose deadline lies before this day.
    """

    unit: str | None = None
    states: Sequence[State] = ()
    rule: str | None = None
    severity: Severity | None = None
    household: str | None = None
    overdue_on: date | None = None


class FindingRepository:
    """Findings of all households. Every reading by a person takes the region prefix that bounds the person.

    Args:
        store: the database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_households(
        self, households: Iterable[str], *, session: Session | None = None
    ) -> dict[str, dict[str, Finding]]:
        """Return all findings of households, by household and id; for settling."""
        found: dict[str, dict[str, Finding]] = defaultdict(dict)
        query = {"household": {"$in": list(households)}}
        for document in self._store["findings"].find(query, session=session):
            found[document["household"]][document["_id"]] = _unsealed(document, self._store.sealer)
        return dict(found)

    def upsert_many(self, session: Session | None, findings: Iterable[Finding]) -> None:
        """Write findings as they are now; pass those that changed."""
        sealer = self._store.sealer
        writes = [ReplaceOne({"_id": f.id}, _sealed(to_document(f), sealer), upsert=True) for f in findings]
        if writes:
            self._store["findings"].bulk_write(writes, ordered=False, session=session)

    def get(self, finding: str, region_prefix: str, unit: str | None = None) -> Finding | None:
        """Return a finding, or None when there is none within the region, or of the unit if one is given."""
        query = {"_id": finding} | _within(region_prefix) | _narrowed(Filters(unit=unit))
        document = self._store["findings"].find_one(query)
        return None if document is None else _unsealed(document, self._store.sealer)

    def of_unit(self, unit: str, findings: Iterable[str]) -> set[str]:
        """Return those of some findings that are a unit's."""
        query = {"_id": {"$in": list(findings)}, "unit": unit}
        return {document["_id"] for document in self._store["findings"].find(query, {"_id": 1})}

    def concerned(self, unit: str, households: Iterable[str]) -> set[str]:
        """Return those of some households in which a unit has, or had, a finding."""
        query = {"household": {"$in": list(households)}, "unit": unit}
        return set(self._store["findings"].distinct("household", query))

    def households_of(self, unit: str, region_prefix: str, *, after: str | None = None) -> Iterator[str]:
        """Yield the households of a region in which a unit has, or had, a finding, by id, after an id."""
        query: Document = {"unit": unit} | _within(region_prefix)
        if after is not None:
            query["household"] = {"$gt": after}
        last = None
        for document in self._store["findings"].find(query, {"household": 1}).sort("household", 1):
            if document["household"] != last:
                last = document["household"]
                yield last

    def page(
        self,
        region_prefix: str,
        filters: Filters,
        *,
        after: tuple[date, str] | None = None,
        limit: int = 50,
    ) -> list[Finding]:
        """Return findings of a region, soonest deadline first.

        Args:
            region_prefix: the region that bounds the reader.
            filters: which of them.
            after: (due, id) of the last finding of the page before.
            limit: at most so many, and never more than 500.
        """
        query: Document = _within(region_prefix) | _narrowed(filters)
        if after is not None:
            due, last = after[0].isoformat(), after[1]
            query["$or"] = [{"due": {"$gt": due}}, {"due": due, "_id": {"$gt": last}}]
        cursor = self._store["findings"].find(query).sort([("due", 1), ("_id", 1)])
        return [_unsealed(document, self._store.sealer) for document in cursor.limit(min(limit, PAGE_LIMIT))]

    def counts(self, region_prefix: str) -> dict[str, dict[State, int]]:
        """Return how many findings there are in a region, by rule and state."""
        group = {"_id": {"rule": "$rule", "state": "$state"}, "n": {"$sum": 1}}
        counted: dict[str, dict[State, int]] = {}
        for row in self._store["findings"].aggregate([{"$match": _within(region_prefix)}, {"$group": group}]):
            counted.setdefault(row["_id"]["rule"], {})[State(row["_id"]["state"])] = row["n"]
        return {rule: dict(sorted(states.items())) for rule, states in sorted(counted.items())}


def _sealed(document: Document, sealer: Sealer) -> Document:
    """Return a finding's document as it is kept: what it says of a person is sealed, and what people wrote."""
    told = {
        "values": document.pop("values"),
        "variant": document.pop("variant"),
        "notes": [event.pop("note") for event in document["history"]],
        "shown": [event.pop("evidence") for event in document["history"]],
    }
    return document | {"sealed": Binary(sealer.seal(f"finding/{document['_id']}", told))}


def _unsealed(document: Mapping[str, Any], sealer: Sealer) -> Finding:
    told = sealer.unseal(f"finding/{document['_id']}", document["sealed"])
    written = zip(document["history"], told["notes"], told["shown"], strict=True)
    history = [event | {"note": note, "evidence": shown} for event, note, shown in written]
    return from_document(
        {**document, "values": told["values"], "variant": told["variant"], "history": history}
    )


def to_document(finding: Finding) -> Document:
    """Return the document of a finding. Days are ISO text; `areas` are the regions it lies in, for the indexes."""
    return {
        "_id": finding.id,
        "household": finding.household,
        "region": finding.region,
        "areas": [finding.region[:level] for level in _LEVELS if level <= len(finding.region)],
        "rule": finding.rule,
        "rule_version": finding.rule_version,
        "clause": finding.clause,
        "subject": finding.subject,
        "episode": finding.episode,
        "severity": finding.severity.value,
        "unit": finding.unit,
        "state": finding.state.value,
        "opened_on": finding.opened_on.isoformat(),
        "due": finding.due.isoformat(),
        "span": None
        if finding.span is None
        else [finding.span.start.isoformat(), finding.span.end.isoformat()],
        "variant": list(finding.variant),
        "values": {name: _plain(value) for name, value in finding.values.items()},
        "evidence": list(finding.evidence),
        "parameters": [[parameter, since.isoformat()] for parameter, since in finding.parameters],
        "yielded": finding.yielded,
        "history": [_event_document(event) for event in finding.history],
    }


def from_document(document: Mapping[str, Any]) -> Finding:
    """Return the finding of a document."""
    span = document["span"]
    return Finding(
        id=document["_id"],
        household=document["household"],
        region=document["region"],
        rule=document["rule"],
        rule_version=document["rule_version"],
        clause=document["clause"],
        subject=document["subject"],
        episode=document["episode"],
        severity=Severity(document["severity"]),
        unit=document["unit"],
        state=State(document["state"]),
        opened_on=date.fromisoformat(document["opened_on"]),
        due=date.fromisoformat(document["due"]),
        span=None if span is None else Span(*map(date.fromisoformat, span)),
        variant=tuple(document["variant"]),
        values={name: _value(plain) for name, plain in document["values"].items()},
        evidence=tuple(document["evidence"]),
        parameters=tuple((name, date.fromisoformat(since)) for name, since in document["parameters"]),
        yielded=document["yielded"],
        history=tuple(_event(entry) for entry in document["history"]),
    )


def _event_document(event: Event) -> Document:
    return {
        "at": event.at,
        "day": event.day.isoformat(),
        "state": event.state.value,
        "why": event.why.value,
        "by": event.by,
        "op": event.op,
        "note": event.note,
        "evidence": list(event.evidence),
    }


def _event(entry: Mapping[str, Any]) -> Event:
    return Event(
        entry["at"],
        date.fromisoformat(entry["day"]),
        State(entry["state"]),
        Why(entry["why"]),
        entry["by"],
        entry["op"],
        entry["note"],
        tuple(entry["evidence"]),
    )


def _plain(value: Value) -> Any:
    """Return a value as BSON keeps it; a day is marked, so that it comes back as a day."""
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def _value(plain: Any) -> Value:
    if isinstance(plain, dict):
        return date.fromisoformat(plain["day"])
    value: Value = tuple(plain) if isinstance(plain, list) else plain
    return value


def _within(region_prefix: str) -> Document:
    """Return the query for a region: exact for a level of the region codes, else by prefix."""
    if len(region_prefix) in _LEVELS:
        return {"areas": region_prefix}
    return {"region": {"$gte": region_prefix, "$lt": region_prefix + "~"}}


def _narrowed(filters: Filters) -> Document:
    query: Document = {
        name: value
        for name, value in (
            ("unit", filters.unit),
            ("rule", filters.rule),
            ("severity", filters.severity and filters.severity.value),
            ("household", filters.household),
        )
        if value is not None
    }
    if filters.states:
        query["state"] = {"$in": [state.value for state in filters.states]}
    if filters.overdue_on is not None:
        query["due"] = {"$lt": filters.overdue_on.isoformat()}
    return query
