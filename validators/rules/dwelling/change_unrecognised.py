"""限制期内房屋使用权、继承权发生变动需经旗人民政府相关部门认定: a dwelling was inherited or divided without that."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Grade, Household
from validators.dwelling import RESTRICTION, changed_on, dwelling_of, restricted_until
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import SUSPECTED, answered, ops

_INHERITED_OR_DIVIDED = ("5", "6")


@rule(
    "dwelling/change-unrecognised",
    clause="二(二)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=RESTRICTION,
)
def change_unrecognised(household: Household, case: Case) -> Iterator[Outcome]:
    """The dwelling was inherited or divided in the restricted years and no recognition of the banner is recorded.

    What a document or an office did not show is `suspected`.
    """
    dwelling = dwelling_of(household)
    told = None if dwelling is None else answered(dwelling, "transfer_kind", _INHERITED_OR_DIVIDED, case)
    if dwelling is None or told is None or dwelling.text("transfer_recognition"):
        return
    free = restricted_until(household, case)
    day, _ = changed_on(dwelling, "transfer_on", told)
    if free is not None and day < free:
        yield Outcome(
            subject=dwelling.id,
            episode=f"change:{told.value}",
            values={"transfer_kind": str(told.value), "changed": day},
            span=Span(told.said.on),
            variant=(SUSPECTED,) if told.said.grade < Grade.DOCUMENT else (),
            evidence=ops(told, dwelling.facts.get("transfer_on")),
        )
