"""Rebuild: replay the recorded stages of every household from the log, and compare, or write what differs.

Both stream the log household by household; memory does not grow with it. Ops that are still pending count for nothing,
here as there.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from forms.log import Logged
from ledger.repository import AnyEntry
from store import Session
from sync.commit import Item, assignments_of, batches, commit
from sync.digests import MODULUS, mix
from sync.feed import PUT, FeedWriter, read_heads, rows_of_households
from sync.follow.repository import CaseRepository
from sync.follow.settling import emptied
from sync.rows import rows_of
from sync.services import Services
from sync.settle import Head, entry_of, forms_of, heads, item_of
from sync.stages import NotRegisteredError, Standing, replay, stages_of
from validators.cases import Case, cases_of
from validators.life import Finding
from validators.policy import Policy

_BATCH = 200
Progress = Callable[[int], None]
Versions = dict[tuple[str, str], str]


@dataclass(slots=True)
class RebuildReport:
    """What a check or a rebuild found.

    Attributes:
        households: how many were replayed.
        differing: (household or scope, what of it) that was not as the log says: `ledger`, `next_due`, `findings`,
            `cases`, `feed`, `counter`, `orphan` (there is no op of it), `failed: …`.
    """

    households: int = 0
    differing: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class _Replayed:
    """A household as the log says it is, and as the database says it is."""

    id: str
    logged: Sequence[Logged]
    head: Head | None
    digest: str | None
    findings: Mapping[str, Finding]
    cases: Mapping[str, Case]
    rows: Versions
    standing: Standing | None
    entry: AnyEntry | None
    wanted: Versions
    policy: Policy
    failed: str | None = None

    def differences(self) -> Iterator[str]:
        """Yield what differs."""
        if self.failed is not None:
            yield f"failed: {self.failed}"
            return
        if self.standing is None or self.entry is None:
            if self.head is not None or self.findings or self.cases or self.rows:
                yield "orphan"
            return
        if self.head is None or self.digest != self.entry.digest:
            yield "ledger"
        elif (self.head.next_due, self.head.stage) != (self.entry.next_due, self.entry.stage):
            yield "next_due"
        if dict(self.findings) != dict(self.standing.past.findings):
            yield "findings"
        if self._wrong_cases():
            yield "cases"
        if self.rows != self.wanted:
            yield "feed"

    def _wrong_cases(self) -> bool:
        """Tell whether a case is not as the findings of the log make it."""
        wanted = (
            cases_of(self.standing.past.findings.values(), self.policy) if self.standing is not None else {}
        )
        gone = {name: emptied(case) for name, case in self.cases.items() if name not in wanted}
        return dict(self.cases) != gone | wanted


def check(services: Services, progress: Progress | None = None) -> RebuildReport:
    """Compare ledger, findings, feed rows and counters with what the log gives; write nothing.

    It may run while others settle: what differs is looked at again before it is told.

    Args:
        services: the process's; judged by its policy.
        progress: told how many households were replayed so far.
    """
    report = RebuildReport()
    for batch in _batched(_with_orphans(services)):
        suspects = [each.id for each in _replay(services, batch) if any(each.differences())]
        again = _replay(services, services.log.of_households(suspects)) if suspects else ()
        report.differing += [(each.id, what) for each in again for what in each.differences()]
        report.households += len(batch)
        if progress is not None:
            progress(report.households)
    report.differing += [(scope, "counter") for scope in _wrong_counters(services)]
    return report


def rebuild(services: Services, progress: Progress | None = None) -> RebuildReport:
    """Write ledger, findings, feed rows and counters as the log gives them; report what was not so before.

    Args:
        services: the process's; judged by its policy.
        progress: told how many households were replayed so far.
    """
    report = RebuildReport()
    for batch in _batched(_with_orphans(services)):
        wrong = {each: list(each.differences()) for each in _replay(services, batch)}
        report.differing += [(each.id, one) for each, what in wrong.items() for one in what]
        report.households += len(batch)
        for group in batches(_items(each for each, what in wrong.items() if what)):
            commit(services, group)
        for each, what in wrong.items():
            if what == ["orphan"]:
                _forget(services, each.id)
        if progress is not None:
            progress(report.households)
    for scope in _wrong_counters(services):
        report.differing.append((scope, "counter"))
        _recount(services, scope)
    return report


def _batched(stream: Iterable[tuple[str, list[Logged]]]) -> Iterator[dict[str, list[Logged]]]:
    source = iter(stream)
    while batch := dict(islice(source, _BATCH)):
        yield batch


def _with_orphans(services: Services) -> Iterator[tuple[str, list[Logged]]]:
    """Yield (household, ops) in order of household; with no ops for what is in the ledger but not in the log."""
    known = services.ledger.all_ids()
    waiting = next(known, None)
    for household, logged in services.log.stream():
        while waiting is not None and waiting < household:
            yield waiting, []
            waiting = next(known, None)
        if waiting == household:
            waiting = next(known, None)
        yield household, logged
    while waiting is not None:
        yield waiting, []
        waiting = next(known, None)


def _replay(services: Services, logged: Mapping[str, Sequence[Logged]]) -> list[_Replayed]:
    names = list(logged)
    present = heads(services, names)
    fields = {"digest": 1}
    digests = {each["_id"]: each.get("digest") for each in services.ledger.documents(names, fields)}
    findings, forms = services.findings.of_households(names), forms_of(services, logged)
    cases: dict[str, dict[str, Case]] = defaultdict(dict)
    for kept in CaseRepository(services.store).of_households(names).values():
        cases[kept.case.household][kept.case.id] = kept.case
    rows, assigned = rows_of_households(services.store, names), assignments_of(services.store, names)
    engine, replayed = services.engine, []
    for name, ops in logged.items():
        head, standing, failed = present.get(name), None, None
        settled = [(each.op, each.day) for each in ops if each.op.stage is not None and each.day is not None]
        try:
            standing = replay(stages_of(settled), forms, engine, head.as_of if head else None)
        except NotRegisteredError:
            failed = "no op names it in the register"
        except Exception as error:  # noqa: BLE001 - one household that cannot be replayed is told, not the end
            failed = f"{type(error).__name__}: {error}"
        entry, wanted = None, Versions()
        if standing is not None:
            entry = entry_of(standing, head.version + 1 if head else 1, engine.policy.version)
            changes = rows_of(
                standing.household,
                standing.past.findings,
                ops,
                assigned[name],
                services.shipped.policy.messages,
                forms,
            )
            wanted = {(change.scope, change.key): change.ver for change in changes}
        known = findings.get(name, {})
        replayed.append(
            _Replayed(
                name,
                ops,
                head,
                digests.get(name),
                known,
                cases[name],
                rows[name],
                standing,
                entry,
                wanted,
                engine.policy,
                failed,
            )
        )
    return replayed


def _items(wrong: Iterable[_Replayed]) -> Iterator[Item]:
    for each in wrong:
        if each.standing is not None and each.entry is not None:
            yield item_of(each.entry, each.standing, each.findings, each.logged)


def _forget(services: Services, household: str) -> None:
    """Delete ledger entry, findings and feed rows of a household that the log does not know."""
    store = services.store

    def work(session: Session) -> None:
        services.ledger.delete(household, session)
        store["findings"].delete_many({"household": household}, session=session)
        store["cases"].delete_many({"household": household}, session=session)
        writer = FeedWriter(store, session, services.clock.now())
        writer.replace([household], [], "unknown")
        writer.flush()

    store.transaction(work)


def _wrong_counters(services: Services) -> list[str]:
    """Return the scopes whose counters are not the number and sum of their rows; looked at twice while others write."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in services.store["feed"].find({"op": PUT}, {"ver": 1}).batch_size(5000):
        count = counted[each["_id"]["s"]]
        count[0] += 1
        count[1] = (count[1] + mix(each["_id"]["k"], each["ver"])) % MODULUS
    scopes = {document["_id"] for document in services.store["feed_scopes"].find({}, {"_id": 1})}
    present = read_heads(services.store, sorted(scopes | counted.keys()))
    suspects = [scope for scope, head in present.items() if [head.n, head.sum] != counted[scope]]
    return [
        scope for scope in suspects if services.store.transaction(_counting(services, scope, write=False))
    ]


def _recount(services: Services, scope: str) -> None:
    services.store.transaction(_counting(services, scope, write=True))


def _counting(services: Services, scope: str, *, write: bool) -> Callable[[Session], bool]:
    def work(session: Session) -> bool:
        rows: dict[str, Any] = {"n": 0, "sum": 0}
        for each in services.store["feed"].find({"_id.s": scope, "op": PUT}, {"ver": 1}, session=session):
            rows["n"] += 1
            rows["sum"] = (rows["sum"] + mix(each["_id"]["k"], each["ver"])) % MODULUS
        head = read_heads(services.store, [scope], session)[scope]
        wrong = (head.n, head.sum) != (rows["n"], rows["sum"])
        if wrong and write:
            services.store["feed_scopes"].update_one({"_id": scope}, {"$set": rows}, session=session)
        return wrong

    return work
