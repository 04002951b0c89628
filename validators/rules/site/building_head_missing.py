"""在安置点设置点长、片长、楼栋长等: buildings of a site have no building head."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops


@rule("site/building-head-missing", clause="四(二)", severity=Severity.MINOR, subject="site")
def building_head_missing(site: Site, case: Case) -> Iterator[Outcome]:
    """Yield once a site, naming the buildings that are known to have no building head."""
    told = [
        (each.text("no") or each.id, answered(each, "head", ("no",), case))
        for each in site.records("building")
    ]
    missing = {number: fact for number, fact in told if fact is not None}
    if missing:
        yield Outcome(
            subject=site.id,
            episode="heads",
            values={"buildings": tuple(sorted(missing)), "count": len(missing)},
            span=Span(min(fact.said.on for fact in missing.values())),
            evidence=ops(*missing.values()),
        )
