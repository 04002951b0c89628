"""How a ledger entry stands after each stage of settling. Pure: the same ops, stages, forms and policy give the same.

A *stage* is an instant at which settling first took some ops into account; the log remembers it with each op, and the
day it judged. Between stages days pass: on each day on which a rule's outcome can change, findings take one more step.
So `replay` of the recorded stages gives what step-by-step settling gave.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial

from core.clock import SHANGHAI
from forms.definition import FormVersion
from forms.op import Op, OpKind
from ledger.fold import fold_entry
from ledger.model import Folded
from validators.engine import Engine, Judgement, RuleFailure
from validators.life import Finding, step


class NotRegisteredError(Exception):
    """The ops of a household hold no usable row of the register."""


@dataclass(frozen=True, slots=True)
class Past:
    """What later stages need of the earlier ones.

    Attributes:
        findings: all findings of the household by id.
        next_due: the earliest later day on which an outcome can change; None: never.
        as_of: the last day that was judged or passed.
    """

    findings: Mapping[str, Finding]
    next_due: date | None
    as_of: date


@dataclass(frozen=True, slots=True)
class Standing:
    """A household after a stage.

    Attributes:
        household: its ledger entry.
        past: its findings, and the days that passed.
        stage: the last stage.
        failures: rules that crashed when it was last judged.
    """

    household: Folded
    past: Past
    stage: datetime
    failures: tuple[RuleFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """Ops that are taken into account together: when, and the day as of which the household is judged."""

    at: datetime
    day: date
    ops: tuple[Op, ...]


def midnight(day: date) -> datetime:
    """Return the instant at which a day begins in Asia/Shanghai."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI).astimezone(UTC)


def stages_of(settled: Sequence[tuple[Op, date]]) -> list[Stage]:
    """Return the recorded stages in order, from the settled ops and the day each was judged on."""
    grouped: dict[datetime, list[tuple[Op, date]]] = defaultdict(list)
    for op, day in settled:
        if op.stage is not None:
            grouped[op.stage].append((op, day))
    return [Stage(at, ops[0][1], tuple(op for op, _ in ops)) for at, ops in sorted(grouped.items())]


Folding = Callable[[date], Folded]
"""Folds an entry as of a day."""


def advance(
    folding: Folding, past: Past, engine: Engine, to: date
) -> tuple[Folded, Past, tuple[RuleFailure, ...]]:
    """Let days pass as far as `to`: judge on each day on which an outcome can change; also tell of crashed rules."""
    failures: tuple[RuleFailure, ...] = ()
    household = folding(past.as_of)
    while past.next_due is not None and past.next_due <= to:
        day = past.next_due
        if household.waits_until is not None and household.waits_until <= day:
            household = folding(day)
        judgement = engine.judge(household, day)
        findings = step(
            past.findings,
            judgement,
            household=household.id,
            region=household.region,
            at=midnight(day),
            day=day,
            policy=engine.policy,
        )
        past, failures = Past(findings, _next_due(household, judgement), day), judgement.failures
    return household, replace(past, as_of=max(past.as_of, to)), failures


def _next_due(household: Folded, judgement: Judgement) -> date | None:
    """Return the earliest later day on which a rule's outcome, or the household itself, can change."""
    return min(filter(None, (judgement.next_due, household.waits_until)), default=None)


def absorb(
    past: Past | None,
    earlier: Sequence[Op],
    stage: Stage,
    forms: Mapping[str, FormVersion],
    engine: Engine,
) -> Standing:
    """Take the ops of a stage into account.

    Args:
        past: what the earlier stages left, None before the first.
        earlier: the ops of all earlier stages.
        stage: the new ops, at least one; its day is not before `past.as_of`.
        forms: the form versions that the ops name.
        engine: judges.

    Raises:
        NotRegisteredError: no op names the household in the register.
    """
    household_id = stage.ops[0].household
    if past is not None and past.next_due is not None and past.next_due <= stage.day:
        _, past, _ = advance(partial(folded, household_id, earlier, forms), past, engine, stage.day)
    household = folded(household_id, [*earlier, *stage.ops], forms, stage.day)
    judgement = engine.judge(household, stage.day)
    findings = step(
        past.findings if past is not None else {},
        judgement,
        household=household_id,
        region=household.region,
        at=stage.at,
        day=stage.day,
        policy=engine.policy,
        replies=[op for op in stage.ops if op.kind is OpKind.REPLY],
        evidence=[op for op in stage.ops if op.kind is not OpKind.REPLY],
    )
    left = Past(findings, _next_due(household, judgement), stage.day)
    return Standing(household, left, stage.at, judgement.failures)


def folded(household_id: str, ops: Sequence[Op], forms: Mapping[str, FormVersion], on: date) -> Folded:
    """Return the ledger entry that ops give as of a day.

    Raises:
        NotRegisteredError: no op names the household in the register.
    """
    household = fold_entry(household_id, ops, forms, on)
    if household is None:
        raise NotRegisteredError(household_id)
    return household


def replay(
    stages: Sequence[Stage], forms: Mapping[str, FormVersion], engine: Engine, until: date | None = None
) -> Standing | None:
    """Return how a household stands after all recorded stages, and after the days as far as `until`.

    Raises:
        NotRegisteredError: a stage's ops do not name the household in the register.
    """
    standing: Standing | None = None
    earlier: list[Op] = []
    for stage in stages:
        standing = absorb(standing.past if standing else None, earlier, stage, forms, engine)
        earlier += stage.ops
    if standing is not None and until is not None and until > standing.past.as_of:
        folding = partial(folded, standing.household.id, earlier, forms)
        household, past, failures = advance(folding, standing.past, engine, until)
        standing = replace(standing, household=household, past=past, failures=failures or standing.failures)
    return standing
