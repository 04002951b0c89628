"""各旗区要因地制宜制定大型安置点产业发展规划，建立项目库: a large site has no plan, or a plan without projects."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops
from validators.surroundings import LARGE, is_large


@rule(
    "site/industry-plan-missing", clause="八(一)", severity=Severity.MINOR, subject="site", parameters=LARGE
)
def industry_plan_missing(site: Site, case: Case) -> Iterator[Outcome]:
    """A large site has no industry plan, or has one and no project in its list (`projects`)."""
    none = answered(site, "industry_plan", ("no",), case)
    planned = answered(site, "industry_plan", ("yes",), case)
    empty = answered(site, "industry_plan.projects", (0,), case) if planned is not None else None
    seen = none or empty
    if seen is not None and is_large(site, case, seen.said.on):
        yield Outcome(
            subject=site.id,
            episode="plan" if none is not None else "projects",
            values={},
            span=Span(seen.said.on),
            variant=() if none is not None else ("projects",),
            evidence=ops(none, planned, empty, site.facts.get("population")),
        )
