"""Two interviews were made of one household in one round with one form: only a person can tell which one holds."""

from collections import defaultdict
from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household, Interview, InterviewState
from validators.rule import Case, Outcome, Severity, rule


@rule("sync/contested", clause="九(一)", severity=Severity.MAJOR, subject="household")
def contested(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield each round and form with more than one interview that counts, until only one is left."""
    del case  # neither days nor parameters matter
    rivals: dict[tuple[str, str], list[Interview]] = defaultdict(list)
    for interview in household.interviews:
        if interview.state is InterviewState.CONTESTED:
            rivals[interview.round or "", interview.form_id].append(interview)
    for (round_id, form), interviews in rivals.items():
        days = sorted(interview.said_on for interview in interviews)
        ops = {interview.op for interview in interviews}
        yield Outcome(
            household.id,
            f"round:{round_id}:{form}",
            {"form": form, "count": len(interviews), "days": tuple(day.isoformat() for day in days)},
            span=Span(days[0], days[-1]),
            evidence=tuple(sorted(ops.union(*(interview.other_ops for interview in interviews)))),
        )
