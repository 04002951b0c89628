"""落实基本公共卫生及家庭医生签约服务: the family doctor has not seen a chronically ill person for too long."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, next_day
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule

_DAYS = "health.visit_days"
_CHRONIC = "chronic"


@rule("health/family-doctor-visit", clause="三(二)", severity=Severity.MAJOR, parameters=(_DAYS,))
def family_doctor_visit(person: Person, case: Case) -> Iterator[Outcome]:
    """Somebody with a long-term illness is signed, and the last visit (else the signing) was too long ago.

    Only where somebody asked after those days had passed: what was told before says nothing about a later visit.
    """
    track = person.tracks.get("family_doctor")
    health = person.facts.get("health")
    ill = health is not None and isinstance(health.value, tuple) and _CHRONIC in health.value
    if track is None or track.now != "yes" or not ill or person.left is not None or track.asked is None:
        return
    spell = track.spells[-1] if track.spells else None
    if spell is None or spell.end is not None:
        return
    last = max(spell.start, spell.day("last_visit") or spell.start)
    days = int(case.parameters.at(_DAYS, on=last, region=case.household.region).value)
    first = next_day(last + timedelta(days=days))
    if track.asked.on >= first and case.today.reached(track.asked.on):
        yield Outcome(
            subject=person.id,
            episode=f"visit:{last.isoformat()}",
            values={"last": last, "days": days},
            span=Span(first),
            evidence=tuple(sorted(set(spell.ops))),
        )
