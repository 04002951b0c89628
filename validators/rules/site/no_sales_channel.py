"""建立消费扶贫对接，拓宽安置点产品销售渠道: a site has no partner unit, no online shop and no delivery point."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops


@rule("site/no-sales-channel", clause="八(三)", severity=Severity.INFORMATION, subject="site")
def no_sales_channel(site: Site, case: Case) -> Iterator[Outcome]:
    """There is no online shop and no delivery point, and no partner unit was named."""
    shops, logistics = answered(site, "sales.online", (0,), case), answered(site, "logistics", ("no",), case)
    if shops is not None and logistics is not None and not site.text("sales.partner"):
        yield Outcome(
            subject=site.id,
            episode="sales",
            values={},
            span=Span(max(shops.said.on, logistics.said.on)),
            evidence=ops(shops, logistics),
        )
