"""Which unit gets which findings in a region, where a banner decided otherwise than the policy that is shipped.

The routes of regions are part of the policy that judges: they are in its version, so households are judged anew after a
change, and a rebuild gives what settling gave (docs/adr/0040-routing-of-regions.md).
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from access import audit
from access.model import Act
from core.problems import NotAllowed, PreconditionFailed, Unprocessable
from forms.op import OpKind
from ledger.repository import HOUSEHOLDS, SITES
from store import Document, Session, Store
from store.paging import within
from validators.engine import Engine
from validators.policy import Policy, Route

_FRESH_S = 20.0
_BATCH = 1000
_SETTLED = timedelta(minutes=2)
"""After so long every process judges by a change of routing."""
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Routed:
    """The engine by the routing of now. It reads what regions changed at most every twenty seconds.

    Args:
        store: the database.
        shipped: the engine by the policy that is shipped.
    """

    def __init__(self, store: Store, shipped: Engine) -> None:
        self._store = store
        self.shipped = shipped
        self._engine = shipped
        self._changed_at = _LONG_AGO
        self._read_at: float | None = None

    def engine(self) -> Engine:
        """Return the engine; the same one as long as the routing is the same."""
        if self._read_at is None or time.monotonic() - self._read_at > _FRESH_S:
            documents = list(self._store["routing"].find().sort("_id", 1))
            policy = self.policy_by(documents)
            if policy.version != self._engine.policy.version:
                self._engine = Engine(policy)
            self._changed_at = max((each["at"] for each in documents), default=_LONG_AGO)
            self._read_at = time.monotonic()
        return self._engine

    def policy_by(self, documents: Iterable[Mapping[str, Any]]) -> Policy:
        """Return the policy by what regions changed, in the order of their codes."""
        return self.shipped.policy.routed([route for each in documents for route in _routes(each)])

    def forget(self) -> None:
        """Read the routing anew at the next call."""
        self._read_at = None

    def is_new(self, now: datetime) -> bool:
        """Tell whether another process may not know the routing yet."""
        self.engine()
        return now - self._changed_at < _SETTLED


@dataclass(frozen=True, slots=True)
class Line:
    """One route of a region: rules (`*` for any part), values that the outcome carries, the unit, and why."""

    rule: str
    unit: str
    where: Mapping[str, str]
    reason: str


class Routing:
    """The routes of regions, as one caller reads and changes them.

    Args:
        store: the database.
        routed: what judges by them.
        act: who asks, and when.
    """

    def __init__(self, store: Store, routed: Routed, act: Act) -> None:
        self._store = store
        self._routed = routed
        self._act = act

    def all(self) -> list[tuple[Route, bool]]:
        """Return every route in the order in which they are asked, each with whether a region made it."""
        shipped = frozenset(map(id, self._routed.shipped.policy.routing))
        return [(route, id(route) not in shipped) for route in self._routed.engine().policy.routing]

    def of(self, region: str) -> tuple[list[Line], int]:
        """Return the routes that a region made, and the version of that; 0 when it never did."""
        found = self._store["routing"].find_one({"_id": region})
        if found is None:
            return [], 0
        return [_line(each) for each in found["routes"]], found["version"]

    def put(self, region: str, lines: Sequence[Line], version: int) -> int:
        """Make these the routes of a region, in place of those of `version`; return the new version.

        Only what is registered in the region, or ever was, is judged anew.

        Raises:
            NotAllowed: the region lies outside the caller's.
            Unprocessable: a route fits no rule, or names a unit that there is not.
            PreconditionFailed: somebody changed them meanwhile.
        """
        self.must_cover(region)
        self._check(lines)
        document = {
            "version": version + 1,
            "at": self._act.at,
            "by": self._act.by.user,
            "routes": [_kept(line) for line in lines],
        }

        def work(session: Session) -> tuple[str, str]:
            present = {each["_id"]: each for each in self._store["routing"].find(session=session)}
            before = present.get(region)
            if (before["version"] if before else 0) != version:
                raise PreconditionFailed
            self._store["routing"].replace_one({"_id": region}, document, upsert=True, session=session)
            detail: Document = {"before": before["routes"] if before else [], "after": document["routes"]}
            audit.record(
                self._store, self._act, "routing:write", f"routing/{region}", region, detail, session=session
            )
            return self._version(present), self._version(present | {region: {"_id": region, **document}})

        was, becomes = self._store.transaction(work)
        self._spare(region, was, becomes)
        self._routed.forget()
        return version + 1

    def _version(self, documents: Mapping[str, Mapping[str, Any]]) -> str:
        return self._routed.policy_by(documents[code] for code in sorted(documents)).version

    def _spare(self, region: str, was: str, becomes: str) -> None:
        """Note of what never was in a region that its routes judge it as before.

        What is left out here, because it was settled meanwhile or this was cut short, is judged anew like all else.
        """
        outside: Document = {"region": {"$not": within(region)}}
        moved = list(self._moved_away(region, outside))
        for name in (HOUSEHOLDS, SITES):
            others = outside | {"policy": was, "_id": {"$nin": moved}}
            self._store[name].update_many(others, {"$set": {"policy": becomes}})

    def _moved_away(self, region: str, outside: Document) -> Iterator[str]:
        """Yield the few entries that a region's register named once and that lie elsewhere now."""
        named = {"kind": OpKind.REGISTRY.value, "region": within(region)}
        found = self._store["ops"].aggregate([{"$match": named}, {"$group": {"_id": "$household"}}])
        with found:
            ever = (each["_id"] for each in found)
            while batch := list(islice(ever, _BATCH)):
                for name in (HOUSEHOLDS, SITES):
                    gone = self._store[name].find(outside | {"_id": {"$in": batch}}, {"_id": 1})
                    yield from (each["_id"] for each in gone)

    def must_cover(self, region: str) -> None:
        """Check that a region lies within the caller's.

        Raises:
            NotAllowed: it does not.
        """
        if not self._act.by.covers(region):
            raise NotAllowed(f"Region {region} lies outside yours ({self._act.by.region}).")

    def _check(self, lines: Sequence[Line]) -> None:
        policy, errors = self._routed.shipped.policy, []
        for index, line in enumerate(lines):
            if line.unit not in policy.units:
                message = "no such unit; GET /policy/units lists them"
                errors.append({"at": f"/routes/{index}/unit", "message": message})
            if not any(fnmatchcase(rule, line.rule) for rule in policy.rules):
                message = "it fits no rule; GET /policy/rules lists them"
                errors.append({"at": f"/routes/{index}/rule", "message": message})
        if errors:
            raise Unprocessable(errors=errors)


def _routes(document: Mapping[str, Any]) -> list[Route]:
    return [
        Route(
            each["rule"],
            each["unit"],
            document["_id"],
            _where(each),
            dict.fromkeys(("zh-Hans", "en"), each["reason"]),
        )
        for each in document["routes"]
    ]


def _line(each: Mapping[str, Any]) -> Line:
    return Line(each["rule"], each["unit"], _where(each), each["reason"])


def _kept(line: Line) -> Document:
    """Return a route as it is kept; names in `where` may hold dots, so they are no keys."""
    where = [[name, value] for name, value in sorted(line.where.items())]
    return {"rule": line.rule, "unit": line.unit, "where": where, "reason": line.reason}


def _where(each: Mapping[str, Any]) -> dict[str, str]:
    return dict(each["where"])
