"""What rules on welfare and rights share: income a head, the allowance, a move of registration. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from ledger.model import Fact, Household, Person, Spell
from validators.rule import Case
from validators.stated import ops, stated

DIBAO = "dibao"
MOVE_DAYS = "welfare.dibao_move_days"
_BEFORE_MOVING_IN = timedelta(days=90)  # a registration may move while the dwelling is being handed over
_SOURCES = ("income.wage", "income.business", "income.property", "income.transfer")


class Income(NamedTuple):
    """Yearly income a head (yuan), the day on which it was told, the ops that told it."""

    a_head: float
    told: date
    ops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Break:
    """Days without the allowance that began at the move.

    Attributes:
        before: the spell that ended.
        after: the spell that began later; None when there is none yet.
        known_until: the last day of which it is known that there was none.
    """

    before: Spell
    after: Spell | None
    known_until: date


def income(household: Household, case: Case) -> Income | None:
    """Return the income a head over the last twelve months; None when a source is not known.

    Who left the household before it was told does not count.
    """
    if _SOURCES[0] not in household.facts:
        return None
    facts = [stated(household, name, case) for name in _SOURCES]
    known: list[Fact] = [fact for fact in facts if fact is not None]
    if len(known) < len(_SOURCES):
        return None
    told = max(fact.said.on for fact in known)
    heads = sum(person.left is None or person.left >= told for person in household.persons)
    total = sum(float(fact.value) for fact in known if isinstance(fact.value, (int, float)))
    return Income(total / heads, told, ops(*known)) if heads else None


def registration_moved(person: Person, household: Household) -> Spell | None:
    """Return the spell of registration at the new place that began with the move or later, or None.

    A registration in the same banner that did not begin anew has not moved.
    """
    track = person.tracks.get("hukou")
    move_in = household.move_in
    if track is None or move_in is None:
        return None
    around = move_in - _BEFORE_MOVING_IN
    banner = household.region[:6]
    return next(
        (s for s in track.spells if s.start >= around and (s.text("place") or "")[:6] == banner), None
    )


def head(household: Household) -> Person | None:
    """Return the head of the household, or None when nobody is known to be it."""
    return next((p for p in household.persons if p.text("relation") == "02" and p.left is None), None)


def allowance_breaks(household: Household, case: Case) -> tuple[Break, ...]:
    """Return the breaks of the minimum living allowance that began around the move.

    Around is some days before moving in up to as many after it; a rule that calls this declares `MOVE_DAYS`.
    """
    track = household.track(DIBAO)
    move_in = household.move_in
    if not track.spells or move_in is None:
        return ()
    days = timedelta(days=int(case.parameters.at(MOVE_DAYS, on=move_in, region=household.region).value))
    found = []
    for index, spell in enumerate(track.spells):
        if spell.end is None or abs(spell.end - move_in) > days:
            continue
        after = track.spells[index + 1] if index + 1 < len(track.spells) else None
        absent = [span for span in track.absent if span.start > spell.end]
        if absent:
            until = absent[-1].end if after is None else absent[0].end
            found.append(Break(spell, after, until))
    return tuple(found)
