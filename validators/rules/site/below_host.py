"""与迁入地一体规划、一体建设，按照同一标准实施: an item of infrastructure is worse than in the host block."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.site._items import RANK
from validators.stated import ops, stated


@rule("site/below-host", clause="二(一)", severity=Severity.MAJOR, subject="site")
def below_host(site: Site, case: Case) -> Iterator[Outcome]:
    """An item is missing, broken or being built while the host block has it better."""
    for item in site.records("infrastructure"):
        ours, theirs = stated(item, "status", case), stated(item, "host_status", case)
        if ours is None or theirs is None or ours.value not in RANK or theirs.value not in RANK:
            continue
        if RANK[ours.value] > RANK[theirs.value]:
            yield Outcome(
                subject=item.id,
                episode="below-host",
                values={
                    "item": item.text("item") or "",
                    "status": str(ours.value),
                    "host_status": str(theirs.value),
                },
                span=Span(max(ours.said.on, theirs.said.on)),
                evidence=ops(ours, theirs),
            )
