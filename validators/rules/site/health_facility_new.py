"""苏木乡镇卫生院或社区卫生服务中心所在地原则上不再新设: a clinic or station was set up where a hospital is."""

from collections.abc import Iterator
from itertools import pairwise

from core.spans import Span
from ledger.model import Fact, Record, Site
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.site._health import at_seat, medical
from validators.stated import answered, ops


@rule("site/health-facility-new", clause="三(二)", severity=Severity.INFORMATION, subject="site")
def health_facility_new(site: Site, case: Case) -> Iterator[Outcome]:
    """A clinic or health station that was told not to be there is there now, at the seat of a township hospital.

    In principle none is set up there (原则上): somebody is to look, no more. What was there from the beginning is none.
    """
    seat = at_seat(site, case, "yes")
    if seat is None:
        return
    for facility in medical(site):
        there = answered(facility, "exists", ("yes",), case)
        first = _set_up(facility)
        if there is not None and first is not None and facility.text("kind") != "hospital":
            yield Outcome(
                subject=facility.id,
                episode="new",
                values={"kind": facility.text("kind") or ""},
                span=Span(first.said.on),
                evidence=ops(seat, first, there),
            )


def _set_up(facility: Record) -> Fact | None:
    """Return the statement by which it came to be there after it was not, or None."""
    changes = [fact for fact in facility.history("exists") if fact.value in {"yes", "no"}]
    return next(
        (after for before, after in pairwise(changes) if (before.value, after.value) == ("no", "yes")), None
    )
