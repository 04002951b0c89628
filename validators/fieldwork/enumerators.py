"""Checks of enumerators against each other: missing answers, and values that are always confirmed (Q16, Q17)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import mean, stdev

from validators.fieldwork.limits import Limits
from validators.fieldwork.model import Measured, Paradata, Values

_KINDS = ("unsure", "refused", "other")
_TWO = 2  # values, for a deviation


@dataclass(slots=True)
class Tally:
    """What one enumerator's interviews add up to."""

    region: str
    interviews: int = 0
    items: int = 0
    unsure: int = 0
    refused: int = 0
    other: int = 0
    with_shown: int = 0
    all_confirmed: int = 0

    def add(self, paradata: Paradata) -> None:
        """Take in one interview."""
        self.interviews += 1
        self.items += len(paradata.items)
        for kind in _KINDS:
            setattr(self, kind, getattr(self, kind) + getattr(paradata, kind))
        if paradata.shown:
            self.with_shown += 1
            self.all_confirmed += paradata.confirmed == paradata.shown

    def rate(self, kind: str) -> float:
        """Return the answers of a kind in a hundred."""
        return float(getattr(self, kind)) * 100 / max(self.items, 1)


def tallies(interviews: Iterable[Paradata]) -> dict[str, Tally]:
    """Return each enumerator's tally by user id; the region is the banner of the first interview."""
    found: dict[str, Tally] = {}
    for each in interviews:
        found.setdefault(each.user, Tally(each.region[:6])).add(each)
    return found


def of_enumerators(found: Mapping[str, Tally], limits: Limits) -> Iterator[Measured]:
    """Yield what is notable of enumerators with enough interviews.

    Args:
        found: tallies of one round by user id.
        limits: the parameters in force.
    """
    enough = {
        user: tally for user, tally in found.items() if tally.interviews >= limits.enumerator_interviews
    }
    for kind in _KINDS:
        rates = [tally.rate(kind) for tally in enough.values()]
        if len(rates) < _TWO:
            continue
        usual, most = mean(rates), mean(rates) + limits.enumerator_deviations * stdev(rates)
        for user, tally in sorted(enough.items()):
            if tally.rate(kind) > most:
                values: Values = {
                    "kind": kind,
                    "rate": round(tally.rate(kind), 1),
                    "usual": round(usual, 1),
                }
                yield Measured("Q16", f"banner:{tally.region}", f"{user}/{kind}", "", values)
    for user, tally in sorted(enough.items()):
        share = tally.all_confirmed * 100 / max(tally.with_shown, 1)
        if tally.with_shown >= limits.enumerator_interviews and share > limits.confirmed_percent:
            told: Values = {"percent": round(share, 1), "interviews": tally.with_shown}
            yield Measured("Q17", f"banner:{tally.region}", user, "", told)
