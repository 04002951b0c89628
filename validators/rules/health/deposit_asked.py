"""在安置地定点医疗机构就医的，严格落实先诊疗后付费政策: a designated facility asked for a deposit."""

from collections.abc import Iterator

from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops


@rule("health/deposit-asked", clause="三(二)", severity=Severity.MAJOR)
def deposit_asked(person: Person, case: Case) -> Iterator[Outcome]:
    """A deposit was asked for at admission, by a designated facility at the new place, after the move.

    Elsewhere treatment before payment is not promised. The day stands in the values, which are sealed, and not in the
    span, which is not (ADR 16). Who has left the household since is told all the same.
    """
    for stay in person.records("inpatient"):
        designated = answered(stay, "designated", ("yes",), case)
        asked = answered(stay, "deposit_asked", ("yes",), case)
        admitted, move_in = stay.day("on"), case.household.move_in
        if designated is None or asked is None or admitted is None:
            continue
        if move_in is None or admitted >= move_in:
            yield Outcome(
                subject=stay.id,
                episode="deposit",
                values={"admitted": admitted, "amount": stay.number("deposit_amount") or 0},
                variant=("amount",) if stay.number("deposit_amount") else (),
                evidence=ops(designated, asked),
            )
