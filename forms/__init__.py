"""What is asked, and what was answered.

A draft is checked (`check`) and compiled (`publish_bytes`) into a `FormVersion`, which `FormRepository` keeps.
`gate_for` gives the gate that judges answers, `rows` the facts that they state. Functions named as their module are
imported from it: `forms.canonical`, `forms.diff`, `forms.upcast`; the log of answers is `forms.log`.
"""

from forms.canonical import NotCanonical, digest
from forms.checks import FormProblem, check
from forms.compile import compile_draft, draft_of, publish_bytes
from forms.definition import FormVersion, NotADefinition, Page, Question
from forms.diff import FormDiff
from forms.expressions import Expression, ExpressionError, parse
from forms.extract import rows
from forms.facts import FactDictionary, FactSpec, FactType, Row
from forms.gate import Gate, Issue, gate_for
from forms.op import Op, OpKind
from forms.repository import FormRepository, PublishedForm
from forms.upcast import Loss

__all__ = [
    "Expression",
    "ExpressionError",
    "FactDictionary",
    "FactSpec",
    "FactType",
    "FormDiff",
    "FormProblem",
    "FormRepository",
    "FormVersion",
    "Gate",
    "Issue",
    "Loss",
    "NotADefinition",
    "NotCanonical",
    "Op",
    "OpKind",
    "Page",
    "PublishedForm",
    "Question",
    "Row",
    "check",
    "compile_draft",
    "digest",
    "draft_of",
    "gate_for",
    "parse",
    "publish_bytes",
    "rows",
]
