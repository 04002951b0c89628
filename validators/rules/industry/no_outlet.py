"""拓宽安置点产品销售渠道: a household has something to sell, and only dealers or the market to sell it to."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import stated

_HELPED = {"cooperative", "partner", "online"}
_NOTHING_TO_SELL = "none"


@rule("industry/no-outlet", clause="八(三)", severity=Severity.INFORMATION, subject="household")
def no_outlet(household: Household, case: Case) -> Iterator[Outcome]:
    """Own products are sold, and through none of cooperative or firm, partner unit, online shop."""
    channels = stated(household, "sales.channels", case)
    if channels is None or not isinstance(channels.value, tuple) or _NOTHING_TO_SELL in channels.value:
        return
    if channels.value and _HELPED.isdisjoint(channels.value):
        yield Outcome(
            subject=household.id,
            episode="outlet",
            values={"channels": channels.value},
            span=Span(channels.said.on),
            evidence=(channels.said.op,),
        )
