"""Checks of one enumerator's or phone's interviews in order: two at once, too fast between, too many a day (Q13)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, pairwise

from core.clock import day_of
from validators.fieldwork.limits import Limits
from validators.fieldwork.model import Measured, Paradata, Values
from validators.fieldwork.profile import Profile

_MOVED_M = 1000  # below it, an hour-long error of a clock would look like a race


def pace(interviews: Sequence[Paradata], profile: Profile, limits: Limits) -> Iterator[Measured]:
    """Yield what is notable in the sequence of one enumerator's interviews; the forms of one visit are one stop.

    Args:
        interviews: all of one enumerator, in any order.
        profile: what is usual in the round.
        limits: the parameters in force.
    """
    timed = sorted(
        (
            (each.started, each.finished, each)
            for each in interviews
            if each.started is not None and each.finished is not None and each.started <= each.finished
        ),
        key=lambda timed: (timed[0], timed[1], timed[2].op),
    )
    found: dict[str, tuple[Paradata, Values]] = {}
    for (_, left, before), (arrived, done, after) in pairwise(timed):
        if values := _between(before, after, left, arrived, done, limits):
            found[after.interview] = after, values
    for each, count in _crowded(timed, profile, limits):
        found.setdefault(each.interview, (each, {}))[1]["in_a_day"] = count
    for each, values in found.values():
        yield Measured("Q13", each.household, each.interview, each.op, values)


def _between(  # noqa: PLR0913 - two interviews and their times
    before: Paradata, after: Paradata, left: datetime, arrived: datetime, done: datetime, limits: Limits
) -> Values:
    if before.household == after.household:
        return {}
    if arrived < left:
        overlap = (min(left, done) - arrived).total_seconds() / 60
        return {"with": before.interview, "minutes": round(overlap, 1)}
    if before.position is None or after.position is None:
        return {}
    metres = before.position.metres_to(after.position)
    hours = max((arrived - left).total_seconds(), 1) / 3600
    speed = metres / 1000 / hours
    if metres > _MOVED_M and speed > limits.pace_speed:
        return {"with": before.interview, "speed": round(speed)}
    return {}


def _crowded(
    timed: Sequence[tuple[datetime, datetime, Paradata]], profile: Profile, limits: Limits
) -> Iterator[tuple[Paradata, int]]:
    """Yield the last interview of each day with too many households, and how many there were.

    Against the median only a day of at least half the limit is told: twice a median of two is no feat.
    """
    usual = profile.usual_day()
    for _, day in groupby(sorted(timed, key=lambda each: each[1]), key=lambda each: day_of(each[1])):
        made = [paradata for *_, paradata in day]
        count = len({each.household for each in made})
        many = usual is not None and count * 100 > usual * limits.pace_median_percent
        if count > limits.pace_per_day or (many and count * 2 > limits.pace_per_day):
            yield made[-1], count
