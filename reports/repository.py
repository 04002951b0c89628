"""Reports in the database: versions, whose cells are sealed and never changed, and the objects behind the cells.

Few objects may stand behind a cell, so cells and lists say something of households: both are sealed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from bson.binary import Binary
from pymongo.errors import DuplicateKeyError

from core.principal import Role
from core.problems import Conflict
from core.spans import Span
from forms.op import OpKind
from reports.cells import Cells
from reports.indicators import Line
from reports.moment import Moment
from store import Document, Sealer, Session, Store
from store.paging import Place, page, within

DRAFT_VERSION = 0
_CHUNK = 1000
_MAKING = "making"


class ReportState(StrEnum):
    """How far a version of a report has come. A draft may be made anew; nothing else ever changes but the state."""

    DRAFT = "draft"
    FROZEN = "frozen"
    SIGNED = "signed"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who answers for a report, and since when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """A version of a report without its cells.

    Attributes:
        month: YYYY-MM; region: whose report; unit: of which responsible unit alone, "" for all indicators.
        version: 0 is the draft, 1 the first that was frozen, later ones are restatements.
        moment: as of when it speaks.
        policy: digest of rules and parameters; indicators: digest of the indicators' definitions.
        households: how many were counted. digest: of the cells.
        restates: id of the frozen version that it restates; last: id of last month's report that it compares with.
        lists: id of the version whose `report_cells` hold the objects behind the cells.
        made_by: user id, "" when the clock did it.
        reminded_at: when its sender was reminded of it; overdue_at: when it was found not to be sent in time.
    """

    id: str
    month: str
    region: str
    unit: str
    version: int
    state: ReportState
    moment: Moment
    policy: str
    indicators: str
    households: int
    digest: str
    restates: str | None
    last: str | None
    lists: str
    made_by: str
    made_at: datetime
    signatures: tuple[Signature, ...] = ()
    sent_by: str | None = None
    sent_at: datetime | None = None
    reminded_at: datetime | None = None
    overdue_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A version of a report."""

    head: Head
    cells: Cells


class Behind(NamedTuple):
    """An object behind a cell: the ledger entry, the object's id, and what it adds to the sums."""

    entry: str
    subject: str
    num: int
    den: int
    unknown: int
    site: str
    kind: str


class OpRow(NamedTuple):
    """What a report needs of an op: kind, days, and the stage at which it was settled."""

    kind: str
    said_on: date
    received_at: datetime
    stage: datetime


def arrivals(store: Store, households: Sequence[str], month: Span) -> dict[str, list[OpRow]]:
    """Return the settled interviews and failed visits of households that were said in a month."""
    query = {
        "household": {"$in": list(households)},
        "kind": {"$in": [OpKind.INTERVIEW.value, OpKind.VISIT.value]},
        "said_on": {"$gte": month.start.isoformat(), "$lte": month.end.isoformat()},
        "settled.stage": {"$exists": True},
    }
    fields = {"household": 1, "kind": 1, "said_on": 1, "received_at": 1, "settled.stage": 1}
    found: dict[str, list[OpRow]] = defaultdict(list)
    for each in store["ops"].find(query, fields):
        said, stage = date.fromisoformat(each["said_on"]), each["settled"]["stage"]
        found[each["household"]].append(OpRow(each["kind"], said, each["received_at"], stage))
    return {household: sorted(rows) for household, rows in found.items()}


class ReportRepository:
    """Versions of reports, and the objects behind their cells."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- making

    def begin(  # noqa: PLR0913 - what names a version, by keyword
        self, report_id: str, *, month: str, region: str, unit: str, version: int, at: datetime
    ) -> None:
        """Take the place of a version, so that nobody else makes the same.

        Raises:
            Conflict: somebody else does, or has.
        """
        document = {"_id": report_id, "month": month, "region": region, "unit": unit, "version": version}
        try:
            self._store["reports"].insert_one(document | {"state": _MAKING, "made_at": at})
        except DuplicateKeyError as error:
            raise Conflict(
                f"Version {version} of the report of {month} is being made, or is there."
            ) from error

    def finish(self, report: Report) -> None:
        """Write a version into the place that was taken for it.

        Raises:
            Conflict: whoever thought that it was given up has dropped it.
        """
        document = _document(report, self._store.sealer)
        place = {"_id": report.head.id, "state": _MAKING}
        if not self._store["reports"].replace_one(place, document).matched_count:
            raise Conflict("It took so long that somebody else gave it up; make it again.")

    def drop(self, report_id: str) -> None:
        """Delete a draft, or what was begun and never finished, with its lists."""
        self._store["reports"].delete_one({"_id": report_id, "state": {"$in": [_MAKING, "draft"]}})
        if self._store["reports"].find_one({"_id": report_id}, {"_id": 1}) is None:
            self._store["report_cells"].delete_many({"report": report_id})

    def begun_before(self, at: datetime) -> list[str]:
        """Return the ids of what was begun before an instant and never finished."""
        found = self._store["reports"].find({"state": _MAKING, "made_at": {"$lt": at}}, {"_id": 1})
        return [each["_id"] for each in found]

    def lists(self, report_id: str) -> "ListWriter":
        """Return what writes the objects behind the cells of a version."""
        return ListWriter(self._store, report_id)

    # --- reading

    def get(self, report_id: str) -> Report | None:
        """Return a version."""
        found = self._store["reports"].find_one({"_id": report_id, "state": {"$ne": _MAKING}})
        return None if found is None else _report(found, self._store.sealer)

    def head(self, report_id: str) -> Head | None:
        """Return a version without its cells."""
        found = self._store["reports"].find_one({"_id": report_id, "state": {"$ne": _MAKING}}, {"cells": 0})
        return None if found is None else _head(found)

    def versions(self, month: str, region: str, unit: str = "") -> list[Head]:
        """Return the versions of a report, oldest first; the draft comes before all."""
        query = {"month": month, "region": region, "unit": unit, "state": {"$ne": _MAKING}}
        return [_head(each) for each in self._store["reports"].find(query, {"cells": 0}).sort("version", 1)]

    def newest(self, month: str, region: str, unit: str = "") -> Report | None:
        """Return the newest frozen version of a report."""
        query = {"month": month, "region": region, "unit": unit, "version": {"$gt": DRAFT_VERSION}}
        query["state"] = {"$ne": _MAKING}
        found = self._store["reports"].find_one(query, sort=[("version", -1)])
        return None if found is None else _report(found, self._store.sealer)

    def page(
        self, region: str, units: Sequence[str] | None, month: str | None, *, place: Place | None, limit: int
    ) -> tuple[list[Head], Place | None]:
        """Return a page of the versions of a region's reports, newest month first, and the next page's place."""
        query: Document = {"region": within(region), "state": {"$ne": _MAKING}}
        if units is not None:
            query["unit"] = {"$in": list(units)}
        if month is not None:
            query["month"] = month
        found, following = page(
            self._store,
            "reports",
            query,
            keys=("month", "_id"),
            place=place,
            limit=limit,
            without=("cells",),
            newest_first=True,
        )
        return [_head(each) for each in found], following

    def behind(
        self, lists: str, part: str, region: str, *, place: Place | None = None
    ) -> Iterator[tuple[Place, Behind]]:
        """Yield the objects behind a part within a region, each with its place in the list, after a place."""
        query: Document = {"report": lists, "part": part, "region": within(region)}
        start = ("", 0, -1) if place is None else place
        query["$or"] = [{"region": {"$gt": start[0]}}, {"region": start[0], "n": {"$gte": start[1]}}]
        found = self._store["report_cells"].find(query, batch_size=4).sort([("region", 1), ("n", 1)])
        with found as cursor:
            for chunk in cursor:
                rows = self._store.sealer.unseal(f"report-cells/{chunk['_id']}", chunk["rows"])
                for number, row in enumerate(rows):
                    here = (chunk["region"], chunk["n"], number)
                    if here > start:
                        yield here, Behind(*row)

    def names_of(self, head: Head) -> dict[str, str]:
        """Return the names of those who made, signed and sent a version, by user id."""
        users = {head.made_by, head.sent_by or "", *(each.by for each in head.signatures)}
        found = self._store["users"].find({"_id": {"$in": sorted(users)}}, {"name": 1})
        return {each["_id"]: each["name"] for each in found}

    # --- what becomes of a version

    def note(self, report_id: str, was: ReportState, change: Mapping[str, Any], session: Session) -> bool:
        """Change state or signatures of a version that is still as it was; tell whether it was."""
        query = {"_id": report_id, "state": was.value}
        done = self._store["reports"].update_one(query, dict(change), session=session)
        return done.modified_count == 1

    def awaited(self, head: Head, what: str, at: datetime, session: Session) -> bool:
        """Note on a version that somebody was reminded of it, or told that it is overdue.

        Args:
            head: the version.
            what: `reminded_at` or `overdue_at`.
            at: the instant.
            session: of the transaction that tells them.

        Returns:
            Whether it is to be told now: neither this version nor an earlier one of the month was noted before.
        """
        reports = self._store["reports"]
        done = reports.update_one({"_id": head.id, what: None}, {"$set": {what: at}}, session=session)
        others: Document = {
            "month": head.month,
            "region": head.region,
            "unit": head.unit,
            "_id": {"$ne": head.id},
        }
        known = reports.find_one(others | {what: {"$type": "date"}}, {"_id": 1}, session=session)
        return done.modified_count == 1 and known is None

    def has_signers(self, region: str, roles: Iterable[Role]) -> bool:
        """Tell whether somebody of exactly a region has one of some roles, and may sign in."""
        query = {"region": region, "role": {"$in": [role.value for role in roles]}, "state": "active"}
        return self._store["users"].find_one(query, {"_id": 1}) is not None

    def banners(self) -> list[str]:
        """Return the banners that have households, by code: one look into the index for each."""
        found: list[str] = []
        while True:
            after = found[-1] + "\uffff" if found else ""
            next_one = self._store["households"].find_one(
                {"region": {"$gt": after}}, {"region": 1}, sort=[("region", 1)]
            )
            if next_one is None:
                return found
            found.append(str(next_one["region"])[:6])


class ListWriter:
    """Writes the objects behind the cells of a version, a place after another; keeps one place's rows in memory.

    Args:
        store: the database.
        report_id: the version.
    """

    def __init__(self, store: Store, report_id: str) -> None:
        self._store, self._id = store, report_id
        self._region = ""
        self._rows: dict[str, list[Behind]] = defaultdict(list)
        self._numbers: dict[tuple[str, str], int] = defaultdict(int)

    def add(self, region: str, entry: str, lines: Iterable[tuple[str, Line]], site: str, kind: str) -> None:
        """Add the lines of an entry by part name; entries come in the order of their regions."""
        if region != self._region:
            self.flush()
            self._region = region
        for name, line in lines:
            rows = self._rows[name]
            rows.append(Behind(entry, line.subject, line.num, line.den, line.unknown, site, kind))
            if len(rows) >= _CHUNK:
                self._write({name: rows})
                self._rows[name] = []

    def flush(self) -> None:
        """Write what is in memory."""
        self._write(self._rows)
        self._rows.clear()

    def _write(self, rows: Mapping[str, Sequence[Behind]]) -> None:
        documents = [self._chunk(name, same) for name, same in rows.items() if same]
        if documents:
            self._store["report_cells"].insert_many(documents, ordered=False)

    def _chunk(self, name: str, rows: Sequence[Behind]) -> Document:
        number = self._numbers[self._region, name]
        self._numbers[self._region, name] += 1
        chunk = f"{self._id}/{name}/{self._region}/{number}"
        sealed = self._store.sealer.seal(f"report-cells/{chunk}", [list(row) for row in rows])
        place = {"report": self._id, "part": name, "region": self._region, "n": number}
        return {"_id": chunk, **place, "rows": Binary(sealed)}


def _document(report: Report, sealer: Sealer) -> Document:
    head, moment = report.head, report.head.moment
    return {
        "_id": head.id,
        "month": head.month,
        "region": head.region,
        "unit": head.unit,
        "version": head.version,
        "state": head.state.value,
        "as_of": moment.as_of,
        "day": moment.day.isoformat(),
        "known_until": moment.known_until,
        "policy": head.policy,
        "indicators": head.indicators,
        "households": head.households,
        "digest": head.digest,
        "restates": head.restates,
        "last": head.last,
        "lists": head.lists,
        "made_by": head.made_by,
        "made_at": head.made_at,
        "signatures": [{"by": each.by, "at": each.at} for each in head.signatures],
        "sent_by": head.sent_by,
        "sent_at": head.sent_at,
        "reminded_at": head.reminded_at,
        "overdue_at": head.overdue_at,
        "cells": Binary(sealer.seal(f"report/{head.id}", report.cells.to_json())),
    }


def _report(document: Mapping[str, Any], sealer: Sealer) -> Report:
    told = sealer.unseal(f"report/{document['_id']}", document["cells"])
    return Report(_head(document), Cells.from_json(told))


def _head(document: Mapping[str, Any]) -> Head:
    return Head(
        document["_id"],
        document["month"],
        document["region"],
        document["unit"],
        document["version"],
        ReportState(document["state"]),
        Moment(document["as_of"], date.fromisoformat(document["day"]), document["known_until"]),
        document["policy"],
        document["indicators"],
        document["households"],
        document["digest"],
        document["restates"],
        document["last"],
        document["lists"],
        document["made_by"],
        document["made_at"],
        tuple(Signature(each["by"], each["at"]) for each in document["signatures"]),
        document["sent_by"],
        document["sent_at"],
        document["reminded_at"],
        document["overdue_at"],
    )
