"""安置房及附属配套设施使用性质不得随意改变: a site's facility is used for something it was not approved for."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops, stated

_AS_BUILT, _IDLE = "1", "2"


@rule("site/use-changed", clause="二(二)", severity=Severity.MAJOR, subject="site")
def use_changed(site: Site, case: Case) -> Iterator[Outcome]:
    """The observed use of an item or facility is not the approved one, and no permit is recorded.

    What the register says nothing of is approved for what it was built for. An idle one is minor (`idle`): its nature
    is unchanged.
    """
    for kind, name in (("infrastructure", "item"), ("facility", "kind")):
        for record in site.records(kind):
            observed = stated(record, "use_observed", case)
            if observed is None:
                continue
            use, approved = str(observed.value), record.text("use_approved") or _AS_BUILT
            if use in {approved, _AS_BUILT} or record.text("use_permit"):
                continue
            idle = use == _IDLE
            yield Outcome(
                subject=record.id,
                episode=f"use:{use}",
                values={"facility": record.text(name) or "", "use_observed": use, "use_approved": approved},
                span=Span(observed.said.on),
                variant=("idle",) if idle else (),
                severity=Severity.MINOR if idle else None,
                evidence=ops(observed, record.facts.get("use_approved")),
            )
