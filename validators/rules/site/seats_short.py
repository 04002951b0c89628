"""精准掌握搬迁群众子女就学需求: next term more children of movers need a seat than are free in a grade."""

from collections.abc import Iterator

from core.spans import Span, previous_day
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import number, ops, stated


@rule("site/seats-short", clause="三(一)", severity=Severity.MAJOR, subject="site")
def seats_short(site: Site, case: Case) -> Iterator[Outcome]:
    """The need of a grade forecast for the next term exceeds the free seats of the nearest school.

    To be settled before the first day of the term that follows the forecast, where the calendar knows it.
    """
    for row in site.records("seats"):
        seats, used, need = (stated(row, name, case) for name in ("seats", "used", "need"))
        if seats is None or used is None or need is None:
            continue
        free = max(int(number(seats)) - int(number(used)), 0)
        wanted = int(number(need))
        if wanted > free:
            term = case.calendar.next_term(need.said.on, site.region)
            yield Outcome(
                subject=row.id,
                episode="seats",
                values={
                    "school": row.text("school") or "",
                    "grade": int(row.number("grade") or 0),
                    "need": wanted,
                    "free": free,
                    "short": wanted - free,
                },
                span=Span(need.said.on),
                due=None if term is None else previous_day(term.span.start),
                evidence=ops(seats, used, need),
            )
