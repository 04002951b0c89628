"""Two revisions of one interview were made from the same parent: only a person can tell which one holds."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household, InterviewState
from validators.rule import Case, Outcome, Severity, rule


@rule("sync/fork", clause="九(一)", severity=Severity.MAJOR, subject="household")
def fork(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield each interview whose revisions fork; the head counts until one of them is declared void."""
    del case  # neither days nor parameters matter
    for interview in household.interviews:
        if interview.state is InterviewState.FORKED:
            yield Outcome(
                household.id,
                f"interview:{interview.id}",
                {"form": interview.form_id, "said_on": interview.said_on, "others": len(interview.other_ops)},
                span=Span(interview.said_on, interview.said_on),
                evidence=tuple(sorted({interview.op, *interview.other_ops})),
            )
