"""Rounds, work lists, and which household is in which: the plan of who visits whom.

Moving a household between work lists is one transaction: its rows leave the old scope and enter the new, and its
assignment's epoch grows, so that an op made under the old assignment is known as stale.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from access import audit
from access.model import Act
from core.ids import entry_kind, uuid7
from core.problems import Conflict, NotAllowed, NotFound
from forms.log import Hold
from ledger.dictionary import dictionary
from store import Document, Session
from store.paging import Place, page, within
from sync.commit import Also, Item, batches, commit
from sync.feed import FeedWriter, put
from sync.pull import REFERENCE
from sync.quarantine import release
from sync.services import Services

_CHUNK = 200
_TRIES = 5
OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class WorkListPlan:
    """What a coordinator says of a work list.

    Attributes:
        title: what people call it.
        round: id of its round.
        forms: form ids to be filled.
        assignees: user ids of who visits.
        region: region code that its households lie in.
        due: last day, or None.
    """

    title: str
    round: str
    forms: tuple[str, ...]
    assignees: tuple[str, ...]
    region: str
    due: date | None = None


class Plans:
    """Rounds and work lists as one user sees and changes them.

    Args:
        services: the process's.
        act: who is asking, and when.
    """

    def __init__(self, services: Services, act: Act) -> None:
        self._services = services
        self._store = services.store
        self._act = act

    # --- rounds

    def create_round(
        self, title: str, region: str, due: date | None = None, *, back_check_of: str | None = None
    ) -> Document:
        """Open a round and return it; `back_check_of` names the round whose interviews it checks.

        Raises:
            NotAllowed: the region lies outside the caller's.
        """
        self.must_cover(region)
        document: Document = {
            "_id": uuid7(),
            "title": title,
            "region": region,
            "due": due.isoformat() if due else None,
            "back_check_of": back_check_of,
            "state": OPEN,
            "created_at": self._act.at,
        }
        self._insert("rounds", document)
        return document

    def rounds(self, *, limit: int, place: Place | None = None) -> tuple[list[Document], Place | None]:
        """Return a page of the rounds of the caller's region, by id, and the place of the next page."""
        query = {"region": within(self._act.by.region)}
        return page(self._store, "rounds", query, keys=("_id",), place=place, limit=limit)

    def round(self, round_id: str) -> Document:
        """Return a round.

        Raises:
            NotFound: there is none in the caller's region.
        """
        return self._get("rounds", round_id)

    def back_check_of(self, round_id: str) -> Document | None:
        """Return the open round that checks a round of the caller's region, None when there is none."""
        query = {"back_check_of": round_id, "state": OPEN, "region": within(self._act.by.region)}
        return self._store["rounds"].find_one(query)

    def list_of(self, round_id: str) -> str | None:
        """Return the id of an open work list of a round, None when there is none."""
        found = self._store["worklists"].find_one({"round": round_id, "state": OPEN}, {"_id": 1})
        return None if found is None else str(found["_id"])

    def close_round(self, round_id: str) -> None:
        """Close a round and its work lists: ops that still name it go into quarantine.

        Raises:
            NotFound: there is none in the caller's region.
        """
        found = self.round(round_id)
        self._set_state("rounds", found, CLOSED)
        for worklist in self._store["worklists"].find({"round": round_id, "state": OPEN}):
            self._close(worklist)

    def reopen_round(self, round_id: str) -> int:
        """Open a closed round again and take up what waited; return how many ops that were. Its lists stay closed.

        Raises:
            NotFound: there is none in the caller's region.
        """
        self._set_state("rounds", self.round(round_id), OPEN)
        return release(self._services, {"hold": Hold.ROUND_CLOSED.value, "round": round_id})

    # --- work lists

    def create(self, plan: WorkListPlan) -> Document:
        """Make a work list and return it.

        Raises:
            NotAllowed: the region lies outside the caller's.
            NotFound: there is no such round in the caller's region.
            Conflict: the round is closed.
        """
        self.must_cover(plan.region)
        if self.round(plan.round)["state"] != OPEN:
            raise Conflict("The round is closed.")
        document: Document = {
            "_id": f"w-{secrets.token_hex(5)}",
            "title": plan.title,
            "round": plan.round,
            "forms": list(plan.forms),
            "assignees": list(plan.assignees),
            "region": plan.region,
            "due": plan.due.isoformat() if plan.due else None,
            "state": OPEN,
            "created_at": self._act.at,
        }

        def work(session: Session) -> None:
            self._store["worklists"].insert_one(dict(document), session=session)
            self._record("worklists:write", f"worklist/{document['_id']}", plan.region, session)
            self._announce(document, session)

        self._store.transaction(work)
        return document

    def get(self, worklist: str) -> Document:
        """Return a work list.

        Raises:
            NotFound: there is none in the caller's region.
        """
        return self._get("worklists", worklist)

    def page(self, *, limit: int, place: Place | None = None) -> tuple[list[Document], Place | None]:
        """Return a page of the work lists of the caller's region, and the place of the next page."""
        query = {"region": within(self._act.by.region)}
        return page(self._store, "worklists", query, keys=("region", "_id"), place=place, limit=limit)

    def households(
        self, worklist: str, *, limit: int, place: Place | None = None
    ) -> tuple[list[str], Place | None]:
        """Return a page of the ids of the households in a work list.

        Raises:
            NotFound: there is none in the caller's region.
        """
        query = {"worklist": self.get(worklist)["_id"]}
        keys = ("worklist", "household")
        found, following = page(self._store, "assignments", query, keys=keys, place=place, limit=limit)
        return [document["household"] for document in found], following

    def change(self, worklist: str, changes: Mapping[str, Any]) -> Document:
        """Change title, forms, assignees or due (ISO text or None) of an open work list, and return it.

        Raises:
            NotFound: there is none in the caller's region.
            Conflict: it is closed.
        """
        found = self.get(worklist)
        if found["state"] != OPEN:
            raise Conflict("The work list is closed.")
        allowed = {name: changes[name] for name in ("title", "forms", "assignees", "due") if name in changes}

        def work(session: Session) -> Document:
            self._store["worklists"].update_one({"_id": worklist}, {"$set": allowed}, session=session)
            self._record("worklists:write", f"worklist/{worklist}", found["region"], session, allowed)
            self._announce(found | allowed, session)
            return found | allowed

        return self._store.transaction(work) if allowed else found

    def assign(self, worklist: str, households: Sequence[str]) -> int:
        """Put households into a work list, out of any other of its round; return how many moved.

        Large moves are made in parts of some hundred households; each part is one transaction, and the same call
        again completes what was interrupted.

        Raises:
            NotFound: there is no such work list, or a household is not in its region, or not in the caller's.
            Conflict: the work list is closed.
        """
        found = self.get(worklist)
        if found["state"] != OPEN:
            raise Conflict("The work list is closed.")
        return self._move(households, found["round"], found)

    def unassign(self, worklist: str, households: Sequence[str]) -> int:
        """Take households out of a work list; return how many were in it.

        Raises:
            NotFound: there is no such work list, or a household is not in the caller's region.
        """
        found = self.get(worklist)
        query = {"worklist": worklist, "household": {"$in": list(households)}}
        inside = [each["household"] for each in self._store["assignments"].find(query, {"household": 1})]
        return self._move(inside, found["round"], None)

    def close(self, worklist: str) -> None:
        """Close a work list: phones drop it; unsent work stays on them.

        Raises:
            NotFound: there is none in the caller's region.
        """
        self._close(self.get(worklist))

    # --- inside

    def _close(self, worklist: Document) -> None:
        self._set_state("worklists", worklist, CLOSED)
        query, assignments = {"worklist": worklist["_id"], "open": True}, self._store["assignments"]
        inside = [document["household"] for document in assignments.find(query, {"household": 1})]

        def shut(batch: Sequence[Item], session: Session) -> None:
            part = {"household": {"$in": [item.id for item in batch]}, "worklist": worklist["_id"]}
            assignments.update_many(part, {"$set": {"open": False}}, session=session)

        for batch in self._items(inside):
            self._commit(batch, shut)

    def _move(self, households: Sequence[str], round_id: str, into: Document | None) -> int:
        target = into["_id"] if into else None
        names = list(dict.fromkeys(households))
        held: dict[str, Any] = {}
        for start in range(0, len(names), _CHUNK):
            query = {"household": {"$in": names[start : start + _CHUNK]}, "round": round_id}
            for each in self._store["assignments"].find(query):
                held[each["household"]] = each["worklist"] if each["open"] else None
        moving = [name for name in names if held.get(name) != target]

        def place(batch: Sequence[Item], session: Session) -> None:
            for item in batch:
                self._store["assignments"].update_one(
                    {"_id": f"{round_id}/{item.id}"},
                    {
                        "$set": {
                            "household": item.id,
                            "round": round_id,
                            "worklist": target,
                            "open": into is not None,
                        },
                        "$inc": {"epoch": 1},
                    },
                    upsert=True,
                    session=session,
                )
            detail = {"households": [item.id for item in batch], "worklist": target}
            region = into["region"] if into else self._act.by.region
            self._record("worklists:write", f"round/{round_id}", region, session, detail)

        for batch in self._items(moving, into["region"] if into else ""):
            self._commit(batch, place)
        return len(moving)

    def _items(self, households: Sequence[str], region: str = "") -> Iterator[list[Item]]:
        """Yield households as they stand, ready to be written again with other rows.

        Raises:
            NotFound: one is not in the caller's region, or not in `region`: whoever sees a list sees what is in it.
        """
        services = self._services
        for start in range(0, len(households), _CHUNK):
            part = households[start : start + _CHUNK]
            entries = services.ledger.entries(part)
            for name in part:
                lies = entries[name].household.region if name in entries else None
                if lies is None or not self._act.by.covers(lies) or not lies.startswith(region):
                    raise NotFound(f"There is no {entry_kind(name)} {name} in your region.")
            logged, findings = services.log.of_households(part), services.findings.of_households(part)
            items = (
                Item(
                    replace(entry, version=entry.version + 1),
                    entry.version,
                    findings.get(name, {}),
                    (),
                    (),
                    logged[name],
                )
                for name, entry in entries.items()
            )
            yield from batches(items)

    def _commit(self, batch: Sequence[Item], also: Also) -> None:
        """Write a batch; again for those that were settled meanwhile."""
        for _ in range(_TRIES):
            lost = commit(self._services, batch, also)
            if not lost:
                return
            batch = [item for part in self._items(sorted(lost)) for item in part]
        raise Conflict("The households are being changed all the time; try again.")

    def _get(self, collection: str, key: str) -> Document:
        found = self._store[collection].find_one({"_id": key, "region": within(self._act.by.region)})
        if found is None:
            raise NotFound
        return found

    def must_cover(self, region: str) -> None:
        """Check that a region lies within the caller's.

        Raises:
            NotAllowed: it does not.
        """
        if not self._act.by.covers(region):
            raise NotAllowed(f"Region {region} lies outside yours ({self._act.by.region}).")

    def _insert(self, collection: str, document: Document) -> None:
        def work(session: Session) -> None:
            self._store[collection].insert_one(dict(document), session=session)
            target = f"{collection.removesuffix('s')}/{document['_id']}"
            self._record(f"{collection}:write", target, document["region"], session)

        self._store.transaction(work)

    def _set_state(self, collection: str, document: Document, state: str) -> None:
        def work(session: Session) -> None:
            self._store[collection].update_one(
                {"_id": document["_id"]},
                {"$set": {"state": state, "closed_at": self._act.at if state == CLOSED else None}},
                session=session,
            )
            target = f"{collection.removesuffix('s')}/{document['_id']}"
            self._record(f"{collection}:write", target, document["region"], session, {"state": state})

        self._store.transaction(work)

    def _record(
        self, action: str, target: str, region: str, session: Session, detail: Mapping[str, Any] | None = None
    ) -> None:
        audit.record(self._store, self._act, action, target, region, detail, session=session)

    def _announce(self, worklist: Document, session: Session) -> None:
        """Put the row `worklist` of a work list's scope: what it is called, its forms, its last day."""
        told = {name: worklist[name] for name in ("title", "round", "forms", "region", "due")}
        writer = FeedWriter(self._store, session, self._act.at)
        writer.add([put(worklist["_id"], "worklist", told | {"id": worklist["_id"]})])
        writer.flush()


def announce_forms(services: Services) -> int:
    """Put the newest version of each form and the code lists into the reference scope; return the rows written.

    Ops that waited for a form version are taken up.
    """
    forms = [
        put(
            REFERENCE,
            f"form/{form.form_id}",
            {
                "sha256": form.sha256,
                "version": form.version,
                "title": dict(form.title),
                "subject": form.subject,
                "languages": list(form.languages),
            },
        )
        for form in services.forms.latest()
    ]
    codes = [
        put(REFERENCE, f"codes/{level}/{name}", {value: dict(labels) for value, labels in spec.codes.items()})
        for (level, name), spec in sorted(dictionary().facts.items())
        if spec.codes
    ]

    def work(session: Session) -> int:
        writer = FeedWriter(services.store, session, services.clock.now())
        writer.add([*forms, *codes])
        return writer.flush()

    written = services.store.transaction(work)
    release(services, {"hold": Hold.UNKNOWN_FORM.value})
    return written
