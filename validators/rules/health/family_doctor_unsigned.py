"""针对因病致贫搬迁户，落实家庭医生签约服务: a household poor through illness has no family doctor."""

from collections.abc import Iterator

from ledger.model import Household, Person
from validators.rule import Case, Outcome, Severity, rule

_ILLNESS = "illness"
_ILL = {"chronic", "major"}


@rule("health/family-doctor-unsigned", clause="三(二)", severity=Severity.MAJOR, subject="household")
def family_doctor_unsigned(household: Household, case: Case) -> Iterator[Outcome]:
    """Illness is a cause of the household's poverty, and none of its members is signed with a family doctor.

    Known only when each ill member (each member, when nobody is known to be ill) was asked and said no.
    """
    if not poor_through_illness(household):
        return
    present = [person for person in household.persons if person.left is None]
    asked = [person for person in present if is_ill(person)] or present
    tracks = [person.tracks.get("family_doctor") for person in present]
    if any(track is not None and track.now == "yes" for track in tracks):
        return
    told = [person.track("family_doctor") for person in asked]
    if not told or not all(track.now == "no" and track.asked for track in told):
        return
    if all(case.today.reached(track.asked.on) for track in told if track.asked):
        yield Outcome(
            subject=household.id,
            episode="unsigned",
            values={"ill": sum(is_ill(person) for person in present)},
            evidence=tuple(sorted({track.asked.op for track in told if track.asked})),
        )


def poor_through_illness(household: Household) -> bool:
    """Tell whether illness is the main cause of the household's poverty or another one."""
    other = household.facts.get("cause_other")
    return household.text("cause") == _ILLNESS or (
        other is not None and isinstance(other.value, tuple) and _ILLNESS in other.value
    )


def is_ill(person: Person) -> bool:
    """Tell whether the person has a long-term or a major illness."""
    health = person.facts.get("health")
    return health is not None and isinstance(health.value, tuple) and not _ILL.isdisjoint(health.value)
