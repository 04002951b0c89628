"""An interview's revision as it is shown."""

from typing import Any

from api.masking import mask_answers
from core.jsonvalue import Json
from core.masking import mask_text
from forms.definition import FormVersion
from forms.log import Logged
from ledger.model import Folded, InterviewState

_NO_HEAD = frozenset({InterviewState.HELD, InterviewState.VOID})
COUNTING = frozenset(state.value for state in InterviewState if state not in _NO_HEAD)
"""States of a revision whose answers count."""


def state_of(logged: Logged, household: Folded) -> str:
    """Return what became of a revision."""
    if logged.hold is not None:
        return "quarantined"
    if logged.pending:
        return "pending"
    for interview in household.interviews:
        if interview.id == logged.op.interview and (
            interview.op == logged.op.id or interview.state in _NO_HEAD
        ):
            return interview.state.value
    return "superseded"


def item(logged: Logged, household: Folded) -> dict[str, Any]:
    """Return a revision as a list shows it."""
    op = logged.op
    return {
        "op": op.id,
        "interview": op.interview,
        "revision": op.revision,
        "parent": op.parent,
        "household": op.household,
        "form": op.form,
        "round": op.round,
        "user": op.user,
        "said_on": op.said_on,
        "received_at": op.received_at,
        "state": state_of(logged, household),
        "stale": any(each.stale for each in household.interviews if each.op == op.id),
        "returned": next((each.returned for each in household.interviews if each.op == op.id), None),
        "issues_count": len(logged.issues),
    }


def whole(logged: Logged, household: Folded, version: FormVersion | None) -> dict[str, Any]:
    """Return a revision with its answers, masked."""
    return item(logged, household) | {
        "sha256": logged.sha256,
        "finished_at": logged.finished_at,
        "clock": logged.clock,
        "hold": logged.hold.value if logged.hold else None,
        "issues": [shown_issue(issue) for issue in logged.issues],
        "answers": mask_answers(version, logged.op.body.get("answers", {})),
        "blobs": logged.blobs,
    }


def shown_issue(issue: Json) -> Json:
    """Return an issue with the numbers in its words masked."""
    return {name: mask_text(text) if isinstance(text, str) else text for name, text in issue.items()}
