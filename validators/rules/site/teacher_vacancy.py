"""保障安置地师资力量: a teacher's place at a site's school has been empty for weeks."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import milder, overdue, stated

_DAYS = "site.vacancy_days"


@rule("site/teacher-vacancy", clause="三(一)", severity=Severity.MINOR, subject="site", parameters=(_DAYS,))
def teacher_vacancy(site: Site, case: Case) -> Iterator[Outcome]:
    """A place has been empty for more than some days; until somebody says that none is empty now."""
    told, since = stated(site, "teacher_vacancy_since", case), site.day("teacher_vacancy_since")
    if told is None or since is None or site.text("teacher_vacancy") == "no":
        return
    days = int(case.parameters.at(_DAYS, on=since, region=site.region).value)
    deadline = since + timedelta(days=days)
    variant = overdue(told, deadline, case)
    if variant is not None:
        yield Outcome(
            subject=site.id,
            episode=f"vacancy:{since.isoformat()}",
            values={"since": since, "days": days},
            span=Span(next_day(deadline)),
            variant=variant,
            severity=milder(Severity.MINOR, variant),
            evidence=(told.said.op,),
        )
