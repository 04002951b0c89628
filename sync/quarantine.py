"""Quarantine: ops that wait for a form version, a household, a round or a decision are taken up when it comes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from forms.log import Hold, Logged
from forms.op import OpKind
from sync.filing import Known, hold_of, issues_of, look_up
from sync.services import Services

_BATCH = 500
Change = tuple[str, Hold, Mapping[str, Any], Hold | None]


def release(
    services: Services,
    query: Mapping[str, Any] | None = None,
    *,
    decided: bool = False,
) -> int:
    """Let ops out of quarantine whose missing piece is there now; return how many became pending.

    Args:
        services: the process's.
        query: on fields of the log's documents, such as `{"form": sha256}`; None: look at all.
        decided: also let out what waits for a person: ops of a retired phone, and ops that failed to settle.
    """
    held = services.log.held(query or {})
    freed = 0
    while batch := list(islice(held, _BATCH)):
        freed += services.log.release(_changes(services, batch, decided))
        services.wake(sorted({each.op.household for each in batch}))
    return freed


def _changes(services: Services, batch: Sequence[Logged], decided: bool) -> Iterator[Change]:
    ops = [each.op for each in batch]
    known = look_up(
        services,
        (op.household for op in ops),
        (op.form for op in ops if op.form is not None),
        (op.round for op in ops if op.round is not None),
    )
    for each in batch:
        change = _change(each, known, decided)
        if change is not None:
            yield change


def _change(each: Logged, known: Known, decided: bool) -> Change | None:
    op, present = each.op, each.hold
    if present is None or (present in {Hold.DEVICE_RETIRED, Hold.SETTLE_FAILED} and not decided):
        return None
    following = hold_of(known, op.body, op.kind)
    if following is present:
        return None
    learnt: dict[str, Any] = {}
    if op.kind is not OpKind.REGISTRY and op.household in known.regions:
        learnt["region"] = known.regions[op.household]
    if op.kind is OpKind.INTERVIEW and op.form in known.forms and not each.issues:
        learnt["issues"] = issues_of(known, op.body, op.kind)
    return op.id, present, learnt, following
