"""The whole answers of a revision: what it says, and what it left as the one before it has it. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from core.jsonvalue import Json
from forms.definition import FormVersion
from forms.kept import completed
from forms.op import Op, OpKind


class Revisions(NamedTuple):
    """The revisions of an entry's interviews by (interview, revision), and the form versions by SHA-256."""

    by_name: Mapping[tuple[str | None, str | None], Op]
    forms: Mapping[str, FormVersion]

    @classmethod
    def of(cls, ops: Collection[Op], forms: Mapping[str, FormVersion]) -> "Revisions":
        """Read all ops of an entry; what is void is left out, and of two that are called the same the first holds."""
        found: dict[tuple[str | None, str | None], Op] = {}
        if any(op.kind is OpKind.INTERVIEW and op.body.get("kept") for op in ops):
            void = {op.body.get(name) for op in ops if op.kind is OpKind.VOID for name in ("op", "interview")}
            for op in sorted(ops, key=lambda op: op.log_order):
                if op.kind is OpKind.INTERVIEW and not void & {op.id, op.interview}:
                    found.setdefault((op.interview, op.revision), op)
        return cls(found, forms)

    def answers_of(self, op: Op) -> Json:
        """Return the whole answers of a revision; of what its parent is not here for, nothing comes back."""
        chain = [op]
        while chain[-1].body.get("kept"):
            parent = self.by_name.get((op.interview, chain[-1].parent))
            if parent is None or parent in chain:
                break
            chain.append(parent)
        answers: Json = chain.pop().body.get("answers")
        while chain:
            each = chain.pop()
            version, own = self.forms.get(each.form or ""), each.body.get("answers")
            answers = (
                own if version is None else completed(version, own, each.body.get("kept") or (), answers)
            )
        return answers
