"""Education does not go down, and goes up no faster than school takes (Q6)."""

from collections.abc import Iterator, Mapping

from core.spans import Span, birthday
from ledger.model import Fact, Grade, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops

_YEARS = "quality.education_years"
_LEVELS: Mapping[object, int] = {"99": 0, "81": 1, "71": 2, "61": 3, "31": 4, "21": 5}


@rule("quality/education-changed", clause="九(一)", severity=Severity.MINOR, parameters=(_YEARS,))
def education_changed(person: Person, case: Case) -> Iterator[Outcome]:
    """The education told last is lower than the one told before (`lower`), or higher by more levels than time allows.

    One level may be completed at any time; each further one takes some years. What the office corrected is settled.
    """
    told = [fact for fact in person.history("education") if fact.value in _LEVELS]
    if len(told) < 2 or told[-1].said.grade is Grade.OFFICE or not case.today.reached(told[-1].said.on):  # noqa: PLR2004 - a change has two sides
        return
    before, after = told[-2], told[-1]
    gained = _LEVELS[after.value] - _LEVELS[before.value]
    years = int(case.parameters.at(_YEARS, on=before.said.on).value)
    if gained < 0 or (gained > 1 and not _had_time(before, after, years * (gained - 1))):
        yield Outcome(
            subject=person.id,
            episode=f"education:{after.said.on.isoformat()}",
            values={"was": str(before.value), "now": str(after.value)},
            span=Span(before.said.on, after.said.on),
            variant=("lower",) if gained < 0 else (),
            evidence=ops(before, after),
        )


def _had_time(before: Fact, after: Fact, years: int) -> bool:
    return birthday(before.said.on, years) <= after.said.on
