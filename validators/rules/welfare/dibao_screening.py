"""收入水平仍低于低保标准，符合条件的可享受低保: a household below the standard has no allowance and has not applied."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household, Person
from validators.household import DIBAO, head, income, registration_moved
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered

_RURAL, _URBAN = "welfare.dibao_standard_rural", "welfare.dibao_standard_urban"


@rule(
    "welfare/dibao-screening",
    clause="三(三)",
    severity=Severity.MAJOR,
    subject="household",
    parameters=(_RURAL, _URBAN),
)
def dibao_screening(household: Household, case: Case) -> Iterator[Outcome]:
    """The income a head lies below the standard of place and year, no allowance is paid, and nobody applied.

    It asks for a screening, not for the allowance: property and duty of support are not asked at a door. The standard
    is that of the new place once the head's registration has moved there (已落户的按安置地标准), else of the origin;
    urban for a non-agricultural registration. Income with a source that is not known is not judged.
    """
    earned = income(household, case)
    if earned is None or household.track(DIBAO).now != "no":
        return
    applied = answered(household, "dibao.applied", ("no",), case)
    if applied is None or any("dibao" in _categories(person) for person in household.persons):
        return
    chief = head(household)
    moved = chief is not None and registration_moved(chief, household) is not None
    urban = chief is not None and chief.text("hukou.kind") == "resident"
    place = household.region if moved else household.text("origin") or household.region
    standard = case.parameters.at(_URBAN if urban else _RURAL, on=earned.told, region=place).value
    if earned.a_head < standard:
        yield Outcome(
            subject=household.id,
            episode="screening",
            values={"a_head": round(earned.a_head), "standard": standard},
            span=Span(earned.told),
            variant=("urban",) if urban else (),
            evidence=tuple(sorted({*earned.ops, applied.said.op})),
        )


def _categories(person: Person) -> set[str | None]:
    """Return the categories of support that a member is in now."""
    return {spell.text("category") for spell in person.track("category").spells if spell.end is None}
