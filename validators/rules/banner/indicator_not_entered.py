"""能纳入城乡建设用地增减挂钩交易政策范围的，组织实施节余指标交易: land that could be entered is not."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import number, ops, stated


@rule("banner/indicator-not-entered", clause="六(二)", severity=Severity.INFORMATION, subject="banner")
def indicator_not_entered(banner: Site, case: Case) -> Iterator[Outcome]:
    """Of a project's eligible area less has been entered as an indicator."""
    for trade in banner.records("indicator_trade"):
        eligible, entered = stated(trade, "eligible_mu", case), stated(trade, "entered_mu", case)
        if eligible is None or entered is None:
            continue
        could, does = number(eligible), number(entered)
        if could > does:
            yield Outcome(
                subject=trade.id,
                episode="entered",
                values={"project": trade.text("project") or "", "eligible": could, "entered": does},
                span=Span(max(eligible.said.on, entered.said.on)),
                evidence=ops(eligible, entered),
            )
