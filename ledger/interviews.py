"""Which revision of each interview counts: a function of the set of ops, whatever order they arrived in. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.clock import day_of
from forms.definition import FormVersion
from forms.op import Op
from ledger.model import Interview, InterviewState, Returned

WAITS_DAYS = 7
"""For so many days after its receipt a revision waits for its parent; then it counts without it (PROTOCOL §4)."""


@dataclass(frozen=True, slots=True)
class Judging:
    """What the choice depends on beside the interviews.

    Attributes:
        forms: the known form versions by SHA-256.
        void: ids of ops and interviews that were declared void.
        returns: return ops, in the order of the log.
        on: the day as of which is judged; None: before any revision has waited long enough.
    """

    forms: Mapping[str, FormVersion]
    void: Collection[str] = ()
    returns: Sequence[Op] = ()
    on: date | None = None

    def has_waited(self, op: Op) -> bool:
        """Tell whether a revision has waited long enough for its parent."""
        return self.on is not None and waits_until(op) <= self.on


def waits_until(op: Op) -> date:
    """Return the day on which a revision counts without its parent."""
    return day_of(op.received_at) + timedelta(days=WAITS_DAYS)


def choose(ops: Iterable[Op], judging: Judging) -> tuple[tuple[Interview, ...], tuple[Op, ...]]:
    """Return the household's interviews, by id, and the ops whose answers count.

    - The head is the leaf of the chain of revisions. Of two revisions with one parent the one sent under the latest
      assignment counts, else the first in the log, and the interview is `FORKED`.
    - A revision whose parent is not here is `HELD`: it counts when the parent comes, or after seven days without it,
      and then the interview is `PARENTLESS`.
    - Two interviews of one round and form are both `CONTESTED`, and both count, but one made under an old assignment
      counts only when there is none of a present one.
    - A revision whose form version is unknown, or that is void, is only a link of the chain.
    - An interview is `returned` while the revision that was returned for correction is its head.

    Args:
        ops: interview ops, in the order of the log.
        judging: what else the choice depends on.
    """
    revisions: dict[str, list[Op]] = defaultdict(list)
    for op in ops:
        revisions[op.interview or op.revision or op.id].append(op)
    found = []
    for interview_id, chain in revisions.items():
        known = [op for op in chain if op.form in judging.forms]
        if known:
            found.append(_judge(interview_id, chain, known, judging))
    found, outdone = _contested(found)
    heads = {each.op for each in found if each.state not in {InterviewState.HELD, InterviewState.VOID}}
    counting = (op for chain in revisions.values() for op in chain if op.id in heads - outdone)
    return tuple(sorted(found, key=lambda each: each.id)), tuple(
        sorted(counting, key=lambda op: op.log_order)
    )


def _judge(interview_id: str, chain: Sequence[Op], known: Sequence[Op], judging: Judging) -> Interview:
    """Choose the head of one interview.

    `other_ops` are the revisions that neither count nor lie on the way to the head: losers of a fork and what follows
    them, and revisions that wait for their parent.
    """
    void = judging.void
    usable = {op.id for op in known if interview_id not in void and op.id not in void}
    path, state, waiting = _walk(chain, usable, judging)
    head = next((op for op in reversed(path) if op.id in usable), None)
    on_path = {op.id for op in path}
    if head is None:
        state = InterviewState.HELD if usable else InterviewState.VOID
        head = next((op for op in known if op.id in usable), known[-1])
        on_path.add(head.id)
    others = tuple(sorted(op.id for op in known if op.id not in on_path and op.id not in void))
    form = head.form or ""
    return Interview(
        interview_id,
        form,
        judging.forms[form].form_id,
        head.round,
        head.id,
        head.user,
        head.said_on,
        state,
        stale=head.epoch is not None and head.epoch != head.assigned_epoch,
        other_ops=others if state is not InterviewState.VOID else (),
        waits_until=min(map(waits_until, waiting), default=None),
        returned=_returned(interview_id, head, judging.returns) if head.id in usable else None,
    )


def _walk(
    chain: Sequence[Op], usable: Collection[str], judging: Judging
) -> tuple[list[Op], InterviewState, list[Op]]:
    """Follow the revisions from the first to the leaf, then on from one that has waited for its parent long enough.

    Returns:
        The way; what was met on it; the revisions that still wait for their parent.
    """
    children: dict[str | None, list[Op]] = defaultdict(list)
    for op in chain:
        children[op.parent].append(op)
    here = {op.revision for op in chain}
    lost = [op for op in chain if op.parent is not None and op.parent not in here]
    late = [op for op in lost if judging.has_waited(op) and op.id in usable]
    path, forked = _follow(children, None, usable)
    state = InterviewState.FORKED if forked else InterviewState.HEAD
    if late:
        more, forked_late = _follow(children, late[-1].parent, usable)
        path += more
        many = forked or forked_late or len({op.parent for op in late}) > 1
        state = InterviewState.FORKED if many else InterviewState.PARENTLESS
    return path, state, [op for op in lost if op.id in usable and not judging.has_waited(op)]


def _follow(
    children: dict[str | None, list[Op]], at: str | None, usable: Collection[str]
) -> tuple[list[Op], bool]:
    """Follow the revisions from the children of one to the leaf; tell whether a fork was met."""
    path: list[Op] = []
    forked = False
    while at in children:
        rivals = children.pop(at)
        able = [op for op in rivals if op.id in usable]
        forked = forked or len(able) > 1
        path.append(_preferred(able or rivals))
        at = path[-1].revision
    return path, forked


def _preferred(rivals: Sequence[Op]) -> Op:
    """Return the revision sent by the holder of the latest assignment that any of them knows, else the first."""
    latest = max((op.assigned_epoch for op in rivals if op.assigned_epoch is not None), default=None)
    return next((op for op in rivals if op.epoch == latest), rivals[0])


def _returned(interview_id: str, head: Op, returns: Sequence[Op]) -> Returned | None:
    """Return who returned the head for correction, and why; None if nobody did, or a later revision came."""
    for op in reversed(returns):
        if op.body.get("interview") == interview_id and op.body.get("revision") == head.revision:
            return Returned(op.id, op.said_on, op.user, str(op.body.get("reason")))
    return None


def _contested(found: Sequence[Interview]) -> tuple[list[Interview], set[str]]:
    """Mark the interviews that were made twice: one round, one form; also return the ops that count no more."""
    made: dict[tuple[str, str], list[Interview]] = defaultdict(list)
    for each in found:
        if each.round is not None and each.state not in {InterviewState.HELD, InterviewState.VOID}:
            made[each.round, each.form_id].append(each)
    rivals = {each.id: twice for twice in made.values() if len(twice) > 1 for each in twice}
    outdone = {
        each.op for each in found for rival in rivals.get(each.id, ()) if each.stale and not rival.stale
    }
    return [
        replace(
            each,
            state=InterviewState.CONTESTED,
            other_ops=tuple(sorted({*each.other_ops, *(r.op for r in rivals[each.id] if r.id != each.id)})),
        )
        if each.id in rivals
        else each
        for each in found
    ], outdone
