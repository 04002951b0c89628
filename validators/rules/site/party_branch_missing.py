"""要及时成立相应的党支部或党小组: a site with a body of its own has no party branch or group."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import Span, next_day
from ledger.model import Fact, Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, milder, ops, overdue

_DAYS = "site.party_branch_days"
_OWN = ("1", "2")


@rule(
    "site/party-branch-missing",
    clause="四(一)",
    severity=Severity.MINOR,
    subject="site",
    parameters=(_DAYS,),
)
def party_branch_missing(site: Site, case: Case) -> Iterator[Outcome]:
    """A villagers' group or residents' committee was formed more than some days ago, and there is no branch.

    Where the day of forming is not known, the days count from the first statement that there is such a body.
    """
    body, none = answered(site, "body", _OWN, case), answered(site, "party_branch", ("no",), case)
    if body is None or none is None:
        return
    formed = _formed(site, body)
    days = int(case.parameters.at(_DAYS, on=formed, region=site.region).value)
    deadline = formed + timedelta(days=days)
    variant = overdue(none, deadline, case)
    if variant is not None:
        yield Outcome(
            subject=site.id,
            episode="branch",
            values={"body": str(body.value), "formed": formed, "days": days},
            span=Span(next_day(deadline)),
            variant=variant,
            severity=milder(Severity.MINOR, variant),
            evidence=ops(body, none),
        )


def _formed(site: Site, body: Fact) -> date:
    stated = site.day("body_on")
    if stated is not None:
        return stated
    return next(
        (fact.said.on for fact in reversed(site.history("body")) if fact.value == body.value), body.said.on
    )
