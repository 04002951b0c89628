"""What is usual in a round: medians of duration and of a day's work, centres of sites, answers that nearly all give."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from core.clock import day_of
from validators.fieldwork.model import Paradata, Position

_CONSTANT = 0.95  # an answer that so many give tells two interviews apart for nobody
_ENOUGH = 5  # of fewer, no median is told
_DIGITS = 6  # decimals of a degree: about 0.1 m


@dataclass(slots=True)
class Profile:
    """What is usual among some interviews; add them all, then ask.

    Memory grows with the number of interviews by a few numbers each, never by answers.
    """

    _minutes: dict[tuple[str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    _days: Counter[tuple[str, date]] = field(default_factory=Counter)
    _sites: dict[str, list[Position]] = field(default_factory=lambda: defaultdict(list))
    _places: dict[tuple[float, float], set[str]] = field(default_factory=lambda: defaultdict(set))
    _given: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @classmethod
    def of(cls, interviews: Iterable[Paradata]) -> "Profile":
        """Return the profile of some interviews."""
        profile = cls()
        for each in interviews:
            profile.add(each)
        return profile

    def add(self, paradata: Paradata) -> None:
        """Take in one interview."""
        if (minutes := paradata.minutes) is not None and minutes > 0:
            self._minutes[paradata.form_id, paradata.size].append(minutes)
        if paradata.finished is not None:
            self._days[paradata.user, day_of(paradata.finished)] += 1
        if paradata.position is not None:
            self._sites[paradata.site].append(paradata.position)
            self._places[_exact(paradata.position)].add(paradata.household)
        for path, answer in paradata.items.items():
            self._given[f"{paradata.form_id}{path}"][answer] += 1

    def usual_minutes(self, paradata: Paradata) -> float | None:
        """Return the median duration of the same form and size of household; None when there are too few."""
        minutes = self._minutes.get((paradata.form_id, paradata.size), ())
        return median(minutes) if len(minutes) >= _ENOUGH else None

    def usual_day(self) -> float | None:
        """Return the median number of interviews of an enumerator's day; None when there are too few."""
        return median(self._days.values()) if len(self._days) >= _ENOUGH else None

    def centre(self, site: str) -> Position | None:
        """Return the median position of a site's interviews; None when there are too few."""
        places = self._sites.get(site, ())
        if not site or len(places) < _ENOUGH:
            return None
        return Position(median(place.lat for place in places), median(place.lon for place in places))

    def shared_by(self, position: Position) -> int:
        """Return how many households' interviews name this very position."""
        return len(self._places.get(_exact(position), ()))

    def tells_apart(self, form_id: str, path: str) -> bool:
        """Tell whether the answers to a question differ enough to tell interviews apart."""
        given = self._given.get(f"{form_id}{path}")
        return given is not None and max(given.values()) < _CONSTANT * given.total()


def _exact(position: Position) -> tuple[float, float]:
    return round(position.lat, _DIGITS), round(position.lon, _DIGITS)
