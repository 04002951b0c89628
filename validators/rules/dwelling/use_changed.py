"""使用性质不得随意改变: a dwelling is used for something else than it was approved for."""

from collections.abc import Iterator, Mapping

from core.spans import Span
from ledger.model import Household
from validators.dwelling import dwelling_of
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops, stated

_OWN_HOME, _LEASED = "1", "4"
_VARIANTS: Mapping[str, str] = {"2": "empty", "5": "lent"}


@rule("dwelling/use-changed", clause="二(二)", severity=Severity.MAJOR, subject="household")
def use_changed(household: Household, case: Case) -> Iterator[Outcome]:
    """The observed use is not the approved one (自住 when the register says nothing), and no permit is recorded.

    Leasing has its own rule. A dwelling that is lent needs the recognition of the banner's department instead of a
    permit (使用权发生变动需经认定). An empty one is minor: its nature is unchanged.
    """
    dwelling = dwelling_of(household)
    observed = None if dwelling is None else stated(dwelling, "use_observed", case)
    if dwelling is None or observed is None:
        return
    use, approved = str(observed.value), dwelling.text("use_approved") or _OWN_HOME
    if use in {approved, _OWN_HOME, _LEASED} or dwelling.text("use_permit"):
        return
    variant = _VARIANTS.get(use)
    if variant == "lent" and dwelling.text("transfer_recognition"):
        return
    yield Outcome(
        subject=dwelling.id,
        episode=f"use:{use}",
        values={"use_observed": use, "use_approved": approved},
        span=Span(observed.said.on),
        variant=(variant,) if variant else (),
        severity=Severity.MINOR if variant == "empty" else None,
        evidence=ops(observed, dwelling.facts.get("use_approved")),
    )
