"""提供劳动就业、社会保障、户籍管理、入学教育、法律咨询、政策解读、纠纷调解等服务: some of the seven are not offered."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops

_TOWN = ("town", "park")


@rule("site/service-missing", clause="四(三)", severity=Severity.MAJOR, subject="site")
def service_missing(site: Site, case: Case) -> Iterator[Outcome]:
    """Yield once a site, naming those of the seven services that are known not to be offered.

    A town site is to have a service centre, a village site a window (`village`).
    """
    told = [
        (each.text("service") or each.id, answered(each, "offered", ("no",), case))
        for each in site.records("service_point")
    ]
    missing = {service: fact for service, fact in told if fact is not None}
    if missing:
        yield Outcome(
            subject=site.id,
            episode="services",
            values={"services": tuple(missing), "count": len(missing)},
            span=Span(min(fact.said.on for fact in missing.values())),
            variant=() if site.text("kind") in {*_TOWN, None} else ("village",),
            evidence=ops(*missing.values()),
        )
