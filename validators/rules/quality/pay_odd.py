"""Pay lies in a range and does not jump from one round to the next (Q10)."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Grade, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import number, ops, stated

_MOST, _FACTOR = "quality.pay_most", "quality.pay_factor"


@rule("quality/pay-odd", clause="九(一)", severity=Severity.MINOR, parameters=(_MOST, _FACTOR))
def pay_odd(person: Person, case: Case) -> Iterator[Outcome]:
    """Pay of a month lies outside the range (`range`), or is some times more or less than told before (`jump`).

    The amounts stand in the ledger and not in the finding. What the office corrected is settled; from or to nothing
    is no jump.
    """
    pay = stated(person, "work.pay_month", case)
    if pay is None or pay.said.grade is Grade.OFFICE:
        return
    amount, told = number(pay), person.history("work.pay_month")
    most = case.parameters.at(_MOST, on=pay.said.on).value
    before = told[-2] if len(told) > 1 else None
    variant = []
    if before is not None and amount > 0 and number(before) > 0:
        factor = case.parameters.at(_FACTOR, on=pay.said.on).value
        if max(amount, number(before)) > factor * min(amount, number(before)):
            variant.append("jump")
    if not 0 <= amount <= most:
        variant.append("range")
    if variant:
        changed = told[-1].said.on
        yield Outcome(
            subject=person.id,
            episode=f"pay:{changed.isoformat()}",
            values={},
            span=Span(changed),
            variant=tuple(variant),
            evidence=ops(pay, before),
        )
