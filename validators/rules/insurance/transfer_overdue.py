"""做好转移接续: a transfer that was applied for is not finished in time."""

from collections.abc import Iterator

from core.spans import Span, next_day
from ledger.model import Person
from validators.insurance import KINDS, MEDICAL
from validators.rule import Case, Outcome, Severity, rule

_UNDER_WAY = frozenset({"applied", "sent", "received"})


@rule(
    "insurance/transfer-overdue",
    clause="三(三)",
    severity=Severity.MAJOR,
    parameters=("insurance.medical.transfer_working_days", "insurance.pension.transfer_working_days"),
)
def transfer_overdue(person: Person, case: Case) -> Iterator[Outcome]:
    """An application is older than the working days in force when it was made: medical 10+5, pension 15+15+15.

    Resident medical cover is never transferred within the year: one joins the new place for the next.
    """
    for branch, kind in KINDS.items():
        track = person.tracks.get(kind)
        if track is None:
            continue
        named: set[str] = set()
        for spell in track.spells:
            applied = spell.day("transfer.applied_on")
            if applied is None or spell.fields.get("transfer.state") not in _UNDER_WAY:
                continue
            if branch == MEDICAL and spell.fields.get("scheme") == "res":
                continue
            allowed = case.parameters.at(f"insurance.{branch}.transfer_working_days", on=applied).value
            deadline = case.calendar.add_working_days(applied, allowed)
            episode = f"{branch}:{applied.isoformat()}"
            if person.left is None and episode not in named and case.today.reached(next_day(deadline)):
                named.add(episode)
                yield Outcome(
                    subject=person.id,
                    episode=episode,
                    values={"branch": branch, "applied": applied, "allowed": allowed, "deadline": deadline},
                    span=Span(next_day(deadline)),
                    evidence=tuple(sorted(set(spell.ops))),
                )
