"""One resident ID number stands in two households that both live."""

from collections.abc import Iterator

from core.spans import FOREVER, Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags


@rule(
    "fieldwork/shared-resident-id",
    clause="九(一)",
    severity=Severity.CRITICAL,
    subject="household",
    at_door=False,
)
def shared_resident_id(household: Household, case: Case) -> Iterator[Outcome]:
    """Yield members whose number another household's member has too, at the same time (Q5).

    Both households are told. A flag is withdrawn by the next check when one of them left, or the number was corrected.
    """
    del case  # neither days nor parameters matter
    for flag in flags(household, "Q5"):
        person = household.person(flag.subject)
        if person is not None and person.left is None and person.text("resident_id"):
            yield Outcome(
                person.id,
                "Q5",
                {"other": str(flag.values.get("other", ""))},
                Span(flag.on, FOREVER),
                evidence=(flag.by,),
            )
