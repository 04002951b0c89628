"""Payments after death or leaving are looked at by a person, never decided by the system (冒领核查)."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span, next_day
from ledger.model import Person, Spell
from validators.insurance import KINDS
from validators.rule import Case, Outcome, Severity, rule


@rule("insurance/payment-after-exit", clause="三(三)", severity=Severity.INFORMATION)
def payment_after_exit(person: Person, case: Case) -> Iterator[Outcome]:
    """A premium was paid, cover began, or a benefit ran on after the day of death or leaving.

    Cover paid ahead before that day is in order. Information only: the record of the exit may be what is wrong.
    """
    left, event = person.left, person.text("exit.event")
    if left is None or event == "mistaken":
        return
    for branch, kind in KINDS.items():
        for spell in person.track(kind).spells:
            day = _paid_after(spell, left)
            if day is not None and case.today.reached(day):
                yield Outcome(
                    subject=person.id,
                    episode=f"{branch}:{spell.key}",
                    values={"branch": branch, "left": left, "paid": day},
                    span=Span(day, max(day, spell.days.end)),
                    variant=("died",) if event == "died" else (),
                    evidence=(min(spell.said, key=lambda said: (said.on, said.op)).op,),
                )


def _paid_after(spell: Spell, left: date) -> date | None:
    """Return the first day after leaving on which something was paid, as far as it is known."""
    paid_on = spell.day("paid_on")
    if paid_on is not None and paid_on > left:
        return paid_on
    if spell.start > left and paid_on is None:
        return spell.start
    if spell.fields.get("state") == "in_payment" and spell.days.end > left:
        return max(spell.start, next_day(left))
    return None
