"""2020年年底前，“两不愁三保障”问题有效解决: one of them is known not to be solved after that day."""

from collections.abc import Iterator, Mapping
from datetime import date

from core.spans import Span, next_day
from ledger.model import Fact, Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops, stated

_BY = "welfare.guarantees_by"
_ISSUED = date(2019, 12, 24)
_ASKED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "clothing": {"clothing.seasonal": ("no",)},
    "water": {f"water.{part}": ("no",) for part in ("quantity", "quality", "distance", "reliability")},
    "medical": {"medical.basic": ("no",)},
    "housing": {"housing.safety": ("C", "D")},
}


@rule(
    "welfare/guarantee-missing",
    clause="一(二)",
    severity=Severity.CRITICAL,
    subject="household",
    parameters=(_BY,),
)
def guarantee_missing(household: Household, case: Case) -> Iterator[Outcome]:
    """Food, clothing, water, basic medical care or a safe dwelling is lacking, told after the last day of 2020.

    What was told on or before that day says nothing about the time after it. The third guarantee, compulsory schooling,
    is judged by the rules of schooling: nobody is asked twice.
    """
    by = case.parameters.at(_BY, on=_ISSUED, region=household.region).value
    for item, flaws in _lacking(household, case):
        late = [fact for fact in flaws if fact.said.on > by]
        if late:
            yield Outcome(
                subject=household.id,
                episode=item,
                values={"item": item, "by": by},
                span=Span(max(next_day(by), min(fact.said.on for fact in late))),
                evidence=ops(*late),
            )


def _lacking(household: Household, case: Case) -> Iterator[tuple[str, list[Fact]]]:
    """Yield what the household lacks, with the statements that say so."""
    months = stated(household, "food.months_short", case)
    if months is not None and (household.number("food.months_short") or 0) > 0:
        yield "food", [months]
    for item, asked in _ASKED.items():
        told = [answered(household, name, values, case) for name, values in asked.items()]
        flaws = [fact for fact in told if fact is not None]
        if flaws:
            yield item, flaws
