"""Which revision of each interview counts: a function of the set of ops, whatever order they arrived in. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from forms.definition import FormVersion
from forms.op import Op
from ledger.model import Interview, InterviewState


def choose(
    ops: Iterable[Op], forms: Mapping[str, FormVersion], void: Collection[str]
) -> tuple[tuple[Interview, ...], tuple[Op, ...]]:
    """Return the household's interviews, by id, and the ops whose answers count.

    - The head is the leaf of the chain of revisions. Of two revisions with one parent the one sent under the current
      assignment counts, else the first in the log, and the interview is `FORKED`.
    - A revision whose parent is not here is `HELD`: it counts when the parent comes.
    - Two interviews of one round and form are both `CONTESTED`, and both count.
    - A revision whose form version is unknown, or that is void, is only a link of the chain.

    Args:
        ops: interview ops, in the order of the log.
        forms: the known form versions by SHA-256.
        void: ids of ops and interviews that were declared void.
    """
    revisions: dict[str, list[Op]] = defaultdict(list)
    for op in ops:
        revisions[op.interview or op.revision or op.id].append(op)
    found = []
    for interview_id, chain in revisions.items():
        known = [op for op in chain if op.form in forms]
        if known:
            found.append(_judge(interview_id, chain, known, forms, void))
    found = _contested(found)
    heads = {each.op for each in found if each.state not in {InterviewState.HELD, InterviewState.VOID}}
    counting = (op for chain in revisions.values() for op in chain if op.id in heads)
    return tuple(sorted(found, key=lambda each: each.id)), tuple(
        sorted(counting, key=lambda op: op.log_order)
    )


def _judge(
    interview_id: str,
    chain: Sequence[Op],
    known: Sequence[Op],
    forms: Mapping[str, FormVersion],
    void: Collection[str],
) -> Interview:
    """Choose the head of one interview.

    `other_ops` are the revisions that neither count nor lie on the way to the head: losers of a fork and what follows
    them, and revisions that wait for their parent.
    """
    usable = {op.id for op in known if interview_id not in void and op.id not in void}
    path, forked = _walk(chain, usable)
    head = next((op for op in reversed(path) if op.id in usable), None)
    on_path = {op.id for op in path}
    if head is None:
        state = InterviewState.HELD if usable else InterviewState.VOID
        head = next((op for op in known if op.id in usable), known[-1])
        on_path.add(head.id)
    else:
        state = InterviewState.FORKED if forked else InterviewState.HEAD
    others = tuple(sorted(op.id for op in known if op.id not in on_path and op.id not in void))
    stale = head.epoch is not None and head.epoch != head.assigned_epoch
    form = head.form or ""
    return Interview(
        interview_id,
        form,
        forms[form].form_id,
        head.round,
        head.id,
        head.user,
        head.said_on,
        state,
        stale,
        others if state is not InterviewState.VOID else (),
    )


def _walk(chain: Sequence[Op], usable: Collection[str]) -> tuple[list[Op], bool]:
    """Follow the revisions from the first to the leaf; tell whether a fork was met."""
    children: dict[str | None, list[Op]] = defaultdict(list)
    for op in chain:
        children[op.parent].append(op)
    path: list[Op] = []
    forked = False
    at: str | None = None
    while at in children:
        rivals = children.pop(at)
        able = [op for op in rivals if op.id in usable]
        forked = forked or len(able) > 1
        able = able or rivals
        path.append(next((op for op in able if op.epoch == op.assigned_epoch), able[0]))
        at = path[-1].revision
    return path, forked


def _contested(found: Sequence[Interview]) -> list[Interview]:
    """Mark the interviews that were made twice: one round, one form."""
    made: dict[tuple[str, str], list[Interview]] = defaultdict(list)
    for each in found:
        if each.round is not None and each.state not in {InterviewState.HELD, InterviewState.VOID}:
            made[each.round, each.form_id].append(each)
    rivals = {each.id: twice for twice in made.values() if len(twice) > 1 for each in twice}
    return [
        replace(
            each,
            state=InterviewState.CONTESTED,
            other_ops=tuple(sorted({*each.other_ops, *(r.op for r in rivals[each.id] if r.id != each.id)})),
        )
        if each.id in rivals
        else each
        for each in found
    ]
