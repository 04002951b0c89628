"""What double cover and prepaid overlap share: pairs of spells of one branch that cover the same days."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.spans import Span, next_day
from ledger.model import Person, Spell, Track, Value
from validators.insurance import KINDS
from validators.rule import Outcome, Today

_BANNER = 6  # digits of a banner's code (GB/T 2260)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two spells that cover the same days; `first` began no later than `second`."""

    branch: str
    span: Span
    first: Spell
    second: Spell

    @property
    def schemes(self) -> frozenset[str | None]:
        """The schemes of the two."""
        return frozenset((self.first.text("scheme"), self.second.text("scheme")))

    @property
    def prepaid(self) -> bool:
        """Resident cover that was paid for before the employee cover began (without a day of payment: had begun)."""
        if self.schemes != {"res", "emp"}:
            return False
        resident, employee = self.first, self.second
        if resident.fields.get("scheme") != "res":
            resident, employee = employee, resident
        return (resident.day("paid_on") or resident.start) < employee.start

    @property
    def twice(self) -> bool:
        """Two public schemes, or one scheme at two places."""
        if self.schemes == {"res", "emp"}:
            return True
        a, b = self.first.text("place"), self.second.text("place")
        same = len(self.schemes) == 1 and self.schemes <= {"res", "emp"}
        return same and a is not None and b is not None and a[:_BANNER] != b[:_BANNER]


def overlaps(person: Person) -> Iterator[Overlap]:
    """Yield the overlaps of each branch, at most one for each first day and kind."""
    for branch, kind in KINDS.items():
        track = person.tracks.get(kind)
        if track is None or len(track.spells) < 2:  # noqa: PLR2004 - a pair
            continue
        seen: set[tuple[object, bool]] = set()
        for number, first in enumerate(track.spells):
            for second in track.spells[number + 1 :]:
                if second.start > first.days.end:
                    break  # sorted by start: the others begin later still
                for overlap in _shared(branch, track, first, second):
                    if overlap.twice and (overlap.span.start, overlap.prepaid) not in seen:
                        seen.add((overlap.span.start, overlap.prepaid))
                        yield overlap


def _shared(branch: str, track: Track, first: Spell, second: Spell) -> Iterator[Overlap]:
    """Yield the days that two spells share and that the ledger holds to be covered."""
    start, end = max(first.days.start, second.days.start), min(first.days.end, second.days.end)
    for span in track.covered:
        if span.start <= end and start <= span.end:
            yield Overlap(branch, Span(max(span.start, start), min(span.end, end)), first, second)


def runs(overlap: Overlap, person: Person, today: Today) -> bool:
    """Tell whether an overlap has begun and, as far as is known, goes on: what is over cannot be stopped any more."""
    asked = person.track(KINDS[overlap.branch]).asked
    over = next_day(min(overlap.first.stated_end, overlap.second.stated_end))
    told_over = asked is not None and overlap.span.end < asked.on
    return today.reached(overlap.span.start) and not told_over and not today.reached(over)


def outcome_of(person: Person, overlap: Overlap) -> Outcome:
    """Return the outcome of an overlap."""
    variants = {"student"} & {overlap.first.text("member_type"), overlap.second.text("member_type")}
    values: dict[str, Value] = {
        "branch": overlap.branch,
        "schemes": tuple(sorted(filter(None, overlap.schemes))),
    }
    places = tuple(sorted({place for s in (overlap.first, overlap.second) if (place := s.text("place"))}))
    values["places"] = places
    if len(overlap.schemes) == 1:
        variants.add("two_places")
    return Outcome(
        subject=person.id,
        episode=f"{overlap.branch}:{overlap.span.start.isoformat()}",
        values=values,
        span=overlap.span,
        variant=tuple(sorted(filter(None, variants))),
        evidence=tuple(sorted({*overlap.first.ops, *overlap.second.ops})),
    )
