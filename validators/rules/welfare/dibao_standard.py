"""已经落户的搬迁群众可按安置地标准纳入低保: the allowance still follows the standard of the origin."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.household import DIBAO, head, registration_moved
from validators.rule import Case, Outcome, Severity, rule


@rule("welfare/dibao-standard", clause="三(三)", severity=Severity.MINOR, subject="household")
def dibao_standard(household: Household, case: Case) -> Iterator[Outcome]:
    """The head's registration has moved to the new place, and the allowance follows the standard of another banner."""
    track = household.track(DIBAO)
    chief = head(household) if track.now == "yes" else None
    moved = None if chief is None else registration_moved(chief, household)
    if moved is None or not case.today.reached(moved.start):
        return
    for spell in track.spells:
        place = spell.text("standard_place")
        if spell.end is None and place is not None and place[:6] != household.region[:6]:
            yield Outcome(
                subject=household.id,
                episode=f"standard:{spell.start.isoformat()}",
                values={"place": place},
                span=Span(max(spell.start, moved.start)),
                evidence=tuple(sorted({*spell.ops, *moved.ops})),
            )
