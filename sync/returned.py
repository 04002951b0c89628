"""A returned interview as it travels to who is to correct it: whoever holds the row of its household or place. Pure.

Nobody is told more at a door than the entry's own row tells (`ledger.view`): private answers stay here, and are named,
so that a revision can leave them as they are (`forms.kept`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.masking import mask_text
from forms.definition import FormVersion, Question
from forms.kept import parted
from forms.log import Logged
from ledger.kept import Revisions
from ledger.model import Folded
from ledger.view import travels


def returned_rows(
    entry: Folded, logged: Sequence[Logged], forms: Mapping[str, FormVersion]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and row of each returned interview of an entry whose form version is in `forms`.

    `{"household", "form", "form_id", "round", "revision", "reason", "answers", "kept"}`: the revision that was
    returned, which is the parent of its correction; `form` is the SHA-256 of its version; `kept` are JSON Pointers of
    answers that are not told.
    """
    returned = [each for each in entry.interviews if each.returned is not None and each.form in forms]
    if not returned:
        return
    ops = {each.op.id: each.op for each in logged}
    revisions = Revisions.of(ops.values(), forms)
    for interview in returned:
        op, why = ops.get(interview.op), interview.returned
        if op is None or why is None:
            continue
        answers, kept = parted(forms[interview.form], revisions.answers_of(op), told_at_door)
        row = {
            "household": entry.id,
            "form": interview.form,
            "form_id": interview.form_id,
            "round": interview.round,
            "revision": op.revision,
            "reason": mask_text(why.reason),
            "answers": answers,
        }
        yield f"returned/{interview.id}", row | ({"kept": kept} if kept else {})


def told_at_door(question: Question) -> bool:
    """Tell whether an answer may travel: it is not private, or the entry's own row tells the fact that it states."""
    if question.schema.get("x-pii") is None:
        return True
    return question.fact is not None and travels(*question.fact)
