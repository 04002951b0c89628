"""资金结余部分可统筹用于建档立卡贫困人口的后续扶持: money of a restricted source was spent on others."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import number, ops, stated

_FOR = "banner.fund_beneficiaries"


@rule("banner/fund-misused", clause="九(二)", severity=Severity.MINOR, subject="banner", parameters=(_FOR,))
def fund_misused(banner: Site, case: Case) -> Iterator[Outcome]:
    """Money was spent, and whom it served is not among those whom the notice allows for its source."""
    for fund in banner.records("fund"):
        source, paid, whom = (stated(fund, name, case) for name in ("source", "paid", "beneficiaries"))
        if source is None or paid is None or whom is None or number(paid) <= 0:
            continue
        seen = max(paid.said.on, whom.said.on)
        allowed = case.parameters.at(_FOR, on=seen, region=banner.region).value.get(source.value)
        if allowed is not None and whom.value not in allowed:
            yield Outcome(
                subject=fund.id,
                episode="misused",
                values={
                    "source": str(source.value),
                    "paid": number(paid),
                    "beneficiaries": str(whom.value),
                },
                span=Span(seen),
                evidence=ops(source, paid, whom),
            )
