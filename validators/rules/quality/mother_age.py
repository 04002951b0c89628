"""A mother is old enough, and not too old, for her child (Q8)."""

from collections.abc import Iterator

from core.spans import age_on
from ledger.model import Household, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import ops, stated

_LEAST, _MOST = "quality.mother_age_least", "quality.mother_age_most"
_HEAD, _SPOUSE, _MOTHER = "02", "10", "52"
_CHILDREN = ("20", "30")
_FEMALE = "2"


@rule(
    "quality/mother-age",
    clause="九(一)",
    severity=Severity.MINOR,
    subject="household",
    parameters=(_LEAST, _MOST),
)
def mother_age(household: Household, case: Case) -> Iterator[Outcome]:
    """A woman and her child, by their relations to the head, lie too few or too many years apart.

    Adopted children are none. A second wife's stepchildren cannot be told from her own: a person looks.
    """
    for mother, child in _pairs(household):
        born, birth = stated(mother, "birth_date", case), stated(child, "birth_date", case)
        if born is None or birth is None or mother.birth_date is None or child.birth_date is None:
            continue
        age = age_on(mother.birth_date, child.birth_date)
        least = case.parameters.at(_LEAST, on=child.birth_date).value
        most = case.parameters.at(_MOST, on=child.birth_date).value
        if not least <= age <= most:
            yield Outcome(
                subject=child.id,
                episode=f"mother:{mother.id}",
                values={"mother": mother.name, "age": age},
                evidence=ops(born, birth),
            )


def _pairs(household: Household) -> Iterator[tuple[Person, Person]]:
    """Yield mothers with their children, as far as relations to the head tell."""
    told: dict[str, list[Person]] = {}
    for person in household.persons:
        if person.life:
            told.setdefault(person.text("relation") or "", []).append(person)
    heads = told.get(_HEAD, [])
    parents = [each for each in (*heads, *told.get(_SPOUSE, [])) if each.text("sex") == _FEMALE]
    children = [
        each for code in _CHILDREN for each in told.get(code, []) if each.text("entry.event") != "adoption"
    ]
    for mother in parents:
        for child in children:
            yield mother, child
    for mother in told.get(_MOTHER, []):
        for child in heads:
            yield mother, child
