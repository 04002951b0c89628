"""Student aid goes on after the move (七(三): 子女进城上学享受国家、自治区和我市的各项学生资助政策不变)."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from core.spans import Span, Spans, next_day
from ledger.model import Person, Spell
from validators.rule import Case, Outcome, Severity, Term, rule
from validators.schooling import terms_in

_COMPULSORY = frozenset({"primary", "junior"})
_STAGES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "two_free": _COMPULSORY,
        "boarding": _COMPULSORY,
        "nutrition": _COMPULSORY,
        "preschool": frozenset({"kindergarten"}),
        "senior_fee": frozenset({"senior"}),
        "senior_grant": frozenset({"senior"}),
        "vocational_fee": frozenset({"vocational"}),
        "vocational_grant": frozenset({"vocational"}),
        "yulu": frozenset({"vocational", "higher"}),
    }
)
_BACK = timedelta(days=365)  # the last terms before the move lie within a year


@rule("schooling/aid-interrupted", clause="七(三)", severity=Severity.MAJOR)
def aid_interrupted(person: Person, case: Case) -> Iterator[Outcome]:
    """An aid received in the term before the move was not received in the first full term after it.

    Said when that term is over, if somebody stated in or after it that the aid was not received on days of it, and the
    pupil was in a school of a stage that the aid is for. Senior and vocational pupils count too.
    """
    move_in = case.household.move_in
    track = person.tracks.get("school.aid")
    if track is None or move_in is None or person.left is not None:
        return
    before = [spell for spell in track.spells if spell.start <= move_in]
    if not before:
        return
    first = case.calendar.next_term(move_in, case.household.region)
    if first is None or not case.today.reached(next_day(first.span.end)):
        return
    known = (track.covered | track.absent) & Spans((first.span,))
    window = _before_move(move_in, case)
    for aid in sorted({spell.text("aid") or "" for spell in before if window and spell.days.meets(window)}):
        received = Spans(spell.days for spell in track.spells if spell.text("aid") == aid)
        missing = known - received
        if missing and not received & Spans((first.span,)) and _entitled(person, aid, first):
            yield Outcome(
                subject=person.id,
                episode=f"aid:{aid}",
                values={"aid": aid, "term": first.school_year, "known_until": missing.end or first.span.end},
                span=first.span,
                evidence=track.ops,
            )


def _before_move(move_in: date, case: Case) -> Span | None:
    """Return the days from the start of the last full term before the move to the move."""
    terms = [term for term in terms_in(Span(move_in - _BACK, move_in), case) if term.span.start < move_in]
    full = [term for term in terms if term.span.end < move_in]
    start = (full or terms)[-1].span.start if terms else None
    return None if start is None else Span(start, move_in)


def _entitled(person: Person, aid: str, term: Term) -> bool:
    """Tell whether the pupil was in a school of the aid's stage in a term; who boards no more gets no boarding aid."""
    spells = [spell for spell in person.track("schooling").spells if spell.days.meets(term.span)]
    return any(_for_stage(spell, aid) for spell in spells)


def _for_stage(spell: Spell, aid: str) -> bool:
    if aid == "boarding" and spell.fields.get("boarding") is False:
        return False
    stage = spell.text("stage")
    return stage is None or aid not in _STAGES or stage in _STAGES[aid]
