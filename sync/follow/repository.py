"""Cases and what was added to them, in the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bson.binary import Binary
from pymongo import ReturnDocument, UpdateOne

from store import Document, Sealer, Session, Store
from store.paging import LEVELS, Place, areas, page, within
from validators.cases import UNDONE, Case, CaseState
from validators.rule import Severity

LIVE_STATES = (CaseState.OPEN, CaseState.ACKNOWLEDGED, CaseState.ACTED)


@dataclass(frozen=True, slots=True)
class Kept:
    """A case as it is kept: what its findings make it, and what the office added.

    Attributes:
        case: as its findings made it.
        owner: user id of the officer who works on it, or None.
        level: how many steps of escalation were taken since its present deadline.
        next_step: the day of the next step, None when there is none to come.
    """

    case: Case
    owner: str | None
    level: int
    next_step: date | None


@dataclass(frozen=True, slots=True)
class Added:
    """What an office, or the calendar, added to a case.

    Attributes:
        kind: `assigned`, `comment` or `escalated`.
        by: user id; None: the calendar.
        text: what somebody wrote.
        owner: the new owner of `assigned`.
        step: to whom `escalated` told it.
    """

    id: str
    at: datetime
    day: date
    kind: str
    by: str | None
    text: str = ""
    owner: str | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """Which cases of a region; None leaves a part open.

    Attributes:
        unit: whose.
        helping: in which this unit cooperates.
        states: which; the live ones by default.
        owner: user id; "" for those without.
        overdue_on: only those not acted upon whose deadline lies before this day.
    """

    unit: str | None = None
    helping: str | None = None
    states: Sequence[CaseState] = LIVE_STATES
    owner: str | None = None
    severity: Severity | None = None
    overdue_on: date | None = None


class CaseRepository:
    """Cases by household, unit, region, owner and day of escalation.

    Args:
        store: the database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- for settling and the calendar, which know no caller

    def of_households(self, households: Iterable[str], session: Session | None = None) -> dict[str, Kept]:
        """Return the cases of households by id: one read."""
        query = {"household": {"$in": list(households)}}
        found = self._store["cases"].find(query, session=session)
        return {document["_id"]: _kept(document) for document in found}

    def put(self, session: Session, kept: Iterable[Kept]) -> None:
        """Write cases as their findings make them; the owner stays who it is."""
        writes = [UpdateOne({"_id": each.case.id}, _update(each), upsert=True) for each in kept]
        if writes:
            self._store["cases"].bulk_write(writes, ordered=False, session=session)

    def to_tell(self, day: date, limit: int) -> list[Kept]:
        """Return overdue cases whose next step of escalation has come by a day, the longest waiting first."""
        query = {"next_step": {"$lte": day.isoformat()}}
        found = self._store["cases"].find(query).sort([("next_step", 1), ("_id", 1)]).limit(limit)
        return [_kept(document) for document in found]

    def take_step(self, before: Kept, next_step: date | None, session: Session) -> bool:
        """Count a step of escalation, unless the case changed meanwhile; tell whether it was counted."""
        state = {"$in": [state.value for state in UNDONE]}
        query = {"_id": before.case.id, "level": before.level, "due": before.case.due.isoformat()}
        change: Document = {"$inc": {"level": 1}}
        if next_step is None:
            change["$unset"] = {"next_step": ""}
        else:
            change["$set"] = {"next_step": next_step.isoformat()}
        done = self._store["cases"].update_one(query | {"state": state}, change, session=session)
        return bool(done.matched_count)

    def owners(self) -> list[str]:
        """Return the users who own a case that is not closed."""
        state = {"$in": [state.value for state in LIVE_STATES]}
        found = self._store["cases"].distinct("owner", {"owner": {"$type": "string"}, "state": state})
        return sorted(found)

    def owned_by(self, owner: str) -> list[Kept]:
        """Return the cases of an owner that are not closed."""
        state = {"$in": [state.value for state in LIVE_STATES]}
        return [_kept(document) for document in self._store["cases"].find({"owner": owner, "state": state})]

    # --- what is added

    def own(self, case: str, owner: str | None, session: Session) -> Kept | None:
        """Give a case to an owner, and return it as it was; None when there is none."""
        found = self._store["cases"].find_one_and_update(
            {"_id": case},
            {"$set": {"owner": owner}},
            return_document=ReturnDocument.BEFORE,
            session=session,
        )
        return None if found is None else _kept(found)

    def add(self, case: Case, added: Added, session: Session) -> None:
        """Add something to a case's history."""
        document: Document = {
            "_id": added.id,
            "case": case.id,
            "household": case.household,
            "at": added.at,
            "day": added.day.isoformat(),
            "kind": added.kind,
            "by": added.by,
            "owner": added.owner,
            "step": added.step,
        }
        if added.text:
            document["text"] = Binary(self._store.sealer.seal(f"case_event/{added.id}", added.text))
        self._store["case_events"].insert_one(document, session=session)

    def added_to(self, case: str) -> list[Added]:
        """Return what was added to a case, oldest first."""
        found = self._store["case_events"].find({"case": case}).sort([("at", 1), ("_id", 1)])
        return [_added(document, self._store.sealer) for document in found]

    # --- for callers, within their region

    def get(self, case: str, region: str, unit: str | None = None) -> Kept | None:
        """Return a case; None when there is none within the region, or none that a given unit has to do with."""
        query: Document = {"_id": case} | _within(region)
        if unit is not None:
            query["$or"] = [{"unit": unit}, {"cooperating": unit}]
        document = self._store["cases"].find_one(query)
        return None if document is None else _kept(document)

    def page(
        self, region: str, filters: CaseFilters, *, place: Place | None, limit: int
    ) -> tuple[list[Kept], Place | None]:
        """Return a page of cases of a region, soonest deadline first, and the place of the next page."""
        query = _within(region) | _narrowed(filters)
        keys = ("due", "_id")
        found, following = page(self._store, "cases", query, keys=keys, place=place, limit=limit)
        return [_kept(document) for document in found], following

    def summary(
        self, region: str, unit: str | None, helping: str | None, day: date, digits: int
    ) -> list[Document]:
        """Return figures by unit and part of a region: how many cases stand how, are overdue, have no owner.

        Args:
            region: the region.
            unit: only this unit's.
            helping: only those in which this unit cooperates.
            day: today.
            digits: length of the codes of the parts.
        """
        undone = {"$in": ["$state", [state.value for state in UNDONE]]}
        late = {"$and": [undone, {"$lt": ["$due", day.isoformat()]}]}
        lost = {"$and": [{"$ne": ["$state", CaseState.CLOSED.value]}, {"$eq": ["$owner", None]}]}
        counts = {
            state.value: _count({"$eq": ["$state", state.value]}) for state in CaseState
        } | {"overdue": _count(late), "unowned": _count(lost)}  # fmt: skip
        group = {"_id": {"unit": "$unit", "region": {"$substrBytes": ["$region", 0, digits]}}, **counts}
        match = _within(region) | _of(unit, helping)
        rows = self._store["cases"].aggregate(
            [{"$match": match}, {"$group": group}, {"$sort": {"_id.unit": 1, "_id.region": 1}}]
        )
        return [row.pop("_id") | row for row in rows]


def _count(condition: Document) -> Document:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _update(kept: Kept) -> Document:
    case = kept.case
    values: Document = {
        "household": case.household,
        "region": case.region,
        "areas": areas(case.region),
        "unit": case.unit,
        "state": case.state.value,
        "severity": case.severity.value,
        "due": case.due.isoformat(),
        "opened_on": case.opened_on.isoformat(),
        "rules": list(case.rules),
        "live": case.live,
        "cooperating": list(case.cooperating),
        "level": kept.level,
    }
    step = {} if kept.next_step is None else {"next_step": kept.next_step.isoformat()}
    gone = {"$unset": {"next_step": ""}} if kept.next_step is None else {}
    return {"$set": values | step, "$setOnInsert": {"owner": kept.owner}, **gone}


def _kept(document: Mapping[str, Any]) -> Kept:
    step = document.get("next_step")
    return Kept(
        Case(
            document["_id"],
            document["household"],
            document["region"],
            document["unit"],
            CaseState(document["state"]),
            Severity(document["severity"]),
            date.fromisoformat(document["due"]),
            date.fromisoformat(document["opened_on"]),
            tuple(document["rules"]),
            document["live"],
            tuple(document["cooperating"]),
        ),
        document["owner"],
        document["level"],
        None if step is None else date.fromisoformat(step),
    )


def _added(document: Mapping[str, Any], sealer: Sealer) -> Added:
    sealed = document.get("text")
    text = "" if sealed is None else str(sealer.unseal(f"case_event/{document['_id']}", sealed))
    return Added(
        document["_id"],
        document["at"],
        date.fromisoformat(document["day"]),
        document["kind"],
        document["by"],
        text,
        document["owner"],
        document["step"],
    )


def _within(region: str) -> Document:
    """Return the query for a region: exact for a level of the region codes, else by prefix."""
    return {"areas": region} if len(region) in LEVELS else {"region": within(region)}


def _of(unit: str | None, helping: str | None) -> Document:
    whose = {} if unit is None else {"unit": unit}
    return whose if helping is None else whose | {"cooperating": helping}


def _narrowed(filters: CaseFilters) -> Document:
    states, query = filters.states, _of(filters.unit, filters.helping)
    if filters.overdue_on is not None:
        states = [state for state in states if state in UNDONE]
        query["due"] = {"$lt": filters.overdue_on.isoformat()}
    query["state"] = {"$in": [state.value for state in states]}
    if filters.owner is not None:
        query["owner"] = filters.owner or None
    if filters.severity is not None:
        query["severity"] = filters.severity.value
    return query
