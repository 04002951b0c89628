"""Pay against that of others who do the same work in a place of the same kind (Q10, ipacheckoutliers)."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from math import exp, floor, log, sqrt
from typing import NamedTuple

from core.spans import FOREVER
from ledger.model import Grade, Household, Person
from validators.fieldwork.limits import Limits
from validators.fieldwork.model import Measured, Values

PAY = "work.pay_month"
_JOB = "job"
_BINS = 100  # of the natural logarithm: pay is told apart to one percent, and a group has some thousand bins at most
_LEAST_IQR = 0.2  # where nearly all earn the same, a fifth more is nothing odd
_IQR_OF_SD = 1.349  # of a normal distribution
_TENS = 10

Group = tuple[str, str]
"""Occupation (GB/T 6565) and where the work is: in the banner, the city, the region, elsewhere."""


class Earned(NamedTuple):
    """Pay of a month that somebody told: whose, in which group, how much, by which op."""

    person: str
    group: Group
    amount: float
    op: str


class _Shape(NamedTuple):
    """Of a group, on the logarithm: quartiles and median, mean, standard deviation."""

    low: float
    middle: float
    high: float
    mean: float
    deviation: float


class Spread:
    """How the pay of a group is spread, on a logarithmic scale; add all of it, then ask.

    Memory is constant: a count for each hundredth of the logarithm. Whatever the order, the answers are the same.
    """

    __slots__ = ("_bins", "_shape")

    def __init__(self) -> None:
        self._bins: Counter[int] = Counter()
        self._shape: _Shape | None = None

    def add(self, amount: float) -> None:
        """Take in one amount above nothing."""
        self._bins[floor(log(amount) * _BINS)] += 1
        self._shape = None

    @property
    def persons(self) -> int:
        """How many were taken in."""
        return self._bins.total()

    def apart(self, amount: float) -> tuple[float, float]:
        """Return how far an amount lies beyond the quartiles, in their distance, and from the mean, in deviations."""
        shape, place = self._told(), log(amount)
        beyond = max(place - shape.high, shape.low - place, 0.0)
        return beyond / max(shape.high - shape.low, _LEAST_IQR), abs(place - shape.mean) / shape.deviation

    def usual(self) -> float:
        """Return the median amount."""
        return exp(self._told().middle)

    def _told(self) -> _Shape:
        if self._shape is None:
            self._shape = self._made()
        return self._shape

    def _made(self) -> _Shape:
        bins, persons = sorted(self._bins.items()), self.persons
        places = [(number + 0.5) / _BINS for number, _ in bins]
        until = list(accumulate(of for _, of in bins))

        def quantile(share: float) -> float:
            rank = share * (persons - 1)
            below = places[bisect_right(until, floor(rank))]
            above = places[bisect_right(until, min(floor(rank) + 1, persons - 1))]
            return below + (above - below) * (rank - floor(rank))

        mean = sum(place * of for place, (_, of) in zip(places, bins, strict=True)) / persons
        square = sum((place - mean) ** 2 * of for place, (_, of) in zip(places, bins, strict=True))
        deviation = max(sqrt(square / max(persons - 1, 1)), _LEAST_IQR / _IQR_OF_SD)
        return _Shape(quantile(0.25), quantile(0.5), quantile(0.75), mean, deviation)


def earned(home: Household) -> Iterator[Earned]:
    """Yield the pay that members told, of whom it is known what they work as and where.

    What the office corrected is settled and is not measured.
    """
    for person in home.persons:
        pay, group = person.facts.get(PAY), _group(person)
        if pay is None or group is None or pay.said.grade is Grade.OFFICE or person.left is not None:
            continue
        if isinstance(pay.value, (int, float)) and pay.value > 0:
            yield Earned(person.id, group, pay.value, pay.said.op)


def _group(person: Person) -> Group | None:
    """Return occupation and place of the job that is held now, the one begun last; None when either is not known."""
    track = person.track(_JOB)
    jobs = [spell for spell in track.spells if (spell.end or FOREVER) == FOREVER]
    if not jobs or track.now == "no":
        return None
    occupation, where = jobs[-1].text("occupation"), jobs[-1].text("where")
    return None if not occupation or not where else (occupation, where)


def outlying(home: str, told: Earned, spread: Spread, limits: Limits) -> Iterator[Measured]:
    """Yield pay that lies far from that of its group, if the group is large enough.

    The amount goes into no flag: it is told how far apart it lies, in tenths, so that a group that grows says nothing
    anew.

    Args:
        home: the household's id.
        told: what was earned.
        spread: of all in its group.
        limits: the parameters in force.
    """
    if spread.persons < limits.pay_group:
        return
    iqrs, deviations = (round(each, 1) for each in spread.apart(told.amount))
    if is_outlying(iqrs, deviations, limits.pay_by, limits.pay_iqr, limits.pay_deviations):
        values: Values = {
            "iqrs": iqrs,
            "deviations": deviations,
            "side": "high" if told.amount > spread.usual() else "low",
            "persons": spread.persons // _TENS * _TENS,
        }
        yield Measured("Q10", home, told.person, told.op, values)


def is_outlying(iqrs: float, deviations: float, by: str, most_iqr: float, most_deviations: float) -> bool:
    """Tell whether pay lies too far apart: by quartiles (`iqr`), or by standard deviations (`sd`)."""
    return deviations > most_deviations if by == "sd" else iqrs > most_iqr
