"""本着自愿原则转移户籍: somebody moved the registration against their will, or was asked to give up rights for it."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered


@rule("rights/hukou-not-voluntary", clause="七(一)", severity=Severity.CRITICAL)
def hukou_not_voluntary(person: Person, case: Case) -> Iterator[Outcome]:
    """The person says that the registration was moved against their will, or that rights were to be given up for it.

    Not to move it is in order: the notice guides, it does not oblige (本着自愿原则，积极引导).
    """
    if person.left is not None:
        return
    unwilling = answered(person, "hukou.own_will", ("no",), case)
    asked = answered(person, "hukou.asked_to_give_up", ("yes",), case)
    for episode, fact in (("own_will", unwilling), ("give_up", asked)):
        if fact is not None:
            yield Outcome(
                subject=person.id,
                episode=episode,
                values={},
                span=Span(fact.said.on),
                variant=("give_up",) if episode == "give_up" else (),
                evidence=(fact.said.op,),
            )
