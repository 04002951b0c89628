"""按标准配置医疗设备和医护人员: a medical facility of a site has too few staff or lacks equipment."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.site._health import medical
from validators.stated import answered, number, ops, stated


@rule("site/health-facility-substandard", clause="三(二)", severity=Severity.MAJOR, subject="site")
def health_facility_substandard(site: Site, case: Case) -> Iterator[Outcome]:
    """A facility on the site has fewer licensed staff than its standard (`staff`), or lacks `equipment`."""
    for facility in medical(site):
        there = answered(facility, "exists", ("yes",), case)
        if there is None:
            continue
        staff, standard = (stated(facility, name, case) for name in ("staff", "staff_standard"))
        lacks = answered(facility, "equipment", ("no",), case)
        short = 0
        if staff is not None and standard is not None:
            short = int(number(standard)) - int(number(staff))
        if short <= 0 and lacks is None:
            continue
        said = [fact for fact in (*((staff, standard) if short > 0 else ()), lacks) if fact is not None]
        yield Outcome(
            subject=facility.id,
            episode="standard",
            values={"kind": facility.text("kind") or "", "short": max(short, 0)},
            span=Span(max(fact.said.on for fact in said)),
            variant=tuple(name for name, holds in (("equipment", lacks), ("staff", short > 0)) if holds),
            evidence=ops(there, *said),
        )
