"""A revision builds on one that never came: it counts, and only a person can tell whether something is missing."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household, InterviewState
from validators.rule import Case, Outcome, Severity, rule


@rule("sync/parent-missing", clause="九(一)", severity=Severity.MINOR, subject="household")
def parent_missing(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield each interview whose head waited seven days for the revision it builds on, until that comes."""
    del case  # neither days nor parameters matter: the fold has waited
    for interview in household.interviews:
        if interview.state is InterviewState.PARENTLESS:
            yield Outcome(
                household.id,
                f"interview:{interview.id}",
                {"form": interview.form_id, "said_on": interview.said_on},
                span=Span(interview.said_on, interview.said_on),
                evidence=tuple(sorted({interview.op, *interview.other_ops})),
            )
