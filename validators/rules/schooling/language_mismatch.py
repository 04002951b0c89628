"""A seat in another language of teaching is no transition unless the family accepts it (三(一): 转学衔接)."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import FOREVER, Span
from ledger.model import Person, Spell
from validators.rule import Case, Outcome, Severity, rule
from validators.schooling import COHORT, Pupil, evidence, pupil, school_name

_TAUGHT_IN_CHINESE = frozenset({"han", "both"})


@rule(
    "schooling/language-mismatch",
    clause="三(一)",
    severity=Severity.MAJOR,
    parameters=(*COHORT, "schooling.move_days_before"),
)
def language_mismatch(person: Person, case: Case) -> Iterator[Outcome]:
    """The school that the child changed to in the move teaches in another language than wanted, and nobody accepted it.

    When no wish was stated, the language of the school before counts, but only if the family said it does not accept.
    """
    track = person.tracks.get("schooling")
    move_in = case.household.move_in
    if track is None or not track.spells or move_in is None or track.spells[-1].text("language") is None:
        return
    found = pupil(person, case)
    spell = found.present if found is not None else None
    if found is None or spell is None:
        return
    if spell.start < move_in - timedelta(days=found.setting("schooling.move_days_before", move_in)):
        return
    taught, wanted = spell.text("language"), _wanted(found, spell)
    if taught is not None and wanted is not None and not _fits(taught, wanted):
        yield Outcome(
            subject=person.id,
            episode=f"school:{spell.key}",
            values={"school": school_name(spell), "taught": taught, "wanted": wanted},
            span=Span(spell.start, FOREVER),
            evidence=evidence(found, spell),
        )


def _wanted(found: Pupil, spell: Spell) -> str | None:
    """Return the language wanted, or None when another is accepted or nobody can tell."""
    accepted = spell.fields.get("language_accepted")
    if accepted is None:
        accepted = {"True": True, "False": False}.get(found.person.text("school.language_accepted") or "")
    if accepted is True:
        return None
    stated = found.person.text("school.language_wanted")
    if stated is not None or accepted is None:
        return stated
    return found.schools[-2].text("language") if len(found.schools) > 1 else None


def _fits(taught: str, wanted: str) -> bool:
    """Tell whether a language of teaching serves a wish: who wants Chinese is served where Mongolian is added."""
    return taught == wanted or (wanted == "han" and taught in _TAUGHT_IN_CHINESE)
