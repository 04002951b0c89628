"""自愿转为非农户口的，减免各项行政收费: a fee was charged for it."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops, stated


@rule("rights/hukou-fee", clause="七(三)", severity=Severity.MINOR)
def hukou_fee(person: Person, case: Case) -> Iterator[Outcome]:
    """The person became non-agricultural and paid an administrative fee for it."""
    charged = stated(person, "hukou.fee_charged", case)
    fee = person.number("hukou.fee_charged") or 0
    if charged is None or fee <= 0 or person.left is not None:
        return
    kind = answered(person, "hukou.kind", ("resident",), case)
    if kind is not None:
        yield Outcome(
            subject=person.id,
            episode="fee",
            values={"fee": fee},
            span=Span(charged.said.on),
            evidence=ops(charged, kind),
        )
