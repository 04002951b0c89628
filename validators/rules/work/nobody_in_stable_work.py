"""有劳动能力且有就业意愿的搬迁家庭平均每户有1人以上实现稳定就业: a household with nobody in stable work (一(二)).

The notice's target is an average, and the report alone speaks of it (DOMAIN §0, reading 1). This is the management
flag beside it: an average of one can hide many households with none. It has no day by which it is due: 2020年年底前
stands before 两不愁三保障, not before this (reading 2).
"""

from collections.abc import Iterator
from datetime import date

from core.spans import FOREVER, Span, birthday
from ledger.model import Household, InterviewState, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.work._record import norms
from validators.verdict import NO, UNKNOWN, YES, Verdict
from validators.work import (
    JOB,
    STANDARD,
    Standard,
    able,
    child,
    counted,
    eligible,
    known_until,
    stable_as_known,
    stable_in,
    willing,
)

_ROUNDS = "work.zero_rounds"


@rule(
    "work/nobody-in-stable-work",
    clause="一(二)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(*STANDARD, _ROUNDS),
)
def nobody_in_stable_work(household: Household, case: Case) -> Iterator[Outcome]:
    """A household with somebody able and willing, in which nobody was in stable work when last asked.

    Each member is judged as of the last day on which anything is known of their work; a member of whom nothing is known
    may be in stable work, and then nothing is said. Critical when it was so in two rounds or more.
    """
    known = {person.id: day for person in household.persons if (day := known_until(person)) is not None}
    if not known:
        return
    on = max(known.values())
    norm = norms(case, on)
    members = [person for person in household.persons if person.left is None]
    seekers = [person for person in members if _seeks(person, norm, case)]
    if not seekers:
        return
    grown = [person for person in members if not child(person, on, norm)]
    if any(_verdict(person, known.get(person.id), on, norm) is not NO for person in grown):
        return
    rounds = _rounds(household, norm)
    critical = rounds >= case.parameters.at(_ROUNDS, on=on, region=household.region).value
    yield Outcome(
        subject=household.id,
        episode="nobody",
        values={"seekers": tuple(person.name for person in seekers), "known_until": on, "rounds": rounds},
        span=Span(on),
        variant=("rounds",) if critical else (),
        severity=Severity.CRITICAL if critical else None,
        evidence=_evidence(members),
    )


def _seeks(person: Person, norm: Standard, case: Case) -> bool:
    """Tell whether a member is of labour age today, able, and wants work, as last said."""
    birth = person.birth_date
    if birth is None or not able(person, FOREVER, norm) or not willing(person, "work_willing", FOREVER):
        return False
    of_age = case.today.reached(birthday(birth, norm.first_age))
    return of_age and not case.today.reached(birthday(birth, norm.last_age + 1))


def _verdict(person: Person, known: date | None, on: date, norm: Standard) -> Verdict:
    """Return the verdict on a grown member as of the last day on which anything is known of their work."""
    verdict = UNKNOWN if known is None else stable_as_known(person, known, norm)
    return counted(person, on, norm, verdict)


def _rounds(household: Household, norm: Standard) -> int:
    """Count the rounds with an interview on whose day the household was eligible and nobody was in stable work."""
    rounds = {
        interview.round
        for interview in household.interviews
        if interview.round is not None
        and interview.state is InterviewState.HEAD
        and eligible(household, interview.said_on, norm) is YES
        and set(stable_in(household, interview.said_on, norm).values()) <= {NO}
    }
    return len(rounds)


def _evidence(members: list[Person]) -> tuple[str, ...]:
    ops = {fact.said.op for person in members if (fact := person.facts.get("work_willing")) is not None}
    for person in members:
        ops.update(person.track(JOB).ops)
    return tuple(sorted(ops))
