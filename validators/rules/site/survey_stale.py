"""摸底排查易地扶贫搬迁建设安置点: nobody has surveyed a site's facilities for long."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import stated

_DAYS = "site.survey_days"


@rule("site/survey-stale", clause="二(一)", severity=Severity.MAJOR, subject="site", parameters=(_DAYS,))
def survey_stale(site: Site, case: Case) -> Iterator[Outcome]:
    """The last survey of the facilities lies some days or more back.

    A site of which the ledger holds no survey counts from its first households on, as not verified (`never`, minor): a
    survey may have been made and not been entered.
    """
    surveyed = stated(site, "surveyed_on", case)
    told = surveyed or stated(site, "occupied_from", case)
    last = site.day("surveyed_on") if surveyed is not None else site.day("occupied_from")
    if told is None or last is None:
        return
    days = int(case.parameters.at(_DAYS, on=last, region=site.region).value)
    first = last + timedelta(days=days)
    if case.today.reached(first):
        yield Outcome(
            subject=site.id,
            episode="survey",
            values={"last": last, "days": days},
            span=Span(first),
            variant=() if surveyed is not None else ("never",),
            severity=None if surveyed is not None else Severity.MINOR,
            evidence=(told.said.op,),
        )
