"""畅通信访和诉求表达渠道，及时解决合理诉求: a petition is not settled in the time that the rules on petitions give."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, overdue, stated

_DAYS = "site.petition_days"


@rule("site/petition-overdue", clause="四(二)", severity=Severity.MINOR, subject="site", parameters=(_DAYS,))
def petition_overdue(site: Site, case: Case) -> Iterator[Outcome]:
    """A petition was opened more than some days ago, and nobody has told the day on which it was settled."""
    for petition in site.records("petition"):
        told, opened = stated(petition, "opened_on", case), petition.day("opened_on")
        if told is None or opened is None or petition.day("closed_on") is not None:
            continue
        days = int(case.parameters.at(_DAYS, on=opened, region=site.region).value)
        deadline = opened + timedelta(days=days)
        variant = overdue(told, deadline, case)
        if variant is not None:
            yield Outcome(
                subject=petition.id,
                episode="open",
                values={"topic": petition.text("topic") or "", "opened": opened, "days": days},
                span=Span(next_day(deadline)),
                variant=variant,
                severity=milder(Severity.MINOR, variant),
                evidence=(told.said.op,),
            )
