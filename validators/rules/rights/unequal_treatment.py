"""随迁子女入园入学和就业享受与城镇居民子女同等待遇: somebody was refused, or charged a fee, as a mover."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, stated


@rule("rights/unequal-treatment", clause="七(三)", severity=Severity.CRITICAL)
def unequal_treatment(person: Person, case: Case) -> Iterator[Outcome]:
    """The person was refused by a kindergarten, a school or an employer as a mover, or charged what others are not."""
    if person.left is not None:
        return
    where = person.text("equal.where") or ""
    refused = answered(person, "equal.refused", ("yes",), case)
    if refused is not None:
        yield Outcome(
            subject=person.id,
            episode=f"refused:{where}",
            values={"where": where, "fee": 0},
            span=Span(refused.said.on),
            evidence=(refused.said.op,),
        )
    charged = stated(person, "equal.extra_fee", case)
    fee = person.number("equal.extra_fee") or 0
    if charged is not None and fee > 0:
        yield Outcome(
            subject=person.id,
            episode=f"fee:{where}",
            values={"where": where, "fee": fee},
            span=Span(charged.said.on),
            variant=("fee",),
            evidence=(charged.said.op,),
        )
