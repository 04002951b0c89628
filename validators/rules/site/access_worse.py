"""能够享有与迁入地群众同等水平的基本公共服务: movers need longer to a facility than the host community."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import number, ops, stated

_MINUTES, _BY = "site.access_minutes", "site.access_by"


@rule(
    "site/access-worse",
    clause="一(二)",
    severity=Severity.MINOR,
    subject="site",
    parameters=(_MINUTES, _BY),
)
def access_worse(site: Site, case: Case) -> Iterator[Outcome]:
    """From the site it takes longer to a facility than from the host community, by more than some minutes.

    What was seen before the notice's day (2020年年底前) is due by that day; later the usual days to act count.
    """
    for facility in site.records("facility"):
        ours, theirs = stated(facility, "minutes", case), stated(facility, "host_minutes", case)
        if ours is None or theirs is None:
            continue
        minutes, host = number(ours), number(theirs)
        seen = max(ours.said.on, theirs.said.on)
        allowed = case.parameters.at(_MINUTES, on=seen, region=site.region).value
        by = case.parameters.at(_BY, on=seen).value
        if minutes - host > allowed:
            yield Outcome(
                subject=facility.id,
                episode="access",
                values={
                    "kind": facility.text("kind") or "",
                    "minutes": minutes,
                    "host": host,
                    "allowed": allowed,
                },
                span=Span(seen),
                due=by if seen <= by else None,
                evidence=ops(ours, theirs),
            )
