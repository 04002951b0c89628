"""在搬迁规模较大的安置点设立就业创业指导中心: a large site has none."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops
from validators.surroundings import LARGE, is_large


@rule(
    "site/employment-centre-missing",
    clause="五(三)",
    severity=Severity.MINOR,
    subject="site",
    parameters=LARGE,
)
def employment_centre_missing(site: Site, case: Case) -> Iterator[Outcome]:
    """A large site has no centre for work and startups."""
    none = answered(site, "employment_centre", ("no",), case)
    if none is not None and is_large(site, case, none.said.on):
        yield Outcome(
            subject=site.id,
            episode="centre",
            values={},
            span=Span(none.said.on),
            evidence=ops(none, site.facts.get("population")),
        )
