"""The ledger was told two things that cannot both hold; both are kept, the stronger is shown, a person compares."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from core.spans import Span, Spans
from forms.facts import FactType
from ledger.dictionary import dictionary
from ledger.model import Contradiction, Household
from validators.rule import Case, Outcome, Severity, rule


@rule("ledger/contradiction", clause="九(一)", severity=Severity.MINOR, subject="household")
def contradiction(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield each fact of each subject that was stated differently.

    Of several statements about one fact the latest is named beside the one that holds. Numbers that identify a person
    are not repeated in a finding (variant `sealed`).
    """
    del case  # neither days nor parameters matter
    told: dict[tuple[str, str], list[Contradiction]] = defaultdict(list)
    for each in household.contradictions:
        told[each.subject, each.fact].append(each)
    for (subject, fact), contradictions in told.items():
        last = max(contradictions, key=lambda each: (each.other_by.on, each.other_by.op, each.other))
        days = Spans(span for each in contradictions for span in each.days)
        sealed, disputed = _is_sealed(fact), bool(days)
        yield Outcome(
            subject,
            f"fact:{fact}",
            {
                "fact": fact,
                "held": "" if sealed else last.held,
                "other": "" if sealed else last.other,
                "held_on": last.held_by.on,
                "other_on": last.other_by.on,
            },
            span=_around(days),
            variant=tuple(name for name, holds in (("days", disputed), ("sealed", sealed)) if holds),
            evidence=tuple(
                sorted({said.op for each in contradictions for said in (each.held_by, each.other_by)})
            ),
        )


@cache
def _is_sealed(fact: str) -> bool:
    """Tell whether a fact is a number that identifies or reaches a person."""
    specs = (
        spec
        for spec in dictionary().facts.values()
        if fact in {spec.name, f"{spec.level.partition(':')[2]}.{spec.name}"}
    )
    return any(spec.type is FactType.IDENTIFIER or spec.name == "phone" for spec in specs)


def _around(days: Spans) -> Span | None:
    return Span(days.start, days.end) if days.start is not None and days.end is not None else None
