"""做好转移接续: a transfer is needed and nobody has applied for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from core.spans import Span, birthday
from ledger.model import Person, Spell
from validators.insurance import KINDS, MEDICAL, PENSION
from validators.rule import Case, Outcome, Parameters, Severity, rule

_NOT_APPLIED = frozenset({"none", "rejected"})


@dataclass(frozen=True, slots=True)
class _Need:
    """A transfer that is needed: the spell that says it was not applied for, from where to where, since when."""

    spell: Spell
    origin: str
    place: str
    since: date


@rule(
    "insurance/transfer-not-applied",
    clause="三(三)",
    severity=Severity.MINOR,
    parameters=(
        "insurance.medical.pool_digits",
        "insurance.pension.employee_area_digits",
        "insurance.pension.resident_area_digits",
        "insurance.pension.benefit_age",
        "insurance.transfer_apply_days",
    ),
)
def transfer_not_applied(person: Person, case: Case) -> Iterator[Outcome]:
    """A needed transfer was not applied for, or was rejected, so many days after the new cover (or hukou) began.

    Needed: employee medical cover in another pool; employee pension in another area; resident pension once the hukou
    moved to another area. Never: resident medical cover, a pension in payment, from 60 on. Not asked is not `none`.
    """
    if person.left is not None:
        return
    for branch, kind in KINDS.items():
        track = person.tracks.get(kind)
        if track is None or not any(s.fields.get("transfer.state") in _NOT_APPLIED for s in track.spells):
            continue
        if branch == PENSION and any(s.fields.get("state") == "in_payment" for s in track.spells):
            continue
        named: set[date] = set()
        for need in _needs(person, branch, track.spells, case.parameters):
            if need.since not in named and _overdue(person, branch, need, case):
                named.add(need.since)
                yield Outcome(
                    subject=person.id,
                    episode=f"{branch}:{need.since.isoformat()}",
                    values={
                        "branch": branch,
                        "origin": need.origin,
                        "place": need.place,
                        "since": need.since,
                    },
                    span=Span(need.since),
                    variant=("rejected",) if need.spell.fields["transfer.state"] == "rejected" else (),
                    evidence=tuple(sorted(set(need.spell.ops))),
                )


def _overdue(person: Person, branch: str, need: _Need, case: Case) -> bool:
    allowed = case.parameters.at("insurance.transfer_apply_days", on=need.since).value
    if not case.today.reached(need.since + timedelta(days=allowed + 1)):
        return False
    if branch == MEDICAL or person.birth_date is None:
        return True
    benefit_age = case.parameters.at("insurance.pension.benefit_age", on=need.since).value
    return not case.today.reached(birthday(person.birth_date, benefit_age))


def _needs(person: Person, branch: str, spells: tuple[Spell, ...], params: Parameters) -> Iterator[_Need]:
    """Yield the transfers that are needed and that a spell says were not applied for."""
    digits = (
        "insurance.medical.pool_digits" if branch == MEDICAL else "insurance.pension.employee_area_digits"
    )
    employee = [spell for spell in spells if spell.fields.get("scheme") == "emp"]
    for old, new in pairwise(employee):
        origin, place = _place(old), _place(new)
        if origin is not None and place is not None and new.fields.get("transfer.state") in _NOT_APPLIED:
            length = params.at(digits, on=new.start, region=place).value
            if origin[:length] != place[:length]:
                yield _Need(new, origin, place, new.start)
    if branch == PENSION:
        yield from _resident_needs(person, spells, params)


def _resident_needs(person: Person, spells: tuple[Spell, ...], params: Parameters) -> Iterator[_Need]:
    """Yield moves of the hukou to another area that the resident pension has not followed."""
    resident = [spell for spell in spells if spell.fields.get("scheme") == "res"]
    if not resident or resident[-1].fields.get("transfer.state") not in _NOT_APPLIED:
        return
    for old, new in pairwise(person.track("hukou").spells):
        origin, place = old.text("place"), new.text("place")
        if origin is None or place is None:
            continue
        length = params.at("insurance.pension.resident_area_digits", on=new.start, region=place).value
        paid_there = any((spell.text("place") or "")[:length] == origin[:length] for spell in resident)
        if origin[:length] != place[:length] and paid_there:
            yield _Need(resident[-1], origin, place, new.start)


def _place(spell: Spell) -> str | None:
    return spell.text("pool") or spell.text("place")
