"""Wishes and own choices are told by the person alone (Q20)."""

from collections.abc import Iterator

from core.spans import Span
from ledger.claims import recency
from ledger.model import Fact, Grade, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops, stated

_OPINIONS = ("work_willing", "train_willing", "startup.wants", "insurance.enrol_choice")
_NOTHING = ("9", "unknown")


@rule("quality/opinion-by-proxy", clause="九(一)", severity=Severity.MAJOR)
def opinion_by_proxy(person: Person, case: Case) -> Iterator[Outcome]:
    """A wish or choice was told in an interview in which the person did not answer in person.

    Not known (`9`, `unknown`) tells nothing, so it needs no person.
    """
    if all(fact.value is not False for fact in person.history("answered_self")):
        return
    told = [(name, stated(person, name, case)) for name in _OPINIONS]
    by_others = {
        name: fact
        for name, fact in told
        if fact is not None and fact.value not in _NOTHING and _was_absent(person, fact)
    }
    if by_others:
        yield Outcome(
            subject=person.id,
            episode="proxy",
            values={"opinions": tuple(by_others)},
            span=Span(min(fact.said.on for fact in by_others.values())),
            evidence=ops(*by_others.values()),
        )


def _was_absent(person: Person, opinion: Fact) -> bool:
    """Tell whether the last that was said of it by the day of the opinion is that the person did not answer."""
    if opinion.said.grade is not Grade.SELF_REPORT:
        return False
    known = (*person.history("answered_self"), person.facts["answered_self"])
    until = [fact for fact in known if recency(fact.said) <= recency(opinion.said)]
    return bool(until) and max(until, key=lambda fact: recency(fact.said)).value is False
