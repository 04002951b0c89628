"""Settling: pending ops become ledger, findings and feed, many households a transaction (PROTOCOL §4).

Reading and judging happen outside the transaction; compare and set on the entry's version makes that safe. Who loses
the race is settled again. A household that cannot be settled is put aside with its ops and hinders no other.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from core.clock import day_of
from core.jsonvalue import Json
from forms.definition import FormVersion
from forms.log import Hold, Logged
from forms.op import Op
from ledger.document import digest, to_document
from ledger.kept import Revisions
from ledger.repository import AnyEntry
from sync.commit import Item, batches, commit
from sync.filing import checks_of
from sync.quarantine import release
from sync.services import Services
from sync.stages import NotRegisteredError, Past, Stage, Standing, absorb, advance, folded, replay, stages_of
from validators.life import LIVE, Finding

_log = structlog.get_logger(__name__)
_READ = 200
_TRIES = 5
_INSTANT = timedelta(milliseconds=1)
_FAILURES_KEPT = 200


@dataclass(slots=True)
class SettleReport:
    """What a call of `settle` did.

    Attributes:
        households: how many were written.
        ops: how many ops were settled.
        opened, cleared: how many findings became live, or ceased to be.
        failed: error by household that was put aside.
        crashed: error by rule that crashed on some subject; what it said before stays.
        seconds: how long it took.
    """

    households: int = 0
    ops: int = 0
    opened: int = 0
    cleared: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    crashed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Head:
    """What settling needs of a ledger entry without its household."""

    version: int
    as_of: date
    stage: datetime
    next_due: date | None
    policy: str


def settle(services: Services, households: Sequence[str] | None = None, limit: int = 1000) -> SettleReport:
    """Settle households with pending ops.

    Args:
        services: the process's.
        households: which; None: whoever has pending ops.
        limit: of those without `households`, at most so many.

    Raises:
        PyMongoError: the database could not answer; what was not written stays pending.
    """
    started = time.perf_counter()
    names = list(dict.fromkeys(households)) if households is not None else services.log.pending(limit=limit)
    report = SettleReport()
    for start in range(0, len(names), _READ):
        _settle(services, names[start : start + _READ], services.clock.now(), None, report)
    report.seconds = time.perf_counter() - started
    return report


def settle_due(services: Services, day: date, limit: int = 1000) -> SettleReport:
    """Let the days pass for households whose next due day has come, and judge anew by a policy that changed.

    Args:
        services: the process's.
        day: today in Asia/Shanghai.
        limit: at most so many households of each sort.
    """
    started = time.perf_counter()
    report = SettleReport()
    for names in (services.ledger.due(day, limit=limit), _of_another_policy(services, limit)):
        _judge(services, names, day, report)
    report.seconds = time.perf_counter() - started
    return report


def rejudge(services: Services, households: Sequence[str], day: date) -> SettleReport:
    """Judge households anew that another policy judged, and let the days pass; others are left as they are.

    Args:
        services: the process's.
        households: which.
        day: today in Asia/Shanghai.
    """
    started = time.perf_counter()
    report = SettleReport()
    _judge(services, households, day, report)
    report.seconds = time.perf_counter() - started
    return report


def _judge(services: Services, names: Sequence[str], day: date, report: SettleReport) -> None:
    for start in range(0, len(names), _READ):
        _settle(services, names[start : start + _READ], services.clock.now(), day, report)


def _of_another_policy(services: Services, limit: int) -> list[str]:
    """Return households that were judged by another policy; once there are none, that is remembered.

    It is not while another process may still judge by the routing of before.
    """
    version, meta = services.engine.policy.version, services.store["meta"]
    if meta.find_one({"_id": "policy", "value": version}, {"_id": 1}):
        return []
    names = services.ledger.of_another_policy(version, limit)
    if not names and not services.routed.is_new(services.clock.now()):
        meta.update_one({"_id": "policy"}, {"$set": {"value": version}}, upsert=True)
    return names


def _settle(
    services: Services, names: Sequence[str], now: datetime, until: date | None, report: SettleReport
) -> None:
    """Settle some households, again while others win the race for them."""
    done = list(names)
    for _ in range(_TRIES):
        work = _Work(services, names, now, until)
        lost: set[str] = set()
        for batch in batches(work.items()):
            losers = commit(services, batch)
            lost |= losers
            won = [item for item in batch if item.id not in losers]
            work.count(won, report)
            new = [item.id for item in won if item.expected is None]
            if new:
                release(services, {"household": {"$in": new}})
        report.failed |= work.failed
        report.crashed |= work.crashed
        if not lost:
            break
        names = sorted(lost)
    note_failures(services, report, done)


class _Work:
    """Some households, read at once, and what becomes of them."""

    def __init__(self, services: Services, names: Sequence[str], now: datetime, until: date | None) -> None:
        self._services, self._engine = services, services.engine
        self._heads = heads(services, names)
        self._logged = services.log.of_households(names)
        self._before = services.findings.of_households(names)
        self._forms = forms_of(services, self._logged)
        self._stage = max([now, *(head.stage + _INSTANT for head in self._heads.values())])
        self._until = until
        self.failed: dict[str, str] = {}
        self.crashed: dict[str, str] = {}

    def items(self) -> Iterator[Item]:
        """Yield what is to be written of each household that changes; put aside those that fail."""
        for name, logged in self._logged.items():
            fresh = [each.op for each in logged if each.pending]
            try:
                item = self._item(name, logged, fresh)
            except NotRegisteredError:
                self._services.log.hold(fresh, Hold.UNKNOWN_HOUSEHOLD)
            except Exception as error:  # noqa: BLE001 - what one household does wrong must not hinder the others
                _log.exception("settle_failed", household=name)
                self.failed[name] = f"{type(error).__name__}: {error}"
                self._services.log.hold(fresh, Hold.SETTLE_FAILED)
            else:
                if item is not None:
                    yield item

    def count(self, items: Sequence[Item], report: SettleReport) -> None:
        """Add what was written to a report."""
        for item in items:
            report.households += 1
            report.ops += len(item.stage.ops) if item.stage is not None else 0
            before = self._before.get(item.id, {})
            for finding in item.changed:
                was = finding.id in before and before[finding.id].state in LIVE
                report.opened += finding.state in LIVE and not was
                report.cleared += finding.state not in LIVE and was

    def _item(self, name: str, logged: Sequence[Logged], fresh: Sequence[Op]) -> Item | None:
        head = self._heads.get(name)
        day = max(day_of(self._stage), head.as_of) if head else day_of(self._stage)
        stage = Stage(self._stage, day, tuple(fresh)) if fresh else None
        standing = self._standing(name, logged, head, stage)
        if standing is None:
            return None
        for failure in standing.failures:
            _log.error(
                "rule_failed", household=name, rule=failure.rule, error=failure.error, where=failure.where
            )
        entry = entry_of(standing, head.version + 1 if head else 1, self._engine.policy.version)
        checks = self._checks(logged, fresh)
        logged = [replace(each, issues=(*each.issues, *checks.get(each.op.id, ()))) for each in logged]
        return replace(item_of(entry, standing, self._before.get(name, {}), logged, stage), checks=checks)

    def _checks(self, logged: Sequence[Logged], fresh: Sequence[Op]) -> dict[str, list[Json]]:
        """Return what the checks across answers find in interviews that are settled now, by op id."""
        revisions = Revisions.of([each.op for each in logged], self._forms)
        return {
            op.id: found
            for op in fresh
            if op.form in self._forms
            and (found := checks_of(self._forms[op.form], revisions.answers_of(op), op.said_on))
        }

    def _standing(
        self, name: str, logged: Sequence[Logged], head: Head | None, stage: Stage | None
    ) -> Standing | None:
        """Return how the household stands after this stage or these days; None when nothing is to be done."""
        engine, forms = self._engine, self._forms
        settled = [
            (each.op, each.day) for each in logged if each.op.stage is not None and each.day is not None
        ]
        if head is None or head.policy != engine.policy.version:
            stages = [*stages_of(settled), *([stage] if stage else [])]
            until = max(head.as_of, self._until or head.as_of) if head else None
            return replay(stages, forms, engine, until)
        earlier = [op for op, _ in settled]
        past = Past(self._before.get(name, {}), head.next_due, head.as_of)
        if stage is not None:
            return absorb(past, earlier, stage, forms, engine)
        if self._until is None or head.next_due is None or head.next_due > self._until:
            return None
        folding = partial(folded, name, earlier, forms)
        household, past, failures = advance(folding, past, engine, self._until)
        return Standing(household, past, head.stage, failures)


def heads(services: Services, names: Sequence[str]) -> dict[str, Head]:
    """Return the heads of the ledger entries there are: one read."""
    fields = dict.fromkeys(("version", "as_of", "stage", "next_due", "policy"), 1)
    found = services.ledger.documents(names, fields)
    return {document["_id"]: _head(document) for document in found if "version" in document}


def _head(document: Mapping[str, Any]) -> Head:
    due = document["next_due"]
    return Head(
        document["version"],
        date.fromisoformat(document["as_of"]),
        document["stage"],
        date.fromisoformat(due) if due is not None else None,
        document["policy"],
    )


def forms_of(services: Services, logged: Mapping[str, Sequence[Logged]]) -> dict[str, FormVersion]:
    """Return the form versions that ops name."""
    return services.forms.many(
        each.op.form for ops in logged.values() for each in ops if each.op.form is not None
    )


def entry_of(standing: Standing, version: int, policy: str) -> AnyEntry:
    """Return the ledger entry of a standing."""
    past = standing.past
    document = to_document(standing.household)
    name = digest(document)
    return AnyEntry(
        standing.household, version, past.as_of, standing.stage, past.next_due, name, policy, document
    )


def item_of(
    entry: AnyEntry,
    standing: Standing,
    before: Mapping[str, Finding],
    logged: Sequence[Logged],
    stage: Stage | None = None,
) -> Item:
    """Return what is to be written of a household, given the findings that the database has."""
    after = dict(standing.past.findings)
    changed = tuple(finding for key, finding in after.items() if before.get(key) != finding)
    removed = tuple(sorted(before.keys() - after.keys()))
    return Item(entry, entry.version - 1 or None, after, changed, removed, logged, stage)


def note_failures(services: Services, report: SettleReport, settled: Sequence[str]) -> None:
    """Keep in `meta` which households could not be settled, and which rules crashed; forget those that went well."""
    now = services.clock.now()
    for document, failed, well in (
        ("settle_failures", report.failed, set(settled)),
        ("rule_failures", report.crashed, set()),
    ):
        meta = services.store["meta"]
        member = "households" if document == "settle_failures" else "rules"
        noted = (meta.find_one({"_id": document}) or {}).get(member, {})
        if failed or noted.keys() & well:
            kept = {name: entry for name, entry in noted.items() if name not in well}
            kept |= {name: {"error": error, "at": now} for name, error in failed.items()}
            newest = dict(list(kept.items())[-_FAILURES_KEPT:])
            meta.update_one({"_id": document}, {"$set": {member: newest}}, upsert=True)
