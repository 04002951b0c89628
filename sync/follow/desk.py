"""The cases as one caller sees and works on them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from access import audit
from access.model import Act, User, UserState
from core.clock import day_of
from core.ids import uuid7
from core.principal import Role
from core.problems import BadTransition, NotAllowed, NotFound, Problem, Unprocessable
from forms.log import Logged
from forms.op import OpKind
from ledger.repository import AnyEntry
from store import Document, Session
from store.paging import Place, areas
from sync.follow.repository import Added, CaseFilters, CaseRepository, Kept
from sync.notify import outbox
from sync.notify.outbox import News
from sync.office import Submission, submit_many
from sync.services import Services
from sync.sight import Sight
from validators.cases import Part, helping
from validators.life import Finding, allowed
from validators.policy import Policy

_PARTS = {0: 4, 2: 4, 4: 6, 6: 9, 9: 12}
"""Length of the codes of a region's parts, by the length of its own."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All there is about a case.

    Attributes:
        kept: the case, its owner and escalation.
        part: what the caller has to do with it.
        entry: the ledger entry it is about.
        findings: all findings of it, live or not, soonest deadline first.
        added: what offices and the calendar added.
        ops: replies to its findings, and visits to the household, in log order.
    """

    kept: Kept
    part: Part
    entry: AnyEntry
    findings: Sequence[Finding]
    added: Sequence[Added]
    ops: Sequence[Logged]


@dataclass(frozen=True, slots=True)
class Action:
    """What is done about the findings of a case, with evidence; it becomes a reply to each.

    Attributes:
        action: acknowledge, act, verify, dismiss, reopen.
        findings: which; empty: every finding of the case that allows it.
        note, reason: what is said of it; a dismissal needs a reason.
        evidence: photos and documents; a verification needs some.
    """

    action: str
    findings: Sequence[str] = ()
    note: str = ""
    reason: str = ""
    evidence: Sequence[str] = ()

    @property
    def body(self) -> dict[str, Any]:
        """The body of a reply, but for what it is about."""
        said = {"action": self.action, "note": self.note, "reason": self.reason}
        return said | {"evidence": list(self.evidence)}


@dataclass(frozen=True, slots=True)
class Which:
    """Which cases are asked for.

    Attributes:
        region: a region within the caller's; None: that.
        unit: a unit; None: every one, for an officer the own one.
        part: what the unit has to do with them.
    """

    region: str | None = None
    unit: str | None = None
    part: Part = Part.RESPONSIBLE


class Desk:
    """The cases of a caller's region; an officer's are those that the own unit has to do with.

    An officer decides in cases of the own unit. In those in which it cooperates an officer reads what rests on clauses
    that name it so, and comments (docs/adr/0043-cooperating-units.md). What lies outside does not exist.

    Args:
        services: the process's.
        act: who asks, and when.
    """

    def __init__(self, services: Services, act: Act) -> None:
        self._services = services
        self._act = act
        self._cases = CaseRepository(services.store)
        self._sight = Sight(services, act.by)

    # --- reading

    def get(self, case: str) -> Kept:
        """Return a case.

        Raises:
            NotFound: there is none that the caller may see.
        """
        found = self._cases.get(case, self._act.by.region, self._unit)
        if found is None:
            raise NotFound
        return self._seen(found)

    def _part_in(self, kept: Kept) -> Part:
        """Return which part the caller has in a case: an officer's unit may only cooperate."""
        return Part.RESPONSIBLE if self._unit in {None, kept.case.unit} else Part.COOPERATING

    def page(
        self, which: Which, filters: CaseFilters, *, place: Place | None, limit: int
    ) -> tuple[list[tuple[Kept, AnyEntry | None]], Place | None]:
        """Return a page of cases with what they are about, soonest deadline first, and the place of the next page.

        Args:
            which: of which region, and of whom; prevails over `filters`.
            filters: what else narrows the list.
            place: of the last case seen.
            limit: at most so many.

        Raises:
            NotAllowed: the region lies outside the caller's, or an officer asks for another unit's.
            Unprocessable: it is asked where a unit cooperates, and not which.
        """
        unit, helping = self._whose(which)
        filters = replace(filters, unit=unit, helping=helping)
        found, following = self._cases.page(self._bound(which.region), filters, place=place, limit=limit)
        entries = self._services.ledger.entries({kept.case.household for kept in found})
        return [(self._seen(kept), entries.get(kept.case.household)) for kept in found], following

    def summary(self, which: Which) -> list[Document]:
        """Return figures of work lists by unit and part of a region.

        Raises:
            NotAllowed, Unprocessable: as `page`.
        """
        bound, (unit, helping) = self._bound(which.region), self._whose(which)
        digits = _PARTS.get(len(bound), len(bound))
        return self._cases.summary(bound, unit, helping, day_of(self._act.at), digits)

    def whole(self, case: str) -> Whole:
        """Return everything about a case.

        Raises:
            NotFound: there is none that the caller may see.
        """
        kept = self.get(case)
        entry = self._entry(kept)
        findings = self._findings(kept)
        mine = {finding.id for finding in findings}
        logged = self._services.log.of_households([kept.case.household])[kept.case.household]
        ops = [each for each in logged if _belongs(each, mine)]
        return Whole(kept, self._part_in(kept), entry, findings, self._cases.added_to(case), ops)

    def about(self, kept: Kept) -> AnyEntry | None:
        """Return the ledger entry that a case is about."""
        return self._services.ledger.entries([kept.case.household]).get(kept.case.household)

    def owners(self, case: str) -> list[User]:
        """Return who may own a case: the officers of its unit whose region holds it.

        Raises:
            NotFound: there is none that the caller may see.
            NotAllowed: the caller's unit only cooperates in it.
        """
        return self._officers(self._decided(case))

    def names_of(self, users: Iterable[str | None]) -> dict[str, str]:
        """Return the names of users who have to do with cases that the caller sees."""
        ids = sorted({user for user in users if user is not None})
        found = self._services.store["users"].find({"_id": {"$in": ids}}, {"name": 1})
        return {document["_id"]: document["name"] for document in found}

    # --- working

    def assign(self, case: str, owner: str | None) -> Kept:
        """Give a case to an officer, or to nobody, and return it.

        Raises:
            NotFound: there is no such case that the caller may see.
            NotAllowed: the caller's unit only cooperates in it.
            Unprocessable: the user is no active officer of the case's unit whose region holds it.
        """
        kept = self._decided(case)
        if owner is not None and owner not in {user.id for user in self._officers(kept)}:
            message = "no officer of this unit whose region holds the case"
            raise Unprocessable(errors=[{"at": "/owner", "message": message}])
        added = self._added("assigned", owner=owner)

        def work(session: Session) -> None:
            before = self._cases.own(case, owner, session) or kept
            if before.owner != owner:
                self._cases.add(before.case, added, session)
                to = [*outbox.of_user(owner), *outbox.of_user(before.owner)]
                self._tell(News.ASSIGNED, before, to, session)
            self._record(kept, {"owner": [before.owner, owner]}, session)

        self._services.store.transaction(work)
        return replace(kept, owner=owner)

    def comment(self, case: str, text: str) -> Added:
        """Write a comment on a case, and return it.

        Raises:
            NotFound: there is no such case that the caller may see.
        """
        kept, added = self.get(case), self._added("comment", text=text)

        def work(session: Session) -> None:
            self._cases.add(kept.case, added, session)
            to = [*outbox.of_user(kept.owner), *outbox.of_unit(kept.case)]
            self._tell(News.COMMENTED, kept, to, session, helping=kept.case.cooperating)
            self._record(kept, {"comment": added.id}, session)

        self._services.store.transaction(work)
        return added

    def act(self, case: str, action: Action) -> list[str]:
        """Act on the findings of a case: a reply to each goes into the log; return the ids of these ops.

        Raises:
            NotFound: there is no such case that the caller may see, or a finding that is named is not of it.
            NotAllowed: the caller's unit only cooperates in it.
            BadTransition: a finding that is named, or every one, does not allow it as it stands.
            Unprocessable: a dismissal has no reason, a verification no evidence.
        """
        _check(action)
        kept = self._decided(case)
        findings = self._chosen(self._findings(kept), action)
        body = action.body | {"household": kept.case.household}
        replies = [Submission(OpKind.REPLY, body | {"finding": finding.id}) for finding in findings]
        return submit_many(self._services, self._act.by, replies, self._act.at)

    def each(
        self, cases: Sequence[str], what: str, work: Callable[[str], object]
    ) -> list[tuple[str, Problem | None]]:
        """Do something to each of some cases; one that fails hinders no other. Return what each was told.

        Args:
            cases: their ids.
            what: for the trail, which also has an entry for each that was done.
            work: does it, or raises a problem.
        """
        told: list[tuple[str, Problem | None]] = []
        for case in dict.fromkeys(cases):
            try:
                work(case)
            except Problem as problem:
                told.append((case, problem))
            else:
                told.append((case, None))
        failed = sum(problem is not None for _, problem in told)
        detail = {"bulk": what, "done": len(told) - failed, "failed": failed}
        audit.record(self._services.store, self._act, "cases:write", "cases", self._act.by.region, detail)
        return told

    # --- inside

    def _findings(self, kept: Kept) -> list[Finding]:
        """Return the findings of a case that the caller is to know of."""
        household = kept.case.household
        found = self._services.findings.of_households([household]).get(household, {}).values()
        seen = (
            finding
            for finding in found
            if finding.unit == kept.case.unit
            and (self._part_in(kept) is Part.RESPONSIBLE or self._helps(finding.clause))
        )
        return sorted(seen, key=lambda finding: (finding.due, finding.id))

    def _seen(self, kept: Kept) -> Kept:
        """Return a case with no rules but those that the caller is to know of."""
        if self._part_in(kept) is Part.RESPONSIBLE:
            return kept
        known = self._policy.rules
        rules = tuple(r for r in kept.case.rules if r in known and self._helps(known[r].clause))
        return replace(kept, case=replace(kept.case, rules=rules))

    def _helps(self, clause: str) -> bool:
        return self._unit in helping(clause, self._policy)

    def _entry(self, kept: Kept) -> AnyEntry:
        """Return what a case is about; a unit that cooperates sees the case, and nothing else of a household."""
        if self._part_in(kept) is Part.RESPONSIBLE:
            return self._sight.entry(kept.case.household)
        entry = self.about(kept)
        if entry is None or not self._act.by.covers(entry.household.region):
            raise NotFound
        return entry

    def _decided(self, case: str) -> Kept:
        """Return a case in which the caller decides."""
        kept = self.get(case)
        if self._part_in(kept) is Part.COOPERATING:
            raise NotAllowed(
                "Your unit cooperates in this case: it reads and comments. Its own unit decides."
            )
        return kept

    def _chosen(self, findings: Sequence[Finding], action: Action) -> list[Finding]:
        """Return the findings that an action is about."""
        if not action.findings:
            chosen = [finding for finding in findings if action.action in allowed(finding.state)]
            if not chosen:
                states = sorted({finding.state.value for finding in findings})
                raise BadTransition(f"No finding of this case allows it: they are {', '.join(states)}.")
            return chosen
        by_id = {finding.id: finding for finding in findings}
        for name in action.findings:
            if name not in by_id:
                raise NotFound(f"There is no finding {name} in this case.")
            if action.action not in allowed(by_id[name].state):
                state = by_id[name].state
                raise BadTransition(f"Finding {name} is {state}.", allowed=list(allowed(state)))
        return [by_id[name] for name in dict.fromkeys(action.findings)]

    def _officers(self, kept: Kept) -> list[User]:
        query: Document = {
            "role": Role.OFFICER.value,
            "unit": kept.case.unit,
            "state": UserState.ACTIVE.value,
        }
        query["region"] = {"$in": areas(kept.case.region)}
        found = self._services.store["users"].find(query).sort([("name", 1), ("_id", 1)])
        return [User.from_document(document) for document in found]

    def _bound(self, region: str | None) -> str:
        if region is None:
            return self._act.by.region
        if not self._act.by.covers(region):
            raise NotAllowed(f"Region {region} lies outside yours ({self._act.by.region}).")
        return region

    @property
    def _policy(self) -> Policy:
        return self._services.engine.policy

    @property
    def _unit(self) -> str | None:
        """The officer's unit, "" of one without; None for others, who see the cases of every unit."""
        return self._act.by.unit or "" if self._act.by.role is Role.OFFICER else None

    def _whose(self, which: Which) -> tuple[str | None, str | None]:
        """Return whose cases are asked for, or in which a unit cooperates."""
        unit = which.unit if self._unit is None else self._unit
        if which.unit not in {None, unit}:
            raise NotAllowed("An officer sees the cases of the own unit.")
        if which.part is Part.RESPONSIBLE:
            return unit, None
        if unit is None:
            raise Unprocessable(errors=[{"at": "/unit", "message": "say which unit cooperates"}])
        return None, unit

    def _added(self, kind: str, *, text: str = "", owner: str | None = None) -> Added:
        at = self._act.at
        return Added(uuid7(), at, day_of(at), kind, self._act.by.user, text, owner)

    def _tell(
        self, kind: News, kept: Kept, to: Sequence[str], session: Session, helping: Sequence[str] = ()
    ) -> None:
        news = outbox.Item(kind, kept.case, to, self._act.by.user, helping=helping)
        outbox.write(self._services.store, [news], self._act.at, session)

    def _record(self, kept: Kept, detail: Document, session: Session) -> None:
        store, target = self._services.store, f"case/{kept.case.id}"
        audit.record(store, self._act, "cases:write", target, kept.case.region, detail, session=session)


def _belongs(logged: Logged, findings: set[str]) -> bool:
    """Tell whether an op belongs to a case's history: a reply to one of its findings, a visit, an interview."""
    op = logged.op
    if op.kind is OpKind.REPLY:
        return op.body.get("finding") in findings
    return op.kind in {OpKind.INTERVIEW, OpKind.VISIT}


def _check(action: Action) -> None:
    if action.action == "dismiss" and not action.reason.strip():
        raise Unprocessable(errors=[{"at": "/reason", "message": "say why it is dismissed"}])
    if action.action == "verify" and not action.evidence:
        raise Unprocessable(
            errors=[{"at": "/evidence", "message": "show what verifies it, or wait for a visit"}]
        )
