"""开展心理疏导、社会帮扶等社区服务工作，开展形式多样的公共文化活动: nothing was held at a site in a quarter."""

from collections.abc import Iterator

from core.spans import Span, add_months, next_day
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops, stated

_MONTHS = "site.events_months"


@rule("site/no-events", clause="四(三)", severity=Severity.INFORMATION, subject="site", parameters=(_MONTHS,))
def no_events(site: Site, case: Case) -> Iterator[Outcome]:
    """The last event of which the ledger knows lies more than some months back; or it knows of none and was told so."""
    held = [
        (day, each.facts["on"])
        for each in site.records("event")
        if stated(each, "on", case) is not None and (day := each.day("on")) is not None
    ]
    yes, no = answered(site, "events.held", ("yes",), case), answered(site, "events.held", ("no",), case)
    if yes is not None:
        held.append((yes.said.on, yes))
    last, fact = max(held, key=lambda each: each[0], default=(None, None))
    told = last if last is not None or no is None else no.said.on
    if told is None:
        return
    months = int(case.parameters.at(_MONTHS, on=told, region=site.region).value)
    first = next_day(add_months(told, months)) if last is not None else told
    if case.today.reached(first):
        yield Outcome(
            subject=site.id,
            episode="events",
            values={"months": months},
            span=Span(first),
            evidence=ops(fact, no),
        )
