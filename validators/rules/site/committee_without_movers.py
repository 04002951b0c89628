"""要注重吸纳安置点优秀人才，参与安置点社区管理: nobody who was relocated sits in the committees."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, number, ops, stated


@rule("site/committee-without-movers", clause="四(一)", severity=Severity.INFORMATION, subject="site")
def committee_without_movers(site: Site, case: Case) -> Iterator[Outcome]:
    """The committees have seats, and none is held by somebody relocated."""
    seats, none = stated(site, "committee.seats", case), answered(site, "committee.relocated", (0,), case)
    if seats is not None and none is not None and int(number(seats)) > 0:
        yield Outcome(
            subject=site.id,
            episode="committee",
            values={"seats": int(number(seats))},
            span=Span(none.said.on),
            evidence=ops(seats, none),
        )
