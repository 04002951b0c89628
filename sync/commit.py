"""One transaction for many households: ledger, findings, cases, settled ops, feed rows, counters last (PROTOCOL §4)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from core.jsonvalue import Json
from forms.log import Logged
from ledger.repository import AnyEntry
from store import Session, Store
from sync.feed import FeedWriter
from sync.follow.settling import follow
from sync.rows import Assignment, rows_of
from sync.services import Services
from sync.stages import Stage
from validators.life import LIVE, Finding

ROWS_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Item:
    """A ledger entry to be written.

    Attributes:
        entry: the new ledger entry.
        expected: version of the entry it was made from; None when there was none.
        findings: all its findings by id.
        changed: those that differ from what the database has.
        removed: ids of findings that are no more.
        logged: its ops.
        stage: the ops that are settled by it, if any.
        checks: what the checks across answers found in those, by op id.
    """

    entry: AnyEntry
    expected: int | None
    findings: dict[str, Finding]
    changed: tuple[Finding, ...]
    removed: tuple[str, ...]
    logged: Sequence[Logged]
    stage: Stage | None = None
    checks: Mapping[str, Sequence[Json]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The household's id."""
        return self.entry.household.id

    @property
    def weight(self) -> int:
        """About how many feed rows it gives in one work list."""
        live = sum(finding.state in LIVE for finding in self.findings.values())
        return 1 + live + len(self.entry.household.interviews)


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Group households so that a transaction writes about 500 feed rows at most."""
    batch: list[Item] = []
    weight = 0
    for item in items:
        if batch and weight + item.weight > ROWS_LIMIT:
            yield batch
            batch, weight = [], 0
        batch.append(item)
        weight += item.weight
    if batch:
        yield batch


Also = Callable[[Sequence[Item], Session], None]


def commit(services: Services, items: Sequence[Item], also: Also | None = None) -> set[str]:
    """Write households in one transaction; return the ids of those that somebody else changed meanwhile.

    Args:
        services: the process's.
        items: at most about 500 feed rows' worth.
        also: writes what else belongs to the households that are not lost, in the same transaction.

    Raises:
        PyMongoError: the transaction did not commit; nothing of it is there.
    """

    def work(session: Session) -> set[str]:
        lost = services.ledger.replace_many(session, [(item.entry, item.expected) for item in items])
        won = [item for item in items if item.id not in lost]
        if also is not None:
            also(won, session)
        _write(services, won, session)
        return lost

    return services.store.transaction(work)


def _write(services: Services, items: Sequence[Item], session: Session) -> None:
    ids = [item.id for item in items]
    services.findings.upsert_many(session, [finding for item in items for finding in item.changed])
    removed = [finding for item in items for finding in item.removed]
    if removed:
        services.store["findings"].delete_many({"_id": {"$in": removed}}, session=session)
    follow(services, ids, (finding for item in items for finding in item.findings.values()), session)
    checks = {op_id: found for item in items for op_id, found in item.checks.items()}
    settled = sorted(
        (item.stage for item in items if item.stage is not None), key=lambda stage: (stage.at, stage.day)
    )
    for (at, day), stages in groupby(settled, key=lambda stage: (stage.at, stage.day)):
        ops = [op for stage in stages for op in stage.ops]
        services.log.mark_settled(ops, at, day, {op.id: checks.get(op.id, ()) for op in ops}, session)
    assigned = assignments_of(services.store, ids, session)
    writer = FeedWriter(services.store, session, services.clock.now())
    messages = services.shipped.policy.messages
    forms = services.forms.many(
        each.form for item in items for each in item.entry.household.interviews if each.returned is not None
    )
    changes = [
        change
        for item in items
        for change in rows_of(
            item.entry.household, item.findings, item.logged, assigned[item.id], messages, forms
        )
    ]
    writer.replace(ids, changes)
    writer.flush()


def assignments_of(
    store: Store, households: Sequence[str], session: Session | None = None
) -> dict[str, list[Assignment]]:
    """Return the assignments of each household: one read."""
    found: dict[str, list[Assignment]] = {household: [] for household in households}
    for document in store["assignments"].find({"household": {"$in": list(households)}}, session=session):
        found[document["household"]].append(Assignment.from_document(document))
    return found
